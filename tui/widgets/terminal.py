"""The terminal's other end may stop reading (a frozen link, Ctrl+S on the far side): frames are then dropped.

Textual's own driver waits for room in a queue of thirty writes, and the whole application with it. What is dropped is
made good by one full repaint as soon as the terminal reads again.
"""

import queue

from textual.drivers.linux_driver import LinuxDriver
from typing_extensions import override


class DroppingDriver(LinuxDriver):
    """Never waits for the terminal."""

    stuck = False

    @override
    def write(self, data: str) -> None:
        writer = self._writer_thread
        if writer is None:
            return
        waiting = writer._queue  # noqa: SLF001 - there is no public way to ask; the exact pin and a test guard it
        if self.stuck and waiting.qsize():
            return
        try:
            waiting.put_nowait(data)
        except queue.Full:
            self.stuck = True

    def recovered(self) -> bool:
        """Whether the terminal reads again after frames were dropped; true once for each time."""
        writer = self._writer_thread
        if not self.stuck or writer is None or not writer._queue.empty():  # noqa: SLF001
            return False
        self.stuck = False
        return True
