"""The engine's process: `python -m tui.engine SESSION_DIRECTORY`."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from typing_extensions import override

from tui.engine.engine import Engine
from tui.engine.lock import Taken, take
from tui.engine.work import Desk
from tui.session.directory import SessionDirectory


def main() -> int:
    """Runs the engine of one session; 0 where another one already does."""
    os.umask(0o077)
    path = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO)
    try:
        take(path / "engine.lock")
    except Taken:
        return 0
    try:
        asyncio.run(_run(path))
    except Exception:
        logging.getLogger("tui.engine").exception("the engine cannot go on")
        return 1
    return 0


async def _run(path: Path) -> None:
    from tui.engine.jobs import RUNNERS

    desk = Desk(SessionDirectory(path))
    for logger in (logging.getLogger("asyncssh"), logging.getLogger("aiohttp.access")):
        logger.setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Redacting(desk))
    engine = Engine(desk, RUNNERS)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, engine.end)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    await engine.run()


class _Redacting(logging.Formatter):
    """Whatever the engine or a library logs, traceback included, loses its secrets first."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._desk = desk

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self._desk.redact(super().format(record))


if __name__ == "__main__":
    sys.exit(main())
