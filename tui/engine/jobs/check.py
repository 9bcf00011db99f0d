"""Job "check" {only, step}: asks the world and records each answer as it comes."""

from typing import Any

from msgspec.structs import replace

from tui import checks
from tui.checks.model import Phase, Result
from tui.engine.work import Work
from tui.monitor.model import Stage
from tui.session import stale
from tui.session.facts import key_of
from tui.session.store import Store
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives how many results came out in each state."""
    desk, plan = work.desk, work.desk.plan
    only = _wanted(work)
    states: dict[str, int] = {}
    total = len(only) if only else None
    work.progress(say("Asking…"), 0, total)
    async for result in checks.run(
        plan,
        phase=phase(desk.store),
        secret=desk.secrets.read,
        only=only or None,
        session_directory=desk.directory.path,
    ):
        states[result.state] = states.get(result.state, 0) + 1
        record(desk.store, replace(result, evidence=desk.redact(result.evidence), fix=desk.redact(result.fix)))
        work.progress(say("{id} {subject}: {state}", id=result.id, subject=result.subject, state=result.state))
    if not only:
        stale.made(desk.store, plan, "check")
    return {"states": states}


def _wanted(work: Work) -> list[str]:
    only = list(work.arguments.get("only") or [])
    step = work.arguments.get("step")
    if step and not only:
        only = [check.id for check in checks.catalogue() if check.step == step]
    return only


def record(store: Store, result: Result) -> None:
    """Stores a result; a reason by which the person overrode it stays."""
    before = store.fact(Result, key_of(result))
    if before is not None and before.overridden:
        result = replace(result, overridden=before.overridden)
    store.put(result)


def phase(store: Store) -> Phase:
    """Which answers are right now: "before-boot", "bootstrapping" or "after-bootstrap"."""
    stages = {stage.id: stage.state for stage in store.facts(Stage) if not stage.node}
    if stages.get("bootstrap-complete") == "done":
        return "after-bootstrap"
    begun = any(state in ("running", "done", "failed") for state in stages.values())
    return "bootstrapping" if begun else "before-boot"
