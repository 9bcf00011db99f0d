"""Job "artifacts" {source}: finds, fetches and verifies what the version needs."""

from typing import Any

import msgspec

from tui.artifacts import fetch
from tui.artifacts.model import Found, Progress
from tui.engine.work import Refused, Work
from tui.session import stale
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives everything found, verified or not; the job itself is done once all has been looked at."""
    desk, plan = work.desk, work.desk.plan
    if not plan.topology.version:
        raise Refused(say("The OpenShift version is not decided yet: it is the first step's field Version."))
    more = str(work.arguments.get("source") or "")
    sources = [*plan.artifacts.sources, *([more] if more else [])]
    desk.directory.artifacts.mkdir(mode=0o700, exist_ok=True)

    def told(progress: Progress) -> None:
        work.progress(progress.what, progress.done, progress.total)

    found = await fetch(plan, sources, desk.directory.artifacts, told)
    missing = [one for one in found if one.required and one.state in ("missing", "wrong", "unknown")]
    work.progress(summary(found))
    if not missing:
        stale.made(desk.store, plan, "artifacts")
    return {"found": msgspec.to_builtins(found), "complete": not missing}


def summary(found: list[Found]) -> str:
    """How many of each state, in words."""
    counts = {state: sum(one.state == state for one in found) for state in ("verified", "found", "wrong", "missing")}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count)
