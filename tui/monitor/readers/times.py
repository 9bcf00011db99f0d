"""Times as logs print them, in many locales, with or without year and zone, as microseconds since the epoch."""

import re
from datetime import UTC, datetime, timedelta

from tui.monitor.readers.model import Assumptions

_MONTHS = """
jan januari januar janv ene enero gen gennaio янв янв sty led tammi oca 1月 1월
feb februari februar févr fev fév febrero febbraio feb фев lut úno helmi şub 2月 2월
mar mär mrt märz mars marzo мар бер kvě maalis mart 3月 3월
apr avr abr april abril aprile апр kwi dub huhti nis 4月 4월
may mai mei maj mag mayo maggio мая май touko 5月 5월
jun juin juni jun giu junio giugno июн cze čen kesä haz 6月 6월
jul juil juli lug julio luglio июл lip čec heinä tem 7月 7월
aug août aou ago agosto авг sie srp elo ağu 8月 8월
sep sept set septembre setembro sen wrz zář syys eyl 9月 9월 сен
oct okt out ott octubre ottobre окт paź říj loka eki 10月 10월
nov novembre noviembre ноя lis marras kas 11月 11월
dec déc dez dic diciembre dicembre дек gru pro joulu ara 12月 12월
"""
MONTHS = {name: month for month, names in enumerate(_MONTHS.strip().splitlines(), 1) for name in names.split()}
"""Abbreviated month names, lower case without a full stop, as journalctl prints them in the locales met so far."""

_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = re.compile(r"([+-])(\d\d):?(\d\d)?")


class Calendar:
    """Turns a source's dates into instants; remembers the days it saw, for a journal has thousands of lines a day.

    A date without a year takes the newest year that is not after the file's last change (`modified`, seconds since the
    epoch); where the person named the year of the first line, that one, and the next after each turn of the year.
    """

    def __init__(self, assumed: Assumptions, modified: float) -> None:
        self._zone = assumed.zone
        self._newest = datetime.fromtimestamp(modified, UTC) + timedelta(days=1)
        self._year = assumed.since_year
        self._month = 0
        self._days: dict[tuple[int, int], int | None] = {}
        self._dates: dict[str, int | None] = {}

    def without_year(self, month: int, day: int, clock: str, fraction: str | None = None) -> int | None:
        """The instant of 7, 5, "05:38:02"; None where that is no date."""
        if (month, day) not in self._days:
            self._days[month, day] = self._midnight(month, day)
        midnight = self._days[month, day]
        return None if midnight is None else midnight + _within(clock, fraction)

    def with_year(self, date: str, clock: str, fraction: str | None, zone: str | None) -> int | None:
        """The instant of "2021-07-05", "05:38:02", "123456", "+02:00"; None where that is no date."""
        if date not in self._dates:
            try:
                self._dates[date] = _instant(datetime.fromisoformat(date).replace(tzinfo=UTC))
            except ValueError:
                self._dates[date] = None
        midnight = self._dates[date]
        if midnight is None:
            return None
        instant = midnight + _within(clock, fraction)
        east = _offset(zone) if zone else None
        return instant - (self._east(instant) if east is None else east)

    def _midnight(self, month: int, day: int) -> int | None:
        if self._year is not None:
            self._turn(month)
        years = range(self._newest.year, self._newest.year - 9, -1) if self._year is None else [self._year]
        for year in years:
            try:
                there = datetime(year, month, day, tzinfo=self._zone)
            except ValueError:
                continue
            if self._year is not None or there <= self._newest:
                return _instant(there)
        return None

    def _turn(self, month: int) -> None:
        """A month far before the one before it is next year's; far after it, a line that came late."""
        assert self._year is not None
        if self._month and abs(month - self._month) > 6:
            self._year += 1 if month < self._month else -1
            self._days.clear()
        self._month = month

    def _east(self, instant: int) -> int:
        local = datetime.fromtimestamp(instant / _SECOND, UTC).replace(tzinfo=self._zone)
        return (local.utcoffset() or timedelta()) // timedelta(microseconds=1)


def _instant(there: datetime) -> int:
    return (there - _EPOCH) // timedelta(microseconds=1)


def _within(clock: str, fraction: str | None) -> int:
    seconds = int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:8])
    return seconds * _SECOND + (int(fraction[:6].ljust(6, "0")) if fraction else 0)


def _offset(zone: str) -> int | None:
    """Microseconds east of UTC; None for a zone by name, which says too little."""
    if zone in ("Z", "UTC", "GMT"):
        return 0
    found = _ZONE.fullmatch(zone)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return (minutes if found[1] == "+" else -minutes) * 60 * _SECOND
