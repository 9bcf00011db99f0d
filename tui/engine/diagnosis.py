"""What files say of an installation: the judges of live journals, on files, without a session or a database."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import asdict, replace

from tui.hints.detector import Detector
from tui.hints.model import LOUD, Facts, Hint
from tui.hints.resemblance import Guesser
from tui.hints.rules import Rule
from tui.hints.unexplained import Unexplained
from tui.monitor.model import Stage
from tui.monitor.readers import Assumptions, Reading, Source
from tui.monitor.stages import Tracker
from tui.plan.endpoints import full_name
from tui.plan.model import Plan

_DAY = 24 * 3600 * 1_000_000
Redact = Callable[[str], str]


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was read, how far the installation got, and what is to say about it, best first."""

    sources: list[Source]
    stages: list[Stage]
    hints: list[Hint]


def diagnose(
    paths: Iterable[str],
    rules: Sequence[Rule],
    *,
    plan: Plan | None = None,
    version: str = "",
    assumed: Assumptions | None = None,
    redact: Redact,
    told: Callable[[int, int], None] | None = None,
) -> Diagnosis:
    """Reads all paths as one installation. `version` goes before the plan's. Raises CannotRead.

    Memory does not grow with what is read. `told(bytes read, bytes there are)` is called about once a megabyte.
    """
    version = version or (plan.topology.version if plan else "")
    roles = {full_name(plan, node): str(node.role) for node in plan.topology.nodes} if plan else {}
    reading = Reading(paths, assumed, told)
    tracker = Tracker(version, roles)
    detector = Detector(rules, plan, version=version)
    unexplained = Unexplained()
    for batch in reading.batches():
        changed = tracker.feed(batch.lines)
        unexplained.feed(batch.lines, detector.take(batch.lines))
        detector.learn(asdict(stage) for stage in changed)
    for node, records in reading.records:
        tracker.record(node, records)
    stages = tracker.stages()
    detector.tick(_now(reading.sources), Facts(stages=[asdict(stage) for stage in stages]))
    known, unusual = detector.hints(), unexplained.hints()
    hints = [*known, *Guesser(rules, plan, version).guesses(unusual, known), *unusual]
    hints.sort(key=lambda hint: hint.state != "active")
    return Diagnosis(
        sources=reading.sources,
        stages=[replace(stage, detail=redact(stage.detail)) for stage in stages],
        hints=[_redacted(hint, redact) for hint in hints],
    )


def _now(sources: Sequence[Source]) -> int:
    """The time at which the files end; 0 where they are not of one day, so that nothing seems to last for weeks."""
    first = min((source.first for source in sources if source.first is not None), default=0)
    last = max((source.last for source in sources if source.last is not None), default=0)
    return last if last - first < _DAY else 0


def _redacted(hint: Hint, redact: Redact) -> Hint:
    """Only what is shown needs redacting, and of the lines only the evidence is: much less than every line."""
    return replace(
        hint,
        cause=redact(hint.cause),
        remedy=[redact(step) for step in hint.remedy],
        confirm=[redact(step) for step in hint.confirm],
        captured={name: redact(value) for name, value in hint.captured.items()},
        evidence=[replace(piece, text=redact(piece.text)) for piece in hint.evidence],
    )


def alarming(diagnosis: Diagnosis) -> bool:
    """Whether a hint of severity warning or above is active."""
    return any(hint.state == "active" and hint.severity in LOUD for hint in diagnosis.hints)
