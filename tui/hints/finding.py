"""What a detector remembers of one rule on one node and unit, and how the next line changes it."""

import re
from collections.abc import Container

from msgspec import Struct, field

from tui.hints.model import Evidence, Until
from tui.hints.rules import Rule
from tui.lines import Line

SECOND = 1_000_000
_FIRST_KEPT, _LAST_KEPT = 3, 2
_LONGEST_EVIDENCE = 4000


class Finding(Struct, kw_only=True):
    """The memory behind a hint; every field is stored in the detector's snapshot.

    `began` is when the current episode began (a new one begins after it was cleared), `recent` the newest line times,
    as many as the rule's persistence counts; `steady`: persistence was reached in this episode, `settled`: a line of it
    said that it is past being normal. `order` and `places`
    are counts of lines fed so far: of the newest line, and of the lines kept as evidence. `depth` is how far into the
    line the match began: of a nested error the innermost, which is the cause, stands last.
    """

    rule: str
    node: str
    unit: str
    first: int | None = None
    last: int | None = None
    began: int | None = None
    count: int = 0
    recent: list[int] = field(default_factory=list)
    steady: bool = False
    settled: bool = False
    order: int = 0
    depth: int = 0
    evidence: list[Evidence] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    assumed_year: bool = False
    cleared: bool = False
    cleared_at: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """As a hint's: rule, node and unit."""
        return self.rule, self.node, self.unit

    def see(self, rule: Rule, line: Line, match: re.Match[str], order: int) -> None:
        """One more line of this failure."""
        if self.cleared or not self.count:
            self._begin(line, match)
        self.count += 1
        self.order = order
        self.assumed_year |= line.assumed_year
        self.settled = self.settled or any(pattern.search(match.string) for pattern in rule.settled)
        for name, value in match.groupdict().items():
            if value and name not in self.captured:
                self.captured[name] = value
        self._remember(line, match, order)
        if line.time is not None:
            self.first = line.time if self.first is None else min(self.first, line.time)
            self.last = line.time if self.last is None else max(self.last, line.time)
        if rule.persistence and not self.steady:
            self.steady = self._persists(line.time, rule.persistence.count, rule.persistence.within * SECOND)

    def _begin(self, line: Line, match: re.Match[str]) -> None:
        self.cleared, self.cleared_at = False, None
        self.began = line.time
        self.depth = match.start()
        self.recent, self.steady, self.settled, self.captured = [], False, False, {}

    def _remember(self, line: Line, match: re.Match[str], order: int) -> None:
        if len(self.places) == _FIRST_KEPT + _LAST_KEPT:
            del self.places[_FIRST_KEPT], self.evidence[_FIRST_KEPT]
        self.places.append(order)
        text = _around(line.text, match.start()) if len(line.text) > _LONGEST_EVIDENCE else line.text
        self.evidence.append(Evidence(source=line.source, line_number=line.number, text=text, time=line.time))

    def _persists(self, time: int | None, count: int, within: int) -> bool:
        if time is None:
            return self.count >= count
        self.recent = [*self.recent, time][-count:]
        return len(self.recent) == count and self.recent[-1] - self.recent[0] <= within


def _around(text: str, place: int) -> str:
    start = max(0, min(place - _LONGEST_EVIDENCE // 4, len(text) - _LONGEST_EVIDENCE))
    end = start + _LONGEST_EVIDENCE
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def still_normal(rule: Rule, finding: Finding, done: Container[str]) -> Until | None:
    """Until when this may be normal; None where it is not any more. `done` are the stages that are over."""
    if rule.persistence and not finding.steady:
        start = finding.recent[0] if finding.recent else finding.last
        return Until(time=None if start is None else start + rule.persistence.within * SECOND)
    if rule.normal is None or finding.settled:
        return None
    stage, seconds = rule.normal.until_stage, rule.normal.seconds
    if seconds is None:
        return Until(stage=stage) if stage not in done else None
    if finding.began is None or finding.last is None:
        return Until(stage=stage)
    end = finding.began + seconds * SECOND
    return Until(time=end, stage=stage) if finding.last < end else None


def risen(rule: Rule, finding: Finding) -> int | None:
    """The instant from which this is not normal any more, where it is not."""
    if finding.first is None or finding.began is None or rule.normal is None or finding.settled:
        return finding.first
    return finding.began + (rule.normal.seconds or 0) * SECOND


def quiet_since(rule: Rule, finding: Finding, clock: int) -> int | None:
    """The instant at which a finding had been silent for long enough to be over; None where it has not.

    That is what the rule says, else, of one that was never more than transient, as long as it may be normal. What comes
    after it is a new episode. Where the rule does not say what clears it, the silence itself does.
    """
    seconds = _silence(rule, finding)
    if finding.last is None or seconds is None or clock <= finding.last + seconds * SECOND:
        return None
    return finding.last + seconds * SECOND


def _silence(rule: Rule, finding: Finding) -> int | None:
    if rule.clears and rule.clears.silence:
        return rule.clears.silence
    if finding.steady or finding.settled:
        return None
    return rule.persistence.within if rule.persistence else rule.normal.seconds if rule.normal else None
