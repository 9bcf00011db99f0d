"""The engine's process: `python -m tui.engine SESSION_DIRECTORY`."""

import asyncio
import logging
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

from typing_extensions import override

from tui.engine.engine import Engine
from tui.engine.lock import Taken, take
from tui.engine.work import Desk
from tui.session.directory import SessionDirectory
from tui.session.errors import SessionUnusable
from tui.session.store import unusable

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOCK_SECONDS = 1.0
"""A client that looks whether there is an engine holds the lock for a moment: no reason to end."""


def main() -> int:
    """Runs the engine of one session; 0 where another one already does, 1 with a last word in the log."""
    os.umask(0o077)
    path = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format=FORMAT)
    logging.raiseExceptions = False  # on a full disk even the log cannot be written: the work goes on
    log = logging.getLogger("tui.engine")
    try:
        _take_lock(path / "engine.lock")
        asyncio.run(_run(path))
    except Taken:
        return 0
    except SessionUnusable as error:
        log.error("%s", error)
    except sqlite3.Error as error:
        log.error("%s", unusable(path / "session.db", error))
    except OSError as error:
        log.error("%s: %s", error.filename or path, error.strerror)
    except Exception as error:
        log.exception("the engine cannot go on")
        log.error("%s: %s", type(error).__name__, error)
    else:
        return 0
    return 1


def _take_lock(path: Path) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            take(path)
        except Taken:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


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
        super().__init__(FORMAT)
        self._desk = desk

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self._desk.redact(super().format(record))


if __name__ == "__main__":
    sys.exit(main())
