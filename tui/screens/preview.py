"""What is made from the plan, cut to the part a person is looking at. Secrets are names in brackets."""

import re

from tui.plan.model import Plan
from tui.session.served import base_url
from tui.session.session import Session
from tui.text import say

LINES = 18


def excerpt(plan: Plan, file: str, anchor: str, lines: int = LINES) -> str:
    """The file's name and the lines from the first that matches `anchor` on; a sentence where it cannot be made yet."""
    try:
        text = rendered(plan).get(file)
    except Exception as error:  # noqa: BLE001 - a half-typed plan must never take the screen down
        return say("{file}\nnot possible yet: {why}", file=file, why=error)
    if text is None:
        return ""
    all_lines = text.splitlines()
    start = next((i for i, line in enumerate(all_lines) if re.search(anchor, line)), None)
    if start is None:
        return say("{file}\nnothing is written of it: the default holds", file=file)
    shown = all_lines[start : start + lines]
    if anchor.startswith("^"):
        # A key at the left edge of YAML: its block, and nothing of the next.
        end = next((i for i, line in enumerate(shown[1:], 1) if line[:1].isalpha()), len(shown))
        shown = shown[:end]
    return "\n".join([file, *shown])


def names(plan: Plan) -> tuple[str, ...]:
    """The names of all files that are made; none where the plan is too unfinished."""
    try:
        return tuple(rendered(plan))
    except Exception:  # noqa: BLE001 - as above
        return ()


def whole(plan: Plan, name: str) -> str:
    """A whole file, or why there is none yet."""
    return excerpt(plan, name, "", lines=100_000).partition("\n")[2]


def kernel_line(session: Session, number: int) -> str:
    """What a machine boots with, one argument a line."""
    from tui.boot import kernel_arguments

    plan = session.plan
    if number >= len(plan.topology.nodes):
        return ""
    node = plan.topology.nodes[number]
    url = base_url(session.store, plan) or "http://BASTION:8080"
    return "\n".join([say("kernel arguments of {name}", name=node.name), *kernel_arguments(plan, node, url)])


def rendered(plan: Plan) -> dict[str, str]:
    """Every file, with marks where secrets go."""
    from tui.generate.render import preview, render

    return render(plan, preview)
