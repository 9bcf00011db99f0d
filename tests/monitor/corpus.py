"""Journals of the corpus as lines, read as plainly as can be: what is tested must not read its own input."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tui.lines import Line
from tui.monitor.twins import is_twin

DATA = Path(__file__).parent.parent / "data"
_SYSLOG = re.compile(r"(\w{3} +\d+ [\d:]{8}) (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: (.*)")


def at(clock: str, year: int = 2025) -> int:
    """ "May 12 04:54:38" as microseconds since the epoch."""
    moment = datetime.strptime(f"{year} {clock}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


def lines(name: str, node: str = "", year: int = 2025) -> Iterator[Line]:
    """The syslog lines of a file in tests/data/journals; `node` instead of the host they name."""
    path = DATA / "journals" / name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for text in data.decode("utf-8", "replace").splitlines():
        if found := _SYSLOG.match(text):
            clock, host, identifier, pid, message = found.groups()
            yield Line(
                text=message,
                time=at(clock, year),
                node=node or host,
                source=name,
                identifier=identifier,
                pid=int(pid) if pid else None,
                twin=is_twin(identifier),
            )
