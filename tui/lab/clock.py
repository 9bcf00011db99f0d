"""Lab time. It is the wall clock's until machines are powered on, and then runs `speed` times as fast.

Journals and API objects carry it. It never goes back, and what it is can be read from clock.json by other processes.
"""

import asyncio
import os
from pathlib import Path

import msgspec

from tui.session.moment import KEPT_EVERY, SECOND, Rate, rate, wall

__all__ = ["SECOND", "Clock", "Rate", "read"]


class Clock:
    """The lab's clock, kept in `folder`/clock.json. It begins at rest: as fast as the wall's."""

    def __init__(self, folder: Path, speed: float) -> None:
        self._file = folder / "clock.json"
        self._full_speed = speed
        before = read(folder)
        now = wall()
        self._rate = Rate(wall=now, lab=max(now, before.now() if before is not None else 0), speed=1.0)
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
        if wall() - self._rate.wall > KEPT_EVERY:
            self.run(fast=self.speed == self._full_speed)

    def run(self, *, fast: bool) -> None:
        """Runs at full speed from now on, or as the wall clock again."""
        self._rate = Rate(wall=wall(), lab=self.now(), speed=self._full_speed if fast else 1.0)
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
    return rate(folder / "clock.json")
