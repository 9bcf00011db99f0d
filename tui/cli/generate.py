"""`ocp-tui generate`: install-config, helper configurations, manifests, Ignition."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from tui.cli import FOUND, OK, CannotRun
from tui.cli.sessions import add_session, open_session, run_job
from tui.text import say

HELP = say(
    "Makes install-config.yaml and helper files from the plan, then manifests and Ignition by openshift-install."
)
EXAMPLE = "ocp-tui generate --session ~/ocp-tui/ocp4 --configs-only"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument("--configs-only", action="store_true", help=say("stop before openshift-install is run"))
    parser.add_argument("--json", action="store_true", help=say("one JSON object"))


def run(arguments: argparse.Namespace) -> int:
    """0 where all was made, 1 where the plan or openshift-install refused."""
    session = open_session(arguments.session)
    job = run_job(session, "generate", configs_only=arguments.configs_only)
    if job.state == "failed":
        if arguments.json:
            print(json.dumps({"made": False, "error": job.message}, ensure_ascii=False))
        sys.stderr.write(f"ocp-tui: {job.message}\n")
        return FOUND
    if job.state != "done" or job.result is None:
        raise CannotRun(say("Generating did not come to its end: {why}", why=job.message or job.state))
    place = str(session.directory.generated)
    if arguments.json:
        print(json.dumps(_plain(job.result, place), ensure_ascii=False))
    else:
        _print(job.result, place)
    return OK


def _plain(result: dict[str, Any], place: str) -> dict[str, Any]:
    """Where the files are: `files` below `generated`, `ignition` (with SHA-512) below `directory`; ISO times."""
    clock = result.get("clock")
    return {
        "made": True,
        "generated": place,
        "files": result["files"],
        "directory": result["directory"] if "ignition" in result else None,
        "ignition": result.get("ignition", []),
        "kept": result.get("kept", ""),
        "warnings": result.get("warnings", []),
        "certificates": clock and clock | {name: _time(clock[name]) for name in ("created", "expires")},
    }


def _print(result: dict[str, Any], place: str) -> None:
    for name in result["files"]:
        print(f"{place}/{name}")
    for made in result.get("ignition", []):
        print(f"{result['directory']}/{made['name']}  sha512-{made['sha512']}")
    if result.get("kept"):
        print(say("The run before is kept in {place}.", place=result["kept"]))
    for warning in result.get("warnings", []):
        print(say("openshift-install warns: {warning}", warning=warning))
    clock = result.get("clock")
    if clock:
        about = say(" (estimated)") if clock["estimated"] else ""
        print(say("The bootstrap's certificates end {time}{about}.", time=_time(clock["expires"]), about=about))
        print(say("Boot the machines within 12 hours of making them."))


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
