"""`ocp-tui export`: the redacted session log bundle."""

import argparse
import sys
from pathlib import Path

from tui.cli import FOUND, OK
from tui.cli.sessions import add_session, open_session
from tui.session.errors import NotSaved
from tui.session.export import export
from tui.text import say

HELP = say("Writes the session log as one archive with every secret removed: safe to hand to anybody.")
EXAMPLE = "ocp-tui export --session ~/ocp-tui/ocp4 --out /tmp/ocp4-session.tar.gz"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help=say("the archive to write (default: in the session's exports)")
    )


def run(arguments: argparse.Namespace) -> int:
    """Works without an engine: the session directory holds all there is."""
    session = open_session(arguments.session)
    try:
        path = export(
            session.directory,
            session.store,
            arguments.out,
            lambda name: print(say("adding {name}", name=name), file=sys.stderr),
        )
    except NotSaved as error:
        sys.stderr.write(f"ocp-tui: {error}\n")
        return FOUND
    print(path)
    return OK
