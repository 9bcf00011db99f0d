"""Lab time. It is the wall clock's until machines are powered on, and then runs `speed` times as fast.

Journals and API objects carry it. It never goes back, and what it is can be read from clock.json by other processes.
"""

import asyncio
import os
import time
from pathlib import Path

import msgspec
from msgspec import Struct

SECOND = 1_000_000
KEPT_EVERY = 5 * SECOND
"""Of the wall clock: how old clock.json becomes."""


class Rate(Struct, frozen=True, kw_only=True):
    """At `wall` it was `lab` (both microseconds since the epoch, UTC), and since then it runs `speed` times as fast."""

    wall: int
    lab: int
    speed: float

    def now(self) -> int:
        """Lab time now."""
        return self.lab + int((time.time_ns() // 1000 - self.wall) * self.speed)


class Clock:
    """The lab's clock, kept in `folder`/clock.json. It begins at rest: as fast as the wall's."""

    def __init__(self, folder: Path, speed: float) -> None:
        self._file = folder / "clock.json"
        self._full_speed = speed
        before = read(folder)
        wall = time.time_ns() // 1000
        reached = 0 if before is None else before.lab + int(2 * KEPT_EVERY * before.speed)
        self._rate = Rate(wall=wall, lab=max(wall, reached), speed=1.0)
        self._write()

    @property
    def speed(self) -> float:
        """How fast it runs now."""
        return self._rate.speed

    def now(self) -> int:
        """Lab time in microseconds since the epoch, UTC."""
        return self._rate.now()

    def keep(self) -> None:
        """Writes down where it is, so that a lab that was killed goes on from there."""
        if time.time_ns() // 1000 - self._rate.wall > KEPT_EVERY:
            self.run(fast=self.speed == self._full_speed)

    def run(self, *, fast: bool) -> None:
        """Runs at full speed from now on, or as the wall clock again."""
        wall = time.time_ns() // 1000
        self._rate = Rate(wall=wall, lab=self.now(), speed=self._full_speed if fast else 1.0)
        self._write()

    async def sleep(self, seconds: float) -> None:
        """Waits for so many seconds of lab time."""
        await asyncio.sleep(seconds / self.speed)

    async def sleep_until(self, lab: int) -> None:
        """Waits until lab time reaches `lab`."""
        await asyncio.sleep(max(0.0, (lab - self.now()) / SECOND / self.speed))

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self._rate))
        os.replace(new, self._file)


def read(folder: Path) -> Rate | None:
    """The clock of the lab in this folder, or None where none has run yet."""
    try:
        return msgspec.json.decode((folder / "clock.json").read_bytes(), type=Rate)
    except FileNotFoundError:
        return None
