"""A hint: what a detector says. Shapes only; the names are those of `ocp-tui diagnose --json`."""

from typing import Literal

from msgspec import Struct, field

Severity = Literal["fatal", "error", "warning", "transient", "info"]
State = Literal["active", "cleared", "muted", "folded"]
Confirmation = Literal["confirmed", "refuted", "unknown"]


class Until(Struct, frozen=True, kw_only=True):
    """How long a finding counts as normal: an instant (microseconds since the epoch) or the end of a stage."""

    time: int | None = None
    stage: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """A line that speaks for the hint. `line_id` is the stored line's id (0 before it is stored)."""

    source: str
    line_number: int
    text: str
    time: int | None = None
    line_id: int = 0


class Hint(Struct, frozen=True, kw_only=True):
    """What happened, why, what to do, how to confirm. `id`, `node` and `unit` together are the key.

    Times are microseconds since the epoch, UTC. `root` names the hint this one folds under.
    """

    id: str
    title: str
    severity: Severity
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

    @property
    def key(self) -> tuple[str, str, str]:
        """id, node and unit: a hint is stored and updated under these."""
        return self.id, self.node, self.unit
