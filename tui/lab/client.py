"""A stand-in for oc: it tells its version, and that it is one."""

import sys

from tui.lab.artifacts import LABEL
from tui.lab.settings import VERSION


def main(_lab: str, argv: list[str]) -> int:
    """Runs the command line; gives its exit code."""
    if argv[1:2] == ["version"]:
        sys.stdout.write(f"Client Version: {VERSION}\nKustomize Version: v5.4.2\n{LABEL}\n")
        return 0
    sys.stderr.write(f"error: {LABEL}\n")
    return 1
