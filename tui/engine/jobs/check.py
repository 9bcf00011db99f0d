"""Job "check" {only, step}: asks the world and records each answer as it comes."""

from collections.abc import AsyncIterator
from typing import Any

from msgspec.structs import replace

from tui import checks
from tui.checks.model import Phase, Result
from tui.engine import nodes
from tui.engine.work import Work
from tui.links.ssh import SshFailed
from tui.monitor.model import Stage
from tui.plan.endpoints import full_name
from tui.plan.model import Node, Plan
from tui.session import stale
from tui.session.facts import key_of
from tui.session.rows import NodeRow
from tui.session.store import Store, now
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives how many results came out in each state."""
    desk, plan, begun = work.desk, work.desk.plan, now()
    only = _wanted(work)
    states: dict[str, int] = {}
    work.progress(say("Asking…"))
    async for result in _results(work, only):
        states[result.state] = states.get(result.state, 0) + 1
        record(desk.store, replace(result, evidence=desk.redact(result.evidence), fix=desk.redact(result.fix)))
        work.progress(say("{id} {subject}: {state}", id=result.id, subject=result.subject, state=result.state))
    if not only:
        _forget_older(desk.store, begun)
        stale.made(desk.store, plan, "check")
    return {"states": states}


async def _results(work: Work, only: list[str]) -> AsyncIterator[Result]:
    """From the bastion, and from one node of each role that answers SSH: the bastion's view is not theirs."""
    desk, plan, now_ = work.desk, work.desk.plan, phase(work.desk.store)
    async for result in checks.run(
        plan, phase=now_, secret=desk.secrets.read, only=only or None, session_directory=desk.directory.path
    ):
        yield result
    for node in _answering(desk.store, plan):
        try:
            async with nodes.shell(desk, node) as shell:
                async for result in checks.run_from_node(plan, full_name(plan, node), shell, phase=now_):
                    if not only or result.id in only:
                        yield result
        except (SshFailed, OSError, TimeoutError) as error:
            work.progress(say("{node} was not asked: {why}", node=node.name, why=error))


def _answering(store: Store, plan: Plan) -> list[Node]:
    """One node of each role whose journal is being followed. The lab's nodes have no shell to ask from."""
    following = {row.name for row in store.facts(NodeRow) if row.link == "following"} if not plan.lab else set()
    by_role = {node.role: node for node in plan.topology.nodes if full_name(plan, node) in following}
    return list(by_role.values())


def _forget_older(store: Store, begun: int) -> None:
    """After everything was asked, an older answer is about something that is no longer in the plan."""
    for result in store.facts(Result):
        if result.asked_at < begun:
            store.forget(Result, key_of(result))


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
