"""`ocp-tui check`: preflight against the real world."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from tui import checks
from tui.checks.model import Result
from tui.cli import FOUND, OK, CannotRun
from tui.cli.sessions import add_session, open_session, run_job
from tui.session.session import Session
from tui.text import say

HELP = say("Asks the world, for the session's plan: DNS, load balancer, registry, clock, addresses, this machine.")
EXAMPLE = "ocp-tui check --session ~/ocp-tui/ocp4 --only dns.api lb.6443 --json"

MARKS = {"ok": "✓", "warning": "▲", "failed": "✗", "unknown": "?"}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument(
        "--only", nargs="+", metavar="ID", default=[], help=say("only these checks, or all of a kind such as dns")
    )
    parser.add_argument("--json", action="store_true", help=say("one JSON object"))


def run(arguments: argparse.Namespace) -> int:
    """0 where all is well (warnings and what the person overrode too), 1 where anything failed or is unknown."""
    _known(arguments.only)
    session = open_session(arguments.session)
    results = _asked(session, arguments.only)
    if arguments.json:
        print(json.dumps({"results": [_plain(result) for result in results]}, ensure_ascii=False))
    else:
        _print(results)
    return FOUND if any(counts(result) for result in results) else OK


def counts(result: Result) -> bool:
    """Whether this result makes the whole a failure."""
    return result.state in ("failed", "unknown") and result.overridden is None


def _known(only: list[str]) -> None:
    ids = {check.id for check in checks.catalogue()}
    for name in only:
        if name not in ids and name not in {id_.partition(".")[0] for id_ in ids}:
            raise CannotRun(say("There is no check {name}. There are: {ids}.", name=name, ids=", ".join(sorted(ids))))


def _asked(session: Session, only: list[str]) -> list[Result]:
    job = run_job(session, "check", only=only)
    if job.state != "done":
        raise CannotRun(say("The checks did not come to their end: {why}", why=job.message or job.state))
    order = {check.id: place for place, check in enumerate(checks.catalogue())}
    begun = job.started or job.created
    fresh = [result for result in session.store.facts(Result) if result.asked_at >= begun]
    return sorted(fresh, key=lambda result: (order.get(result.id, len(order)), result.subject, result.asked_from))


def _plain(result: Result) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(result)
    asked = datetime.fromtimestamp(result.asked_at / 1e6, UTC)
    return plain | {"asked_at": asked.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _print(results: list[Result]) -> None:
    marks = MARKS if (sys.stdout.encoding or "").lower().startswith("utf") else dict.fromkeys(MARKS, "")
    for result in results:
        print(f"{marks[result.state]} {result.state:<7}  {result.id:<20} {result.subject}")
        if result.state == "ok":
            continue
        print(f"             {result.evidence}")
        if result.fix:
            print(f"             → {result.fix}")
        if result.overridden is not None:
            print("             " + say("overridden: {reason}", reason=result.overridden))
    tally = ", ".join(
        f"{sum(result.state == state for result in results)} {state}"
        for state in ("ok", "warning", "failed", "unknown")
    )
    print(say("{count} answers: {tally}.", count=len(results), tally=tally))
