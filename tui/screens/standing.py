"""Where the installation stands, from the session's facts alone: what is wrong and how far each step is."""

from collections.abc import Iterable

from msgspec import Struct

from tui.checks.model import Result
from tui.monitor.model import Stage
from tui.plan import fields
from tui.plan.endpoints import full_name
from tui.plan.model import Plan, Problem
from tui.screens.steps import INDEX, STEPS
from tui.session.rows import Draft, EngineRow, Job, NodeRow
from tui.session.session import Session
from tui.text import say

BASTION = "bastion"
"""Where a check is asked from unless its result says otherwise."""
HOUR = 3600 * 1_000_000
_RANK = {"failed": 0, "warning": 1, "todo": 2, "unknown": 3, "info": 4}
_BOOTED = {"answers", "ssh", "joined", "ready"}


class Trouble(Struct, frozen=True, kw_only=True):
    """Something a person has to look at. `field` is the plan's path ("" the whole step); `word` fits beside it."""

    step: str
    field: str
    state: str
    word: str
    sentence: str
    fix: str = ""
    id: str = ""
    subject: str = ""
    source: str = "rule"


class Standing(Struct, frozen=True, kw_only=True):
    """Everything the frame of a screen shows. `expires` is when the bootstrap's certificates end (µs, UTC)."""

    troubles: list[Trouble]
    states: dict[str, str]
    results: list[Result]
    jobs: list[Job]
    stale: set[str]
    engine: EngineRow | None
    expires: int | None = None
    bootstrapped: bool = False
    installed: bool = False

    def of(self, step: str) -> list[Trouble]:
        """This step's troubles, the worst first."""
        return [trouble for trouble in self.troubles if trouble.step == step]

    def at(self, field: str) -> Trouble | None:
        """The worst trouble of a field."""
        return next((trouble for trouble in self.troubles if trouble.field == field), None)

    def job(self, kind: str) -> Job | None:
        """The newest job of this kind."""
        return next((job for job in reversed(self.jobs) if job.kind == kind), None)


def standing(session: Session, problems: list[Problem]) -> Standing:
    """Reads the facts and weighs them."""
    store, plan = session.store, session.plan
    results = store.facts(Result)
    stages = {stage.id: stage for stage in store.facts(Stage) if not stage.node}
    jobs = store.jobs()
    stale = session.stale()
    troubles = sorted(
        [*_from_drafts(session.drafts()), *_from_rules(plan, problems), *_from_checks(results)],
        key=lambda trouble: (_RANK.get(trouble.state, 5), INDEX.get(trouble.step, 9)),
    )
    bootstrapped = _done(stages, "bootstrap-complete")
    installed = _done(stages, "install-complete")
    reached = {
        "topology": bool(plan.topology.cluster_name and plan.topology.nodes),
        "network": bool(plan.network.machine_networks and plan.network.name_servers),
        "pull_secret": bool(plan.pull_secret.pull_secret and plan.pull_secret.ssh_key),
        "artifacts": _well(jobs, "artifacts"),
        "generate": _well(jobs, "generate"),
        "boot": bootstrapped or _all_booted(store.facts(NodeRow), plan),
        "monitor": installed,
    }
    return Standing(
        troubles=troubles,
        states={step.id: _state(step.id, troubles, reached, stale) for step in STEPS},
        results=results,
        jobs=jobs,
        stale=stale,
        engine=store.fact(EngineRow),
        expires=_expires(jobs),
        bootstrapped=bootstrapped,
        installed=installed,
    )


def _state(step: str, troubles: Iterable[Trouble], reached: dict[str, bool], stale: set[str]) -> str:
    states = {trouble.state for trouble in troubles if trouble.step == step}
    if "failed" in states:
        return "failed"
    if step in stale:
        return "stale"
    if "todo" in states or not reached[step]:
        return "todo"
    return "done"


def _from_rules(plan: Plan, problems: Iterable[Problem]) -> list[Trouble]:
    return [_from_rule(plan, problem) for problem in problems]


def _from_rule(plan: Plan, problem: Problem) -> Trouble:
    # A field that nobody has filled yet is work to do, not a mistake.
    state = {"error": "failed", "warning": "warning"}.get(problem.severity, "info")
    word = {"failed": say("wrong"), "warning": say("warning")}.get(state, say("note"))
    if state == "failed" and _undecided(plan, problem.path):
        state, word = "todo", say("needed")
    step = problem.path.partition(".")[0]
    return Trouble(
        step=step if step in INDEX else "topology",
        field=problem.path,
        state=state,
        word=word,
        sentence=problem.message,
        fix=problem.fix,
        id=problem.id,
    )


def _undecided(plan: Plan, path: str) -> bool:
    try:
        return fields.get(plan, path) in ("", [], None)
    except fields.NoSuchField:
        return False


def _from_drafts(drafts: dict[str, Draft]) -> list[Trouble]:
    return [
        Trouble(
            step=field.partition(".")[0],
            field=field,
            state="failed",
            word=say("not understood"),
            sentence=draft.why,
            source="draft",
        )
        for field, draft in drafts.items()
        if field.partition(".")[0] in INDEX
    ]


def _from_checks(results: Iterable[Result]) -> list[Trouble]:
    return [
        Trouble(
            step=result.step,
            field="",
            state=result.state,
            word=result.state,
            sentence=_told(result),
            fix=result.fix,
            id=result.id,
            subject=result.subject,
            source="check",
        )
        for result in results
        if result.state in {"failed", "warning"} and result.overridden is None
    ]


def _told(result: Result) -> str:
    told = result.evidence if result.subject in result.evidence else f"{result.subject}: {result.evidence}"
    if result.asked_from == BASTION:
        return told
    return say("From {node}: {told}", node=result.asked_from.partition(".")[0], told=told)


def _well(jobs: list[Job], kind: str) -> bool:
    last = next((job for job in reversed(jobs) if job.kind == kind and job.finished), None)
    return last is not None and last.state == "done"


def _done(stages: dict[str, Stage], name: str) -> bool:
    return name in stages and stages[name].state == "done"


def _all_booted(rows: list[NodeRow], plan: Plan) -> bool:
    booted = {row.name for row in rows if row.boot in _BOOTED}
    return bool(plan.topology.nodes) and all(full_name(plan, node) in booted for node in plan.topology.nodes)


def _expires(jobs: list[Job]) -> int | None:
    for job in reversed(jobs):
        clock = (job.result or {}).get("clock") if job.kind == "generate" and job.state == "done" else None
        if isinstance(clock, dict) and isinstance(clock.get("expires"), int):
            return int(clock["expires"])
    return None
