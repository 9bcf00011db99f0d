"""Lab time: begins as the wall clock's and then runs `speed` times as fast. Journals carry it."""

import asyncio
import time
from pathlib import Path

import msgspec
from msgspec import Struct

SECOND = 1_000_000


class Clock(Struct, frozen=True, kw_only=True):
    """Lab time as a function of the wall clock; both in microseconds since the epoch, UTC.

    At `wall` it was `lab`, and it runs `speed` times as fast.
    """

    wall: int
    lab: int
    speed: float

    def now(self) -> int:
        """Lab time now."""
        return self.at(time.time_ns() // 1000)

    def at(self, wall: int) -> int:
        """Lab time at this moment of the wall clock."""
        return self.lab + int((wall - self.wall) * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Waits for so many seconds of lab time."""
        await asyncio.sleep(seconds / self.speed)

    async def sleep_until(self, lab: int) -> None:
        """Waits until lab time reaches `lab`."""
        await asyncio.sleep(max(0.0, (lab - self.now()) / SECOND / self.speed))


def start(directory: Path, speed: float) -> Clock:
    """A clock that goes on from where this lab's last one is, else from now; kept in `clock.json` for others."""
    now = time.time_ns() // 1000
    before = read(directory)
    clock = Clock(wall=now, lab=now if before is None else max(now, before.now()), speed=speed)
    (directory / "clock.json").write_bytes(msgspec.json.encode(clock))
    return clock


def read(directory: Path) -> Clock | None:
    """The clock of the lab in this directory, or None where none has run yet."""
    try:
        return msgspec.json.decode((directory / "clock.json").read_bytes(), type=Clock)
    except FileNotFoundError:
        return None
