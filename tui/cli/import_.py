"""`ocp-tui import`: existing files taken over into the plan of a session."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tui.cli import CANNOT, FOUND, OK, CannotRun
from tui.cli.sessions import add_session, open_session
from tui.plan.importers import KINDS, MOST_BYTES, Change, Taken, recognise, take_over
from tui.plan.model import Plan
from tui.session.errors import NotSaved
from tui.session.rows import Edited
from tui.session.session import Session
from tui.session.store import now
from tui.text import say

HELP = say(
    "Takes existing files over into the plan: install-config.yaml, oc-mirror's results, what oc adm release mirror"
    " printed, dhcpd.conf, dnsmasq.conf, BIND zones, haproxy.cfg, CSV, pull secrets, CA certificates, SSH public keys."
)
EXAMPLE = "ocp-tui import /etc/dhcp/dhcpd.conf /var/named/ocp4.zone --session ~/ocp-tui/ocp4"

MOST_FILES = 1000
_ORDER = ("", "install-config", "table", "haproxy", "zone", "dnsmasq", "dhcpd")


class Imported(Struct, frozen=True):
    """One file, what it was taken for, and what became of it."""

    file: str
    kind: str
    taken: Taken


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help=say("a file, or a directory such as oc-mirror's cluster-resources")
    )
    add_session(parser)
    parser.add_argument(
        "--replace", action="store_true", help=say("let the files win over what is decided; else that stays")
    )
    parser.add_argument("--json", action="store_true", help=say("one JSON object a file, one a line"))


def run(arguments: argparse.Namespace) -> int:
    """0: all was taken over or is so already; 1: something was not, and why is said; 2: a file cannot be read."""
    session = open_session(arguments.session, make=arguments.session is not None)
    code = OK
    try:
        for path in _in_order(list(_files(arguments.files))):
            try:
                imported = _one(session, path, arguments.replace)
            except CannotRun as error:
                sys.stderr.write(f"ocp-tui: {error}\n")
                code = CANNOT
                continue
            sys.stdout.writelines(_json(imported) if arguments.json else _lines(imported))
            if code == OK and (imported.taken.problems or imported.taken.conflicts):
                code = FOUND
        if session.trouble:
            raise CannotRun(session.trouble)
    finally:
        session.close()
    return code


def _files(names: list[str]) -> Iterator[Path]:
    """The files named; of a directory those in it, a results-* of oc-mirror's workspace included."""
    for name in names:
        path = Path(name)
        if "\0" in name or not path.is_dir():
            yield path
            continue
        inside = sorted(entry for pattern in _PATTERNS for entry in path.glob(pattern) if entry.is_file())
        if not inside:
            raise CannotRun(say("There is no file to import in {path}: name the files.", path=path))
        yield from inside[:MOST_FILES]


_PATTERNS = ("*.yaml", "*.yml", "*.conf", "*.cfg", "*.zone", "db.*", "*.csv", "*.tsv", "*.pem", "*.crt",
             "results-*/*.yaml", "working-dir/cluster-resources/*.yaml", "cluster-resources/*.yaml")  # fmt: skip
"""What is looked for in a directory."""


def _in_order(paths: list[Path]) -> list[Path]:
    """What counts machines or names them by role comes before what knows them only by name."""

    def place(path: Path) -> int:
        try:
            kind = recognise(path.name, _read(path))
        except CannotRun:
            kind = ""
        return _ORDER.index(kind) if kind in _ORDER else 0

    return sorted(paths, key=place) if len(paths) > 1 else paths


def _one(session: Session, path: Path, replace: bool) -> Imported:
    """Takes one file over; the plan is saved before this returns. Raises CannotRun."""
    data = _read(path)
    kind = recognise(path.name, data)
    done: list[Taken] = []

    def change(plan: Plan) -> Plan:
        """On the newest plan, whatever another terminal did meanwhile; its secrets first, so that none is missing."""
        taken = take_over(
            plan, kind, data, name=path.name, replace=replace, secret=session.secrets.read, now=now()
        )  # fmt: skip
        for name, content in taken.secrets.items():
            session.secrets.write(name, content)
        done.append(taken)
        return taken.plan

    try:
        session.plan_file.change(change)
    except NotSaved as error:
        raise CannotRun(str(error)) from error
    for changed in done[-1].changes:
        session.store.put(Edited(field=changed.path, client=session.client, time=now()))
    return Imported(_shown(path), kind, done[-1])


def _read(path: Path) -> bytes:
    """At most one byte more than is ever taken: a size that is then refused."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else say("its name is not a file's")
        raise CannotRun(say("{file} cannot be read: {why}.", file=_shown(path), why=why)) from None


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(imported: Imported) -> Iterator[str]:
    taken = imported.taken
    whole = {
        "file": imported.file,
        "kind": imported.kind or "unknown",
        "changes": [_plain(change) for change in taken.changes],
        "conflicts": [_plain(change) for change in taken.conflicts],
        "problems": [{"line": problem.line or None, "message": problem.message} for problem in taken.problems],
        "notes": taken.notes,
        "secrets": sorted(taken.secrets),
    }
    yield json.dumps(whole, ensure_ascii=False) + "\n"


def _plain(change: Change) -> dict[str, str]:
    return {"path": change.path, "old": change.old, "new": change.new}


def _lines(imported: Imported) -> Iterator[str]:
    taken = imported.taken
    yield f"{imported.file}: {say(KINDS.get(imported.kind, 'not recognised'))}\n"
    for change in taken.changes:
        before = say("  (was {old})", old=change.old) if change.old else ""
        yield f"  + {change.path}: {change.new}{before}\n"
    for conflict in taken.conflicts:
        what = say("{old} stays; the file says {new}", old=conflict.old, new=conflict.new)
        yield f"  ! {conflict.path}: {what}\n"
    for problem in taken.problems:
        where = say("line {line}: ", line=problem.line) if problem.line else ""
        yield f"  ✗ {where}{problem.message}\n"
    yield from (f"  · {note}\n" for note in taken.notes)
    yield f"  {_summary(taken)}\n"


def _summary(taken: Taken) -> str:
    if taken.conflicts:
        return say(
            "{count} taken over, {kept} kept as decided: --replace lets the file win.",
            count=len(taken.changes),
            kept=len(taken.conflicts),
        )
    if not taken.changes:
        return say("Nothing was taken over.") if taken.problems else say("Nothing new: the plan says so already.")
    return say("{count} taken over.", count=len(taken.changes))
