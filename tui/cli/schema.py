"""`ocp-tui schema`: the JSON Schema of plan.yaml."""

import argparse
import sys

import msgspec

from tui.cli import OK
from tui.plan import files

HELP = "JSON Schema of plan.yaml, for editors and scripts"
EXAMPLE = "ocp-tui schema > plan.schema.json"


def add(parser: argparse.ArgumentParser) -> None:
    """The command takes no arguments."""


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001  (every command has the same signature)
    """Prints the schema."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(files.schema()), indent=2).decode() + "\n")
    return OK
