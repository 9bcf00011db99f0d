"""What a person is told when a command could not run: the expected in its own words, the unexpected in ours."""

import os
import sqlite3
import sys
import traceback
from pathlib import Path

from tui.cli import CannotRun
from tui.secrets import Redactor
from tui.session.errors import NotSaved, SessionUnusable
from tui.text import say


def sentence(error: Exception, command: str) -> str:
    """What happened, where, and what next. A fault of ours leaves its traceback in a file that the sentence names."""
    if isinstance(error, CannotRun | SessionUnusable | NotSaved):
        return str(error)
    if isinstance(error, sqlite3.Error):
        return say(
            "The session's database session.db cannot be read ({why}). plan.yaml and the secrets beside it are whole: "
            "move session.db away and start again; what the engine had recorded is then lost.",
            why=error,
        )
    if isinstance(error, OSError):
        _drop_output(error)
        return say(
            "{path} cannot be read or written: {why}. Mend that and ask again.",
            path=error.filename or say("The output"),
            why=error.strerror or error,
        )
    return say(
        "“{command}” stopped at a fault of ocp-tui itself ({kind}: {error}). {details}",
        command=command,
        kind=type(error).__name__,
        error=Redactor()(str(error)),
        details=_details(error),
    )


def _drop_output(error: OSError) -> None:
    """Output that the disk refused must not fail once more when the process ends."""
    if error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _details(error: Exception) -> str:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    path = Path(state) / "ocp-tui" / "last-fault.txt"
    text = Redactor()("".join(traceback.format_exception(error)))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except OSError:
        return say("The session is as it was; please report it.")
    return say("The session is as it was; please report it with {path}.", path=path)
