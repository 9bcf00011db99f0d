"""How a client finds the engine of its session, or starts it. Nothing here waits."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

from tui import __version__
from tui.engine.lock import held
from tui.session.errors import NotSaved
from tui.session.rows import EngineRow
from tui.session.session import Session
from tui.session.store import now
from tui.text import say

_started: WeakKeyDictionary[Session, subprocess.Popen[bytes]] = WeakKeyDictionary()
"""The engine that this client started last, to know when it could not begin."""


class EngineFailed(Exception):
    """No engine can work on this session. The text says why and what next."""


def attach(session: Session) -> str:
    """Like `ensure`; gives the sentence as well where no engine can work."""
    try:
        return ensure(session)
    except EngineFailed as error:
        return str(error)


def ensure(session: Session) -> str:
    """Makes sure that an engine runs for this session, and says that this client is there; called again and again.

    Gives a sentence where the running engine is of another version than this client, else "". Raises EngineFailed.
    """
    with suppress(NotSaved):
        session.store.heartbeat(session.client, os.getpid(), place())
    if not running(session):
        _start_unless_starting(session)
        return ""
    row = session.store.fact(EngineRow)
    if row is not None and row.state == "running" and row.version != __version__:
        return say(
            "The engine of this session is ocp-tui {theirs}, this is {ours}. End it with the command palette "
            "(End the engine) when nothing runs, or open the session with {theirs}.",
            theirs=row.version,
            ours=__version__,
        )
    return ""


def _start_unless_starting(session: Session) -> None:
    child = _started.get(session)
    ended = child.poll() if child is not None else 0
    if ended is None:
        return
    if ended > 0:
        del _started[session]
        log = session.directory.engine_log
        raise EngineFailed(
            say(
                "The engine of this session could not begin: {why} What it said is in {log}; "
                "mend that and ask again. The session itself is as it was.",
                why=_last_word(log),
                log=log,
            )
        )
    try:
        _started[session] = start(session)
    except OSError as error:
        raise EngineFailed(
            say(
                "The engine cannot be started: {path} cannot be opened ({why}). Free or remount the disk, or mend "
                "that file, and ask again.",
                path=error.filename or session.directory.engine_log,
                why=error.strerror,
            )
        ) from error


def _last_word(log: Path) -> str:
    """The last line of the engine's log without its time, as a sentence."""
    try:
        lines = log.read_text("utf-8", "replace").rstrip().splitlines()[-1:]
    except OSError:
        lines = []
    word = "".join(lines).partition(": ")[2] or say("it did not say why.")
    return word if word.endswith((".", "!")) else f"{word}."


def start(session: Session) -> subprocess.Popen[bytes]:
    """Starts the engine detached: its own session, umask 077, its streams in engine.log. A second one ends at once.

    Raises OSError where the log cannot be opened.
    """
    log = os.open(session.directory.engine_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "tui.engine", str(session.directory.path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            umask=0o077,
        )
    finally:
        os.close(log)


def running(session: Session) -> bool:
    """Whether an engine holds this session. Raises EngineFailed where that cannot be told."""
    lock = session.directory.engine_lock
    try:
        return held(lock)
    except OSError as error:
        raise EngineFailed(
            say("{path} cannot be opened ({why}), so no engine can run.", path=lock, why=error.strerror)
        ) from error


def end(session: Session) -> bool:
    """Asks the engine to end after what it does now; says whether there was one."""
    row = session.store.fact(EngineRow)
    if row is None or not running(session):
        return False
    session.store.request("end", asked=now())
    return True


def place() -> str:
    """Where this client sits, for whoever asks who is attached."""
    try:
        return os.ttyname(0)
    except OSError:
        return say("no terminal")


def _environment() -> dict[str, str]:
    """The client's environment, with the program findable where it runs from a checkout."""
    root = str(Path(__file__).parents[2])
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{root}:{known}" if known else root}
