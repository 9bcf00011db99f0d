"""The detector: lines and facts in, hints out. Its memory is a snapshot, so a restart goes on exactly where it was."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from tui.hints.advice import Adviser
from tui.hints.finding import Finding, quiet_since, risen, still_normal
from tui.hints.matcher import Hit, Matcher, searchable
from tui.hints.model import LOUD, Facts, Hint
from tui.hints.ranking import Candidate, closure, rank
from tui.hints.rules import Rule
from tui.hints.state import Memory, Verdict, judge
from tui.lines import Line
from tui.plan.model import Plan


class _Snapshot(Struct, kw_only=True):
    """All that a detector knows. Times are microseconds since the epoch, orders are counts of lines fed so far.

    `clocks`: node -> its newest line time. `ends`: "rule|node" -> time and order of the newest line that ends it.
    `done`: "stage|node" -> when that stage was done.
    """

    findings: list[Finding] = field(default_factory=list)
    fed: int = 0
    now: int = 0
    clocks: dict[str, int] = field(default_factory=dict)
    ends: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    done: dict[str, int | None] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)


class Detector:
    """One installation's detector. Feed it every line once, in each source's order; tick it now and then.

    `live`: more lines are to come, so that a new symptom may wait for what may yet prove to be its cause.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        plan: Plan | None = None,
        snapshot: bytes = b"",
        *,
        version: str = "",
        live: bool = False,
    ) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._outranks = closure({rule.id: rule.outranks for rule in rules})
        self._matcher = Matcher(rules)
        self._adviser = Adviser(plan, version)
        self._live = live
        self._is = msgspec.msgpack.decode(snapshot, type=_Snapshot) if snapshot else _Snapshot()
        # A rule that is gone from the catalogue takes its findings with it.
        self._findings = {f.key: f for f in self._is.findings if f.rule in self._rules}
        self._told: dict[tuple[str, str, str], Hint] = {}
        self._told = {hint.key: hint for hint in self.hints()}

    def feed(self, lines: Sequence[Line]) -> list[Hint]:
        """Takes lines in; gives the hints that they changed, best first."""
        return self.changed() if self.take(lines) else []

    def take(self, lines: Sequence[Line]) -> set[int]:
        """Takes lines in; gives the places among them of those that a rule spoke of."""
        places = [place for place, line in enumerate(lines) if not line.twin]
        own = [lines[place] for place in places]
        for node, time in {line.node: line.time for line in own if line.time is not None}.items():
            self._is.clocks[node] = max(time, self._is.clocks.get(node, 0))
        spoken = set()
        for hit in self._matcher.find([searchable(line) for line in own]):
            spoken.add(places[hit.line])
            self._take(hit, own[hit.line])
        self._is.fed += len(own)
        return spoken

    def tick(self, now: int, facts: Facts) -> list[Hint]:
        """Judges what no line says, and ends what has gone quiet. `now` is microseconds since the epoch."""
        self._is.now = now
        self.learn(facts.stages)
        for verdict in judge(self._rules.values(), facts, self._is.memory, now):
            self._judge(verdict, now)
        return self.changed()

    def learn(self, stages: Iterable[Mapping[str, Any]]) -> None:
        """Takes in how stages (the fields of Stage) stand, and ends what a stage that is done ends."""
        for stage in stages:
            name = f"{stage['id']}|{stage['node']}"
            if stage["state"] == "done":
                self._is.done[name] = stage["ended"]
            else:
                self._is.done.pop(name, None)
        for finding in self._findings.values():
            self._end_by_stage(finding)

    def hints(self) -> list[Hint]:
        """All hints, ranked: active ones first, then folded, then cleared."""
        done = {key.partition("|")[0] for key in self._is.done}
        now = max(self._is.now, *self._is.clocks.values(), 0) if self._live else None
        candidates = (
            Candidate(self._hint(f, done), f.places, f.depth, risen(self._rules[f.rule], f))
            for f in self._findings.values()
        )
        return rank(candidates, self._outranks, now)

    def snapshot(self) -> bytes:
        """The memory, to be stored in the same transaction as the lines that were fed."""
        self._is.findings = list(self._findings.values())
        return msgspec.msgpack.encode(self._is)

    def changed(self) -> list[Hint]:
        """The hints that are not as they were told last, best first."""
        changed = [hint for hint in self.hints() if self._told.get(hint.key) != hint]
        self._told |= {hint.key: hint for hint in changed}
        return changed

    def _take(self, hit: Hit, line: Line) -> None:
        order = self._is.fed + hit.line
        if hit.clears:
            self._note_end(f"{hit.rule.id}|{line.node}", line.time, order)
            for finding in self._findings.values():
                if (finding.rule, finding.node) == (hit.rule.id, line.node):
                    self._end_by_line(finding)
            return
        finding = self._finding(hit.rule, line.node, line.unit)
        if line.time is not None and not finding.cleared:
            self._end(finding, quiet_since(hit.rule, finding, line.time))
        finding.see(hit.rule, line, hit.match, order)
        # Sources are not in step: a line may be older than what ended its failure.
        self._end_by_line(finding)

    def _note_end(self, name: str, time: int | None, order: int) -> None:
        known = self._is.ends.get(name, (None, -1))[0]
        if known is None or time is None or time >= known:
            self._is.ends[name] = time, order

    def _finding(self, rule: Rule, node: str, unit: str) -> Finding:
        key = (rule.id, node, unit)
        if key not in self._findings:
            self._findings[key] = Finding(rule=rule.id, node=node, unit=unit)
        return self._findings[key]

    def _judge(self, verdict: Verdict, now: int) -> None:
        if verdict.since is None and (verdict.rule.id, verdict.node, "") not in self._findings:
            return
        finding = self._finding(verdict.rule, verdict.node, "")
        if verdict.since is None:
            finding.cleared, finding.cleared_at = True, finding.cleared_at or now
        else:
            finding.cleared, finding.cleared_at = False, None
            finding.first, finding.last, finding.count = verdict.since, verdict.since, max(1, verdict.count)
            finding.captured = verdict.captured

    def _end_by_line(self, finding: Finding) -> None:
        time, order = self._is.ends.get(f"{finding.rule}|{finding.node}", (None, -1))
        later = order > finding.order
        if later if None in (time, finding.last) or time == finding.last else (time or 0) > (finding.last or 0):
            self._end(finding, time)
            finding.cleared = True

    def _end_by_stage(self, finding: Finding) -> None:
        clears = self._rules[finding.rule].clears
        if finding.cleared or clears is None or clears.stage is None:
            return
        for node in ("", finding.node):
            ended = self._is.done.get(f"{clears.stage}|{node}")
            if ended is not None and ended >= (finding.last or 0):
                self._end(finding, ended)

    def _end_by_silence(self, rule: Rule, finding: Finding, *, may_be_normal: bool) -> None:
        spoken = self._is.clocks.get(finding.node, 0)
        if rule.clears and rule.clears.silence:
            self._end(finding, quiet_since(rule, finding, spoken))
        elif may_be_normal and not rule.clears:
            self._end(finding, quiet_since(rule, finding, max(self._is.now, spoken)))

    def _end(self, finding: Finding, time: int | None) -> None:
        if time is not None:
            finding.cleared, finding.cleared_at = True, time

    def _hint(self, finding: Finding, done: set[str]) -> Hint:
        rule = self._rules[finding.rule]
        until = still_normal(rule, finding, done)
        if not finding.cleared:
            self._end_by_silence(rule, finding, may_be_normal=until is not None)
        transient = bool(until) and rule.severity in LOUD
        advice = self._adviser.advise(rule, finding.captured, finding.node)
        return Hint(
            id=rule.id,
            title=rule.title,
            severity="transient" if transient else rule.severity,
            becomes=rule.severity if transient and not finding.cleared else None,
            node=finding.node,
            unit=finding.unit,
            first=finding.first,
            last=finding.last,
            count=finding.count,
            state="cleared" if finding.cleared else "active",
            cleared=finding.cleared_at,
            until=None if finding.cleared else until,
            assumed_year=finding.assumed_year,
            evidence=list(finding.evidence),
            cause=advice.cause,
            remedy=advice.remedy,
            confirm=advice.confirm,
            check=advice.check,
            repair=rule.repair,
            captured=dict(finding.captured),
        )
