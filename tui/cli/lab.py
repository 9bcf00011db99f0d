"""`ocp-tui lab`: the wizard on a rehearsal cluster on this machine."""

import argparse
from pathlib import Path

from tui.cli import OK, CannotRun
from tui.plan.model import Plan
from tui.session.directory import default_home
from tui.session.session import Session
from tui.text import say

HELP = say(
    "Opens the wizard on a rehearsal cluster on loopback addresses: real SSH servers, registry, API and DNS, "
    "recorded journals, scripted failures. Nothing outside this machine is touched."
)
EXAMPLE = "ocp-tui lab --scenario dns-refused --speed 20"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument(
        "--scenario", metavar="NAME", default="dns-refused", help=say("what goes wrong (default: %(default)s)")
    )
    parser.add_argument(
        "--speed", metavar="N", type=float, default=20.0, help=say("how fast lab time runs (default: 20)")
    )
    parser.add_argument("--session", metavar="DIR", type=Path, help=say("the rehearsal's session directory"))
    parser.add_argument("--list", action="store_true", help=say("list the scenarios and end"))


def run(arguments: argparse.Namespace) -> int:
    """Starts the lab and opens the wizard on its session."""
    from tui.lab import scenarios

    known = dict(scenarios())
    if arguments.list:
        for name, title in known.items():
            print(f"{name:<24}{title}")
        return OK
    if arguments.scenario not in known:
        names = ", ".join(known)
        raise CannotRun(say("There is no scenario {name}. Known: {names}.", name=arguments.scenario, names=names))
    from tui.cli.sessions import open_session
    from tui.cli.wizard import open_wizard
    from tui.lab.settings import LabCannotStart
    from tui.lab.start import start

    directory = arguments.session or default_home() / f"lab-{arguments.scenario}"
    session = open_session(directory, make=True)
    try:
        plan = start(session.directory.path, arguments.scenario, arguments.speed)
    except LabCannotStart as error:
        raise CannotRun(str(error)) from error
    take_plan(session, plan)
    if session.trouble:
        raise CannotRun(session.trouble)
    session.close()
    return open_wizard(directory)


def take_plan(session: Session, plan: Plan) -> None:
    """A new rehearsal begins with the lab's plan; one that is gone on with keeps what the person decided in it."""
    if not session.plan.lab:
        session.replace(plan)
    elif session.plan.endpoints != plan.endpoints:
        session.decide("endpoints", plan.endpoints)
