"""`ocp-tui` without a subcommand: the wizard on a session."""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from tui.cli import OK, CannotRun
from tui.cli import run as run_command
from tui.text import say

HELP = say("Opens the wizard on a session: the one named, else the one used last, else a new one.")
EXAMPLE = "ocp-tui --session ~/ocp-tui/ocp4"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("--session", metavar="DIR", type=Path, help=say("the session directory"))
    parser.add_argument("--ascii", action="store_true", help=say("draw with ASCII characters only"))


def run(arguments: argparse.Namespace) -> int:
    """Opens the wizard."""
    from tui.session.directory import default_home, last_used

    if arguments.ascii:
        os.environ["OCP_TUI_ASCII"] = "1"
    return open_wizard(arguments.session or last_used() or default_home() / "cluster")


def open_wizard(directory: Path) -> int:
    """Opens the wizard on the session in a directory. Raises CannotRun where no screen or session can be had."""
    refuse_unfit_terminal()
    from tui.plan.files import PlanUnreadable
    from tui.session.directory import remember
    from tui.session.errors import NotSaved, SessionUnusable
    from tui.session.session import Session

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    try:
        session = Session(directory)
    except PlanUnreadable as error:
        raise CannotRun(
            say(
                "{path} is not a plan: {why} Mend it by hand or move it away, then start again; nothing was changed.",
                path=directory / "plan.yaml",
                why=error,
            )
        ) from error
    except (SessionUnusable, NotSaved) as error:
        raise CannotRun(str(error)) from error
    remember(session.directory)
    # The one door from the commands to the screens: by name, because nothing else below the command line may use it.
    if import_module("tui.app").run(session) == "lab":
        return run_command(["lab"])
    return OK


def refuse_unfit_terminal() -> None:
    """Raises CannotRun where there is no terminal, or one that cannot move its cursor."""
    terminal = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise CannotRun(
            say("The wizard needs a terminal. Without one use the commands: ocp-tui --help lists what each does.")
        )
    if terminal in {"", "dumb", "unknown"}:
        raise CannotRun(
            say(
                "The terminal says of itself TERM={terminal}, so no screen can be drawn on it. Set TERM to what it "
                "really is (export TERM=xterm), or use the commands: ocp-tui --help lists them.",
                terminal=terminal or "(nothing)",
            )
        )
    columns, lines = os.get_terminal_size(sys.stderr.fileno())
    if 0 < columns < 60 or 0 < lines < 16:
        raise CannotRun(
            say(
                "This terminal has {columns} columns and {lines} lines; the wizard needs 60 and 16, better 80 and 24. "
                "Enlarge it and start again, or use the commands: ocp-tui --help lists them.",
                columns=columns,
                lines=lines,
            )
        )
