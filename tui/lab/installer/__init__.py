"""A stand-in for openshift-install: files of the true shape, true words and exit codes, and it installs nothing.

It says that it is a stand-in in `version`, in its help and at the top of every log. Measured against: openshift-install
4.15 and 4.20-dev, platform none.
"""

import argparse
import signal
import sys
from pathlib import Path

from typing_extensions import override

from tui.lab.artifacts import COMMIT, LABEL, stream_text
from tui.lab.images import RELEASE_IMAGE
from tui.lab.installer.output import Failed, Log
from tui.lab.settings import VERSION

LEVELS = ("debug", "info", "warn", "error")


def main(lab: str, argv: list[str]) -> int:
    """Runs the command line `argv`; `lab` is the lab's directory. Gives the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return _run(Path(lab), argv)
    except Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return failed.code


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> None:  # type: ignore[override]
        raise Failed(f'level=fatal msg="Error executing openshift-install: {message}"')


def _parser() -> _Parser:
    shared = _Parser(add_help=False)
    shared.add_argument("--dir", type=Path, default=Path("."), help="assets directory")
    shared.add_argument("--log-level", default="info", help="log level (e.g. debug | info | warn | error)")
    parser = _Parser(prog="openshift-install", description=f"Creates OpenShift clusters. {LABEL}", parents=[shared])
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("version", parents=[shared])
    for name, targets in (
        ("create", ("manifests", "ignition-configs", "single-node-ignition-config")),
        ("wait-for", ("bootstrap-complete", "install-complete")),
        ("coreos", ("print-stream-json",)),
    ):
        command = commands.add_parser(name, parents=[shared])
        below = command.add_subparsers(dest="target", metavar="target", required=True)
        for target in targets:
            below.add_parser(target, parents=[shared])
    return parser


def _run(lab: Path, argv: list[str]) -> int:
    options = _parser().parse_args(argv[1:])
    if options.log_level not in LEVELS:
        raise Failed(f'level=fatal msg=invalid log-level: not a valid logrus Level: "{options.log_level}"')
    if options.command == "version":
        sys.stdout.write(
            f"{argv[0]} {VERSION}\nbuilt from commit {COMMIT}\nrelease image {RELEASE_IMAGE}\n"
            f"release architecture amd64\n{LABEL}\n"
        )
    elif options.command == "coreos":
        sys.stdout.write(stream_text())
    elif options.command == "create":
        from tui.lab.installer.create import create

        create(options.target, options.dir, Log(options.dir, options.log_level), lab)
    elif options.command == "wait-for":
        from tui.lab.installer.waiting import wait_for

        return wait_for(options.target, options.dir, Log(options.dir, options.log_level), lab)
    else:
        _parser().print_help()
    return 0
