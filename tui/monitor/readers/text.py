"""Lines of plain text, in every dress logs wear: syslog's is taken off, a program's own is only read for the time.

A line that wears none is kept whole, without a time. Which program printed it is never guessed from its words.
"""

import re

from msgspec import Struct

from tui.lines import Line
from tui.monitor.readers.machines import Machines
from tui.monitor.readers.times import MONTHS, Calendar
from tui.monitor.readers.units import unit_of
from tui.monitor.twins import is_twin

_COLON = r" ?:(?: |$)"
_SYSLOG = re.compile(
    r"(\S{1,8}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? (\S+) ([^\s:\[\]]+)(?:\[(\d+)\])?" + _COLON
)
_DATE = r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?"
_ISO = re.compile(
    r"(?:\w{2,4}\.? )?"
    + _DATE
    + r"(Z| ?[+-]\d\d:?\d\d| [A-Z]{2,5})? (\S+) (?:([^\s:\[\]]+)\[(\d+)\]|(kernel))"
    + _COLON
)
_STAMPED = re.compile(r"(?:time=|ts=)?[\"'\[]?" + _DATE + r"(Z| ?[+-]\d\d:?\d\d)?")
_STAMP_IN_JSON = re.compile(r'"(?:ts|time|timestamp|@timestamp)" ?: ?"' + _DATE + r"(Z|[+-]\d\d:?\d\d)?")
_KLOG = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d)\.(\d{6}) ")
_CONSOLE = re.compile(r"\[ *\d+\.\d+\] ?:? ?([\w.@-]+) ?\[(\d+)\]" + _COLON)
_MOST_PREFIX = 400
"""No dress is longer; what follows is not looked at for one."""
_MOST_HEADS = 5000


class _Head(Struct, frozen=True):
    """What stands before a message: when (`assumed`: its year is), on which host, who."""

    time: int | None
    assumed: bool
    host: str
    identifier: str
    pid: str


class TextReader:
    """Reads one source's plain lines. `unit` is whose journal it is, where the file's place tells."""

    def __init__(self, source: str, calendar: Calendar, machines: Machines, unit: str = "") -> None:
        self.source = source
        self._calendar = calendar
        self._machines = machines
        self._unit = unit
        self._heads: dict[str, _Head] = {}
        self.relayed = False
        """Whether bootkube.sh speaks in this source: only then is a container's line podman's copy of one of its."""

    def line(self, text: str, number: int) -> Line:
        """The line as data; what stood before the message has become fields."""
        # Neighbours often have the same head, letter by letter: knowing it again is much faster than reading it.
        start, _, message = text.partition("]: ")
        head = self._heads.get(start)
        if head is None:
            head, end = self._head(text)
            if head is None:
                return self._bare(text, number)
            message = text[end:]
            if end == len(start) + 3:
                if len(self._heads) > _MOST_HEADS:
                    self._heads.clear()
                self._heads[start] = head
        return Line(
            text=message,
            time=head.time,
            node=self._machines.node(head.host, head.identifier, head.pid),
            source=self.source,
            unit=self._unit or unit_of(head.identifier, message),
            identifier=head.identifier,
            pid=int(head.pid) if head.pid else None,
            number=number,
            twin=self.relayed and is_twin(head.identifier),
            assumed_year=head.assumed,
        )

    def begins_a_line(self, text: str) -> bool:
        """Whether a line of its own begins with the text: a paste may have been wrapped by a terminal or by mail."""
        return self._head(text)[0] is not None or self._time(text[:_MOST_PREFIX])[0] is not None

    def _head(self, text: str) -> tuple[_Head | None, int]:
        """The head, and where the message begins; None where there is none that all programs share."""
        found = _SYSLOG.match(text)
        if found:
            month, day, clock, fraction, host, identifier, pid = found.groups()
            known = MONTHS.get(month) or MONTHS.get(month.lower().rstrip("."))
            time = known and self._calendar.without_year(known, int(day), clock, fraction)
            if time is not None:
                return _Head(time, True, host, identifier, pid or ""), found.end()
        if found := _ISO.match(text):
            date, clock, fraction, zone, host, identifier, pid, kernel = found.groups()
            time = self._calendar.with_year(date, clock, fraction, zone and zone.strip())
            return _Head(time, False, host, identifier or kernel, pid or ""), found.end()
        if found := _CONSOLE.match(text):
            return _Head(None, False, "", found[1], found[2]), found.end()
        return None, 0

    def _bare(self, text: str, number: int) -> Line:
        time, assumed = self._time(text[:_MOST_PREFIX])
        return Line(
            text=text,
            time=time,
            node=self._machines.name,
            source=self.source,
            unit=self._unit,
            number=number,
            assumed_year=assumed,
        )

    def _time(self, text: str) -> tuple[int | None, bool]:
        found = _KLOG.match(text)
        if found:
            month, day, clock, fraction = found.groups()
            return self._calendar.without_year(int(month), int(day), clock, fraction), True
        found = _STAMPED.match(text) or (_STAMP_IN_JSON.search(text) if text[:1] == "{" else None)
        if found:
            date, clock, fraction, zone = found.groups()
            return self._calendar.with_year(date, clock, fraction, zone and zone.strip()), False
        return None, False
