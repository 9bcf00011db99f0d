"""How a client finds the engine of its session, or starts it. Nothing here waits."""

import os
import subprocess
import sys
from pathlib import Path

from tui import __version__
from tui.engine.lock import held
from tui.session.rows import EngineRow
from tui.session.session import Session
from tui.session.store import now
from tui.text import say


def attach(session: Session) -> str:
    """Makes sure that an engine runs for this session, and says that this client is there.

    Gives a sentence where the running engine is of another version than this client, else "".
    """
    session.store.heartbeat(session.client, os.getpid(), place())
    if not held(session.directory.engine_lock):
        start(session)
        return ""
    row = session.store.fact(EngineRow)
    if row is not None and row.version != __version__:
        return say(
            "The engine of this session is ocp-tui {theirs}, this is {ours}. End it with the command palette "
            "(End the engine) when nothing runs, or open the session with {theirs}.",
            theirs=row.version,
            ours=__version__,
        )
    return ""


def start(session: Session) -> None:
    """Starts the engine detached: its own session, umask 077, its streams in engine.log. A second one ends at once."""
    log = os.open(session.directory.engine_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        subprocess.Popen(
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
    """Whether an engine holds this session."""
    return held(session.directory.engine_lock)


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
