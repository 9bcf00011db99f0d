"""A hint: what a detector says. Shapes only; the names are those of `ocp-tui diagnose --json`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

Severity = Literal["fatal", "error", "warning", "transient", "info"]
LOUD: tuple[Severity, ...] = ("fatal", "error", "warning")
"""What is above transient: an alarm."""
State = Literal["active", "cleared", "muted", "folded"]
Confirmation = Literal["confirmed", "refuted", "unknown"]


class Until(Struct, frozen=True, kw_only=True):
    """How long a finding counts as normal: an instant (microseconds since the epoch) or the end of a stage."""

    time: int | None = None
    stage: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """A line that speaks for the hint. `line_number` is its line in a file, or a stored line's id."""

    source: str
    line_number: int
    text: str
    time: int | None = None


class Hint(Struct, frozen=True, kw_only=True):
    """What happened, why, what to do, how to confirm. `id`, `node` and `unit` together are the key.

    Times are microseconds since the epoch, UTC. `root` names the hint (its id) this one folds under; among active
    hints the lowest `rank` is the best. `becomes` is what a transient one is if it goes on. `cleared` is when it was
    over, where that is known. `check` is what may be asked to confirm it ({"id": check id, parameter: value}, {}
    nothing), `repair` the lab's name of its cure. `guess`: no rule knows the line, it only resembles known ones.
    """

    id: str
    title: str
    severity: Severity
    becomes: Severity | None = None
    node: str = ""
    unit: str = ""
    first: int | None = None
    last: int | None = None
    count: int = 1
    state: State = "active"
    until: Until | None = None
    confirmed: Confirmation | None = None
    assumed_year: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    cause: str = ""
    remedy: list[str] = field(default_factory=list)
    confirm: list[str] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    root: str | None = None
    rank: float = 0.0
    cleared: int | None = None
    check: dict[str, str] = field(default_factory=dict)
    repair: str = ""
    guess: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """id, node and unit: a hint is stored and updated under these."""
        return self.id, self.node, self.unit


class Facts(Struct, frozen=True, kw_only=True):
    """What is known besides lines, as plain mappings, so that this room knows no other room's types.

    `stages` and `objects` hold the fields of the monitor's Stage and ClusterObject. `nodes` (node name -> {"role",
    "state", "since": when its newest line was printed, None without one}) says which nodes answer, `board` (node name
    -> {"state"}) how far each one's boot has come. Times are microseconds since the epoch. Since when a node or an
    object is in its state, the detector remembers itself.
    """

    stages: Sequence[Mapping[str, Any]] = field(default_factory=list)
    objects: Sequence[Mapping[str, Any]] = field(default_factory=list)
    nodes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    board: dict[str, Mapping[str, Any]] = field(default_factory=dict)
