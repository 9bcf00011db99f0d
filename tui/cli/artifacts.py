"""`ocp-tui artifacts`: finds, fetches and verifies what the version needs."""

import argparse
import json
import sys
from pathlib import Path

import msgspec

from tui.artifacts.model import Found
from tui.cli import FOUND, OK, CannotRun
from tui.cli.sessions import add_session, open_session, run_job
from tui.text import say

HELP = say("Finds, fetches and verifies what the version needs: openshift-install, oc, RHCOS images.")
EXAMPLE = "ocp-tui artifacts --session ~/ocp-tui/ocp4 --from https://files.example.com/ocp/4.15.23/"

MARKS = {"verified": "✓", "found": "?", "wrong": "✗", "unknown": "?", "missing": "✗"}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH_OR_URL",
        default="",
        help=say("one more place to look in, besides those the plan names"),
    )
    parser.add_argument("--json", action="store_true", help=say("one JSON object"))


def run(arguments: argparse.Namespace) -> int:
    """0 where everything that is required is verified, 1 where anything is missing, wrong or not vouched for."""
    session = open_session(arguments.session)
    job = run_job(session, "artifacts", source=_absolute(arguments.source))
    if job.state != "done" or job.result is None:
        raise CannotRun(say("The artifacts were not looked at to the end: {why}", why=job.message or job.state))
    found = msgspec.convert(job.result["found"], list[Found])
    if arguments.json:
        print(json.dumps({"artifacts": msgspec.to_builtins(found)}, ensure_ascii=False))
    else:
        _print(found)
    return OK if all(one.state == "verified" for one in found if one.required) else FOUND


def _absolute(source: str) -> str:
    """The engine works in another directory than the person does."""
    return source if not source or "://" in source else str(Path(source).expanduser().absolute())


def _print(found: list[Found]) -> None:
    marks = MARKS if (sys.stdout.encoding or "").lower().startswith("utf") else dict.fromkeys(MARKS, "")
    for one in found:
        optional = "" if one.required else say(" (not required)")
        print(f"{marks[one.state]} {one.state:<8}  {one.title}{optional}  {one.version}")
        print("\n".join(f"             {line}" for line in (one.path, one.detail, one.release_image) if line))
        if one.fix and one.state != "verified":
            print(f"             → {one.fix}")
