"""What became of a file, in sentences: for the command's lines and the screen's page alike."""

from collections.abc import Iterator
from typing import Literal

from tui.plan.importers.found import Taken
from tui.text import say

State = Literal["done", "warning", "failed", "info"]


def told(taken: Taken) -> Iterator[tuple[State, str]]:
    """Taken (done), kept as decided (warning), not understood (failed), and what else is worth knowing (info)."""
    for change in taken.changes:
        before = say("  (was {old})", old=change.old) if change.old else ""
        yield "done", f"{change.path}: {change.new}{before}"
    for conflict in taken.conflicts:
        what = say("{old} stays; the file says {new}", old=conflict.old, new=conflict.new)
        yield "warning", f"{conflict.path}: {what}"
    for problem in taken.problems:
        where = say("line {line}: ", line=problem.line) if problem.line else ""
        yield "failed", f"{where}{problem.message}"
    for note in taken.notes:
        yield "info", note


def counted(taken: Taken) -> str:
    """How much of a file fits the plan, in a few words."""
    parts = [
        say("{count} to take over", count=len(taken.changes)) if taken.changes else "",
        say("{count} decided otherwise", count=len(taken.conflicts)) if taken.conflicts else "",
        say("{count} not taken", count=len(taken.problems)) if taken.problems else "",
    ]
    return ", ".join(part for part in parts if part) or say("Nothing new: the plan says so already.")
