"""Lines of plain text, in every dress logs wear: syslog's is taken off, a program's own is only read for the time.

A line that wears none is kept whole, without a time. Which program printed it is never guessed from its words.
"""

import re

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


class TextReader:
    """Reads one source's plain lines. `unit` is whose journal it is, where the file's place tells."""

    def __init__(self, source: str, calendar: Calendar, machines: Machines, unit: str = "") -> None:
        self.source = source
        self._calendar = calendar
        self._machines = machines
        self._unit = unit
        self.relayed = False
        """Whether bootkube.sh speaks in this source: only then is a container's line podman's copy of one of its."""

    def line(self, text: str, number: int) -> Line:
        """The line as data; what stood before the message has become fields."""
        found = _SYSLOG.match(text)
        if found:
            month, day, clock, fraction, host, identifier, pid = found.groups()
            known = MONTHS.get(month) or MONTHS.get(month.lower().rstrip("."))
            time = known and self._calendar.without_year(known, int(day), clock, fraction)
            if time is not None:
                return self._dressed(text[found.end() :], number, time, (host, identifier, pid), assumed=True)
        first = text[:1]
        if first.isalnum():
            found = _ISO.match(text)
            if found:
                date, clock, fraction, zone, host, identifier, pid, kernel = found.groups()
                time = self._calendar.with_year(date, clock, fraction, zone and zone.strip())
                return self._dressed(text[found.end() :], number, time, (host, identifier or kernel, pid))
        elif first == "[":
            found = _CONSOLE.match(text)
            if found:
                return self._dressed(text[found.end() :], number, None, ("", found[1], found[2]))
        return self._bare(text, number)

    def wears_a_dress(self, text: str) -> bool:
        """Whether the text begins a line of its own: for a paste that a terminal or a mail program has wrapped."""
        line = self.line(text, 0)
        return line.time is not None or bool(line.identifier)

    def _dressed(
        self, text: str, number: int, time: int | None, who: tuple[str, str, str | None], *, assumed: bool = False
    ) -> Line:
        host, identifier, pid = who
        return Line(
            text=text,
            time=time,
            node=self._machines.node(host, identifier, pid or ""),
            source=self.source,
            unit=self._unit or unit_of(identifier, text),
            identifier=identifier,
            pid=int(pid) if pid else None,
            number=number,
            twin=self.relayed and is_twin(identifier),
            assumed_year=assumed,
        )

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
