"""`ocp-tui import`: existing files taken over into the plan of a session."""

import argparse
import json
import sys
from collections.abc import Iterator

from msgspec import Struct

from tui.cli import CANNOT, FOUND, OK, CannotRun
from tui.cli.sessions import add_session, open_session
from tui.plan.importers import KINDS, Change, Taken
from tui.plan.importers.paths import NotReadable, in_order, read
from tui.plan.importers.telling import told
from tui.session.errors import NotSaved
from tui.text import say

HELP = say(
    "Takes existing files over into the plan: install-config.yaml, oc-mirror's results, what oc adm release mirror"
    " printed, dhcpd.conf, dnsmasq.conf, BIND zones, haproxy.cfg, CSV, pull secrets, CA certificates, SSH public keys."
)
EXAMPLE = "ocp-tui import /etc/dhcp/dhcpd.conf /var/named/ocp4.zone --session ~/ocp-tui/ocp4"


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
        for path in in_order(arguments.files):
            try:
                file = read(path)
                taken = session.take_over(file, replace=arguments.replace)
            except (NotReadable, NotSaved) as error:
                sys.stderr.write(f"ocp-tui: {error}\n")
                code = CANNOT
                continue
            imported = Imported(file.name, file.kind, taken)
            sys.stdout.writelines(_json(imported) if arguments.json else _lines(imported))
            if code == OK and (taken.problems or taken.conflicts):
                code = FOUND
        if session.trouble:
            raise CannotRun(session.trouble)
    except NotReadable as error:
        raise CannotRun(str(error)) from error
    finally:
        session.close()
    return code


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
    yield from (f"  {_MARKS[state]} {sentence}\n" for state, sentence in told(taken))
    yield f"  {_summary(taken)}\n"


_MARKS = {"done": "+", "warning": "!", "failed": "✗", "info": "·"}


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
