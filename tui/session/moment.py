"""The session's present: the wall clock's, or in a rehearsal the lab's, which runs faster and may be ahead.

Whatever stands beside journal lines (events, a node's place in its boot) carries it, so that one story has one clock.
"""

import time
from pathlib import Path

import msgspec
from msgspec import Struct

SECOND = 1_000_000
KEPT_EVERY = 5 * SECOND
"""Of the wall clock: how old the lab lets its word become."""
CLOCK = Path("lab") / "clock.json"
"""Where the lab's word lies in a session."""


class Rate(Struct, frozen=True, kw_only=True):
    """At `wall` it was `lab` (both microseconds since the epoch, UTC), and since then it runs `speed` times as fast.

    A word that was not renewed in time is of a lab that was killed: from then on its time goes as the wall clock's.
    """

    wall: int
    lab: int
    speed: float

    def now(self) -> int:
        """Lab time now."""
        passed = max(0, wall() - self.wall)
        fast = min(passed, 2 * KEPT_EVERY)
        return self.lab + int(fast * self.speed) + passed - fast


def wall() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def rate(file: Path) -> Rate | None:
    """What the lab wrote into this file, or None where no lab has run."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Rate)
    except (FileNotFoundError, NotADirectoryError):
        return None


def present(session: Path) -> int:
    """The time it is in this session: microseconds since the epoch, UTC."""
    try:
        told = rate(session / CLOCK)
    except (OSError, msgspec.MsgspecError):  # a spoilt file of the lab's is no reason to stop
        told = None
    return max(wall(), told.now()) if told is not None else wall()
