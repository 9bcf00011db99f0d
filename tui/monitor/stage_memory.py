"""What a tracker remembers between lines, in the shape that its snapshot has."""

import msgspec

from tui.lines import Line
from tui.monitor.model import StageState

_MOST_DETAIL = 300


class Memory(msgspec.Struct):
    """What is known of one stage. `run` is the run of its place it last acted in; `implied`: nobody said `done`."""

    state: StageState = "waiting"
    started: int | None = None
    ended: int | None = None
    attempts: int = 0
    detail: str = ""
    implied: bool = False
    run: int = 0


class Known(msgspec.Struct):
    """Everything that a snapshot carries.

    `runs` counts a place's beginnings ("" the bootstrap: each start of bootkube and each boot; a node: each boot):
    the same text in a later run is a further attempt, in the same run an echo. `held` are the lines of machines whose
    role is not known yet.
    """

    stages: dict[tuple[str, str], Memory] = {}
    roles: dict[str, str] = {}
    held: dict[str, list[Line]] = {}
    boots: dict[str, str] = {}
    runs: dict[str, int] = {}
    pods: dict[str, str] = {}
    reason: str = ""


def short(text: str) -> str:
    """A message's two ends: the head says what failed, the tail of a nested error why."""
    half = _MOST_DETAIL // 2
    return text if len(text) <= _MOST_DETAIL else f"{text[:half]} … {text[-half:]}"
