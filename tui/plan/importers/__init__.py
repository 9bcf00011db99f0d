"""Files that exist already, taken over into a plan: pure, and nothing that is decided is overwritten unasked.

`recognise` says what a file is, `take_over` puts what it says into a plan. No message repeats a text of the file
that does not look harmless.
"""

from collections.abc import Callable
from importlib import import_module

from tui.plan.importers.found import Change, Found, Source, Taken, Unreadable
from tui.plan.importers.merging import merge
from tui.plan.importers.recognising import KINDS, MOST_BYTES, recognise
from tui.plan.model import Plan
from tui.plan.tables import LineProblem
from tui.text import say

__all__ = ["KINDS", "MOST_BYTES", "Change", "Found", "Taken", "Unreadable", "recognise", "take_over"]

_READERS = {
    "install-config": "install_config.read",
    "mirrors": "mirrors.read",
    "release-mirror": "mirrors.read_output",
    "pull-secret": "access.pull_secret",
    "certificates": "access.certificates",
    "ssh-key": "access.ssh_key",
    "dhcpd": "dhcpd.read",
    "haproxy": "haproxy.read",
    "zone": "zones.read",
    "dnsmasq": "dnsmasq.read",
    "table": "csv_files.read",
}
"""From a kind to the function of this package that reads it."""


def take_over(
    plan: Plan,
    kind: str,
    data: bytes,
    *,
    name: str = "",
    replace: bool = False,
    secret: Callable[[str], bytes] = lambda _: b"",
    now: int = 0,
) -> Taken:
    """The plan with what a file of this kind says. `name` is the file's name, which may tell a zone's.

    `replace` lets the file win over what is decided; `secret` gives the secrets that the plan names, so that the same
    one again is no conflict; certificates are judged at the time `now` (microseconds since the epoch), 0 for not at
    all. A file that cannot be read changes nothing and is one problem.
    """
    if len(data) > MOST_BYTES:
        return _refused(plan, say("The file is larger than 4 MB."))
    if kind not in KINDS:
        return _refused(plan, say("This is none of the files that are taken over; ocp-tui import --help names them."))
    module, _, function = _READERS[kind].partition(".")
    read: Callable[[Source], Found] = getattr(import_module(f"tui.plan.importers.{module}"), function)
    try:
        found = read(Source(data=data, name=name, plan=plan, secret=secret, now=now))
    except Unreadable as error:
        return _refused(plan, error.message, error.line)
    return merge(plan, found, force=replace, secret=secret)


def _refused(plan: Plan, message: str, line: int = 0) -> Taken:
    return Taken(plan=plan, problems=[LineProblem(line, message)])
