"""The command line: the wizard's work without a screen. One module a subcommand, imported only when it is asked for.

Each module has `HELP` (one line), `EXAMPLE` (one command), `add(parser)` for its arguments and `run(arguments)`,
which prints results to standard output, everything else to standard error, and returns the exit code.
"""

import argparse
import io
import os
import sys
from importlib import import_module
from types import ModuleType

from tui import __version__
from tui.text import say

OK, FOUND, CANNOT, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "wizard": "the wizard on this session (what ocp-tui does without a subcommand)",
    "lab": "the wizard on a rehearsal cluster on this machine",
    "validate": "judge plan.yaml or install-config.yaml as that version's openshift-install would",
    "check": "ask the world: DNS, load balancer, registry, clock, addresses",
    "artifacts": "find, fetch and verify what the version needs",
    "generate": "install-config, helper configs, manifests, Ignition",
    "serve": "serve Ignition and RHCOS images to the planned nodes",
    "watch": "progress as lines",
    "diagnose": "read journals, logs and log bundles; say how far it got and what failed",
    "import": "take existing files over into the plan",
    "export": "the redacted session log bundle",
    "schema": "JSON Schema of plan.yaml",
}
"""Every subcommand and its line in `ocp-tui --help`, in the order a person meets them."""


def run(arguments: list[str]) -> int:
    """Runs one command and gives its exit code; no traceback ever reaches the person.

    Every failure that a module expects is a `CannotRun` with a whole sentence in it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A locale that lacks a character must not turn a sentence into a traceback.
            stream.reconfigure(errors="replace")
    name, rest = _split(arguments)
    if name is None:
        return _overview(rest)
    try:
        code = _run_command(name, rest)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough; what is still held back must not fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001 - the last net: whatever happens, the person gets a sentence
        from tui.cli import faults

        sys.stderr.write(f"ocp-tui: {faults.sentence(error, name)}\n")
        return CANNOT
    return code


class CannotRun(Exception):
    """The command could not run at all. Its text says what, where, why and what next."""


def _split(arguments: list[str]) -> tuple[str | None, list[str]]:
    if not arguments or arguments[0] == "--session" or arguments[0].startswith("--session="):
        return "wizard", arguments
    if arguments[0] in COMMANDS:
        return arguments[0], arguments[1:]
    return None, arguments


def _overview(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ocp-tui",
        description=say("Installs OpenShift 4 on machines you racked yourself. Without a command: the wizard."),
        epilog="\n".join(["commands:", *(f"  {name:<10} {line}" for name, line in COMMANDS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ocp-tui {__version__}")
    parser.add_argument("--session", metavar="DIR", help=say("the session directory of the wizard"))
    parser.add_argument("command", nargs="?", choices=COMMANDS, metavar="COMMAND")
    try:
        parser.parse_args(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else CANNOT
    return OK


def _run_command(name: str, arguments: list[str]) -> int:
    module = _module(name)
    parser = argparse.ArgumentParser(
        prog="ocp-tui" if name == "wizard" else f"ocp-tui {name}",
        description=module.HELP,
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add(parser)
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else CANNOT
    result: int = module.run(parsed)
    return result


def _module(name: str) -> ModuleType:
    return import_module(f"tui.cli.{name}_" if name == "import" else f"tui.cli.{name}")
