"""The one way in for journal lines: redacted, judged by detector and tracker, committed with their cursor.

Batches of all nodes that wait together are one transaction: lines, cursors, hints, stages and the state of those who
judged them. Whatever dies in between, a line is stored once and only once.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from msgspec.structs import replace

from tui.engine.work import Desk, insist
from tui.hints.detector import Detector
from tui.hints.model import Facts, Hint
from tui.hints.resemblance import Guesser
from tui.hints.rules import Rule
from tui.hints.unexplained import UNEXPLAINED, Unexplained
from tui.lines import Batch, Line
from tui.monitor.model import Stage, StageState
from tui.monitor.stages import Tracker
from tui.plan.endpoints import full_name
from tui.plan.model import Plan
from tui.session.errors import NotSaved
from tui.session.rows import Cursor, LabRow, NodeRow
from tui.text import say

MOST_LINES = 4000
"""Lines of one transaction at most: a longer one would keep readers waiting."""


class Ingest:
    """Takes batches from all nodes and commits them. One writer, so ids and states need no lock."""

    def __init__(self, desk: Desk, rules: tuple[Rule, ...]) -> None:
        self._desk = desk
        self._store = desk.store
        self._rules = rules
        self._waiting: asyncio.Queue[tuple[Batch, asyncio.Future[None]]] = asyncio.Queue(maxsize=1000)
        self._newest = max((row.seen or 0 for row in self._store.facts(NodeRow)), default=0)
        self._recall()
        self._store.put(*self._tracker.stages())

    def _recall(self) -> None:
        plan = self._desk.plan
        self._lab = plan.lab
        self._redact = self._desk.redact
        self._detector = Detector(self._rules, plan, self._store.kept("detector"), live=True)
        self._tracker = Tracker(plan.topology.version, roles(plan), self._store.kept("tracker"))
        self._unexplained = Unexplained(snapshot=self._store.kept("unexplained"))
        self._guesser = Guesser(self._rules, plan)

    def _unlearn(self) -> None:
        """A secret learnt since has left what is stored; the judges, who saw it, go on from there without it."""
        if self._redact is not self._desk.redact:
            self._recall()

    async def deliver(self, batch: Batch) -> None:
        """Hands a batch over and waits until it is on disk."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._waiting.put((batch, committed))
        await committed

    async def run(self) -> None:
        """Commits what is delivered, until cancelled."""
        while True:
            taken = [await self._waiting.get()]
            while sum(len(batch.lines) for batch, _ in taken) < MOST_LINES and not self._waiting.empty():
                taken.append(self._waiting.get_nowait())
            batches = [batch for batch, _ in taken]
            await insist(lambda: self._commit(batches))  # noqa: B023 - awaited before the next round
            for _, committed in taken:
                if not committed.done():
                    committed.set_result(None)
            await asyncio.sleep(0)

    async def _commit(self, batches: list[Batch]) -> None:
        self._unlearn()
        number = self._store.last_line()
        lines: list[Line] = []
        for batch in batches:
            for line in batch.lines:
                number += 1
                lines.append(replace(line, text=self._desk.redact(line.text), source=batch.source, number=number))
        self._newest = max(self._newest, *(line.time or 0 for line in lines)) if lines else self._newest
        stages = self._tracker.feed(lines)
        self._detector.learn(msgspec.to_builtins(stages))
        explained = self._detector.take(lines)
        self._unexplained.feed(lines, explained)
        hints = self._detector.changed() if explained else []
        with self._keeping():
            self._store.add_lines(lines)
            self._store.put(*(Cursor(source=b.source, cursor=b.cursor) for b in batches if b.cursor))
            self._count(lines)
            self._record(stages, hints)
            if self._unexplained.changed:
                self._store.keep("unexplained", self._unexplained.snapshot())

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """One transaction. Where the disk refuses, the judges are ahead of it: they forget, to be asked again."""
        try:
            with self._store.writing():
                yield
        except NotSaved:
            self._recall()
            raise

    def _count(self, lines: list[Line]) -> None:
        for source, more in Counter(line.source for line in lines).items():
            row = self._store.fact(NodeRow, source)
            if row is not None:
                newest = max((line.time or 0 for line in lines if line.source == source), default=0)
                self._store.put(replace(row, lines=row.lines + more, seen=max(row.seen or 0, newest)))

    def note(self, stage: str, node: str, state: StageState, time: int, detail: str = "") -> None:
        """Takes a fact about a stage from elsewhere than a journal: the API, wait-for, the board."""
        self._unlearn()
        stages = self._tracker.note(stage, node, state, time, detail)
        if stages:
            with self._keeping():
                self._record(stages, [])

    def record(self, node: str, service_records: bytes) -> None:
        """Takes what the bootstrap's service records say of its stages."""
        self._unlearn()
        stages = self._tracker.record(node, service_records)
        if stages:
            with self._keeping():
                self._record(stages, [])

    def clock(self) -> int:
        """The session's present, by the nodes' clocks where they are ahead of it."""
        return max(self._store.clock(), self._newest)

    def tick(self, facts: Facts) -> None:
        """Lets time pass for the detector: absence, and transience that ran out."""
        self._unlearn()
        self._point_out()
        hints = self._detector.tick(self.clock(), facts)
        if hints:
            with self._keeping():
                self._record([], hints)

    def stages(self) -> list[Stage]:
        """All stages in their order."""
        return self._tracker.stages()

    def _record(self, stages: list[Stage], hints: list[Hint]) -> None:
        told_stages = {(stage.id, stage.node): stage.state for stage in self._store.facts(Stage)} if stages else {}
        told_hints = {hint.key: hint for hint in self._store.facts(Hint)} if hints else {}
        self._store.put(*stages, *(self._completed(hint, told_hints.get(hint.key)) for hint in hints))
        self._store.keep("tracker", self._tracker.snapshot())
        self._store.keep("detector", self._detector.snapshot())
        for stage in stages:
            if stage.state in ("done", "failed") and told_stages.get((stage.id, stage.node)) != stage.state:
                self._store.tell("stage", _stage_sentence(stage), id=stage.id, node=stage.node, state=stage.state)
        for hint in hints:
            if _is_news(hint, told_hints.get(hint.key)):
                told = say("{title}: {state}, {severity}", title=hint.title, state=hint.state, severity=hint.severity)
                self._store.tell("hint", told, id=hint.id, node=hint.node, unit=hint.unit, state=hint.state)

    def _point_out(self) -> None:
        """The most unusual lines that no rule explains, and what they may be, take the place of those before."""
        stored, unusual = self._store.facts(Hint), self._unexplained.hints()
        known = {hint.key: hint for hint in stored if hint.id == UNEXPLAINED or hint.guess}
        told = [hint for hint in stored if hint.key not in known]
        pointed_out = {hint.key: hint for hint in [*self._guesser.guesses(unusual, told), *unusual]}
        if unusual and pointed_out != known:
            with self._keeping():
                for key in known.keys() - pointed_out.keys():
                    self._store.forget(Hint, "|".join(key))
                self._store.put(*pointed_out.values())

    def _completed(self, hint: Hint, before: Hint | None) -> Hint:
        """With the verdict of an earlier question; in the lab with its own cure, for nothing is done to the host."""
        if before is not None and hint.confirmed is None:
            hint = replace(hint, confirmed=before.confirmed)
        offered = self._store.fact(LabRow, f"repair:{hint.repair}") if self._lab and hint.repair else None
        if offered is not None:
            cure = say("Press Ctrl+L and choose “{title}”: the rehearsal's own repair.", title=offered.title)
            hint = replace(hint, remedy=[cure])
        return hint


def roles(plan: Plan) -> dict[str, str]:
    """The role of each node by the name its journal is kept under."""
    return {full_name(plan, node): node.role for node in plan.topology.nodes}


def _is_news(hint: Hint, before: Hint | None) -> bool:
    """Whether the timeline should tell of it: what is normal for now is no news, nor is its end."""
    severities = {hint.severity, before.severity if before else "transient"}
    changed = before is None or (before.state, before.severity) != (hint.state, hint.severity)
    return changed and not severities <= {"transient", "info"}


def _stage_sentence(stage: Stage) -> str:
    where = say(" on {node}", node=stage.node) if stage.node else ""
    return say("{title}{where}: {state}", title=stage.title, where=where, state=stage.state)
