"""`ocp-tui serve`: the engine serves Ignition and RHCOS images to the planned nodes; this follows it."""

import argparse
import sys

from tui.cli import FOUND, OK
from tui.cli.sessions import add_session, open_session, run_job
from tui.text import say

HELP = say(
    "Has the engine serve Ignition and RHCOS images to the planned nodes, and follows it. Ctrl+C ends the serving."
)
EXAMPLE = "ocp-tui serve --session ~/ocp-tui/ocp4 --listen 192.168.31.160:8080"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument("--listen", metavar="ADDR:PORT", default="", help=say("where to listen (default: the plan's)"))


def run(arguments: argparse.Namespace) -> int:
    """Follows the job until it ends."""
    session = open_session(arguments.session)
    job = run_job(session, "serve", listen=arguments.listen)
    if job.state == "failed":
        sys.stderr.write(f"ocp-tui: {job.message}\n")
        return FOUND
    return OK
