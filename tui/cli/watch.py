"""`ocp-tui watch`: the installation's progress as lines."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from tui.cli import FOUND, OK
from tui.cli.sessions import LOOK_SECONDS, Attendance, add_session, open_session, request, typed_number
from tui.monitor.model import ClusterObject, Stage
from tui.session.export.report import clock
from tui.session.rows import NodeRow
from tui.session.session import Session
from tui.text import say

HELP = say("Follows the installation: stages, hints, nodes, operators and certificate requests, as they change.")
EXAMPLE = "ocp-tui watch --session ~/ocp-tui/ocp4 --until bootstrap-complete --timeout 60 --json"

MILESTONES = ("bootstrap-complete", "install-complete")


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    add_session(parser)
    parser.add_argument(
        "--until", choices=MILESTONES, default="install-complete", help=say("when to end (default: %(default)s)")
    )
    parser.add_argument(
        "--timeout", metavar="MIN", type=typed_number, help=say("give up after so many minutes (exit 1)")
    )
    parser.add_argument("--json", action="store_true", help=say("one JSON object a line"))


def run(arguments: argparse.Namespace) -> int:
    """0 where the milestone was reached, 1 where the installation failed or the time ran out."""
    session = open_session(arguments.session)
    until = time.monotonic() + arguments.timeout * 60 if arguments.timeout else None
    job = request(session, "watch")
    for item in _changes(session):
        if item is not None:
            _print(item, as_json=arguments.json)
            continue
        if _reached(session, arguments.until):
            _print(_milestone(session, arguments.until), as_json=arguments.json)
            return OK
        row = session.store.job(job)
        if row is not None and row.state in ("failed", "cancelled"):
            sys.stderr.write(f"ocp-tui: {row.message}\n")
            return FOUND
        if until is not None and time.monotonic() > until:
            sys.stderr.write(
                say("ocp-tui: {until} was not reached in time; the engine goes on.\n", until=arguments.until)
            )
            return FOUND
    return FOUND


def _reached(session: Session, milestone: str) -> bool:
    stage = session.store.fact(Stage, f"{milestone}|")
    return stage is not None and stage.state == "done"


def _changes(session: Session) -> Iterator[dict[str, Any] | None]:
    """What changed, oldest first; None each time there was nothing."""
    rev, event, attend = -1, 0, Attendance(session)
    while True:
        newest = session.store.revision()
        for told in session.store.events(after=event):
            event = told.id
            if told.kind in ("stage", "hint"):
                yield {"time": clock(told.time), "type": told.kind, "text": told.text, **told.data}
        yield from _rows(session, rev)
        rev = newest
        attend()
        yield None
        time.sleep(LOOK_SECONDS)


def _rows(session: Session, rev: int) -> Iterator[dict[str, Any]]:
    for node in session.store.facts(NodeRow, since=rev):
        text = say("{name}: {boot}, SSH {link}", name=node.name, boot=node.boot, link=node.link)
        yield {
            "time": clock(node.seen),
            "type": "node",
            "text": text,
            "node": node.name,
            "boot": node.boot,
            "link": node.link,
        }
    for thing in session.store.facts(ClusterObject, since=rev):
        kind = thing.kind if thing.kind in ("operator", "csr", "node") else "log"
        text = f"{thing.kind} {thing.name}: {thing.state} {thing.message}".rstrip()
        yield {"time": clock(thing.seen), "type": kind, "text": text, "name": thing.name, "state": thing.state}


def _milestone(session: Session, name: str) -> dict[str, Any]:
    return {"time": clock(session.store.clock()), "type": "milestone", "text": name, "id": name}


def _print(item: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(item) if as_json else f"{item['time']} {item['type']:<9} {item['text']}", flush=True)
