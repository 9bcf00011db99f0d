"""The wizard without an engine, as a process of its own: `python -m tests.wizard_alone SESSION [BEATS]`.

With BEATS it repaints all the time and writes the time into that file at every twentieth of a second.
"""

import os
import sys
import time
from pathlib import Path

from typing_extensions import override

from tui.app import OcpTui
from tui.session.session import Session


class Alone(OcpTui):
    """The wizard where nothing starts an engine."""

    beats: Path | None = None

    @override
    def start_engine(self) -> None:
        """Nothing is started."""
        if self.beats is not None:
            self.set_interval(0.05, self._beat_and_repaint)

    @override
    def attach_engine(self) -> None:
        """Nor later."""

    def _beat_and_repaint(self) -> None:
        assert self.beats is not None
        with self.beats.open("a", encoding="utf-8") as file:
            file.write(f"{time.monotonic()}\n")
        self.screen.refresh()


if __name__ == "__main__":
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    app = Alone(Session(Path(sys.argv[1])))
    app.beats = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    app.run(mouse=False)
