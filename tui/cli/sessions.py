"""What subcommands that work on a session share: opening it, and following a job that the engine does."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tui.cli import CannotRun
from tui.engine.client import EngineFailed, ensure, running
from tui.session.directory import last_used, remember
from tui.session.errors import NotSaved, SessionUnusable
from tui.session.rows import Job
from tui.session.session import Session
from tui.text import say

HEARTBEAT_SECONDS = 5
START_SECONDS = 0.5
LOOK_SECONDS = 0.1


def add_session(parser: argparse.ArgumentParser) -> None:
    """The --session argument."""
    parser.add_argument(
        "--session", metavar="DIR", type=Path, help=say("the session directory (default: the one used last)")
    )


def open_session(path: Path | None, *, make: bool = False) -> Session:
    """The session at `path`, else the last one used. Raises CannotRun in a sentence."""
    where = path or last_used()
    if where is None:
        raise CannotRun(say("No session has been used here yet. Name one with --session DIR."))
    if not make and not where.is_dir():
        raise CannotRun(say("There is no session at {where}. Name one that exists with --session DIR.", where=where))
    try:
        session = Session(where)
    except SessionUnusable as error:
        raise CannotRun(str(error)) from error
    remember(session.directory)
    return session


def typed_number(text: str) -> float:
    """A number of minutes above 0, for argparse."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


class Attendance:
    """Keeps an engine at a session while a command waits for what it does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._next = 0.0
        self._said = ""

    def __call__(self) -> None:
        """To be called at every look. Raises CannotRun where no engine can work here; says where it is another's."""
        if time.monotonic() < self._next:
            return
        try:
            said = ensure(self._session)
            up = running(self._session)
        except EngineFailed as error:
            raise CannotRun(str(error)) from error
        if said and said != self._said:
            self._said = said
            sys.stderr.write(f"ocp-tui: {said}\n")
        self._next = time.monotonic() + (HEARTBEAT_SECONDS if up else START_SECONDS)


def request(session: Session, kind: str, **arguments: object) -> int:
    """Asks for a job. Raises CannotRun where it cannot even be written down."""
    try:
        return session.store.request(kind, **arguments)
    except NotSaved as error:
        raise CannotRun(say("{why} Free or remount the disk and ask again.", why=error)) from error


def follow(session: Session, job: int) -> Iterator[Job]:
    """The job each time it changed, until it is finished. Ctrl+C leaves it to the caller."""
    seen, attend = -1, Attendance(session)
    while True:
        attend()
        row = session.store.job(job)
        if row is not None and row.rev != seen:
            seen = row.rev
            yield row
            if row.finished:
                return
        time.sleep(LOOK_SECONDS)


def run_job(session: Session, kind: str, **arguments: object) -> Job:
    """Asks for a job, tells its progress on standard error, gives the finished row. Ctrl+C cancels the job."""
    job = request(session, kind, **arguments)
    told = ""
    try:
        for row in follow(session, job):
            if row.message and row.message != told:
                told = row.message
                sys.stderr.write(f"{told}\n")
            if row.finished:
                return row
    except KeyboardInterrupt:
        session.store.cancel(job)
        raise
    raise AssertionError("a followed job ends finished")
