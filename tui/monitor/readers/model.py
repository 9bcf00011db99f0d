"""What a reader says of the files it read, as data."""

from datetime import UTC, tzinfo
from typing import Literal

from msgspec import Struct

Kind = Literal["journal", "journal-json", "journal-export", "installer-log", "log", "records", "resources", "skipped"]


class Source(Struct, kw_only=True):
    """One file that was read: what it is, whose, and how far it reaches; counted up while reading.

    `path` names a member of an archive as ARCHIVE:MEMBER, standard input as "-". `first` and `last` are microseconds
    since the epoch. `note` is a sentence where not all of it could be read, and why.
    """

    path: str
    kind: Kind = "log"
    node: str = ""
    lines: int = 0
    first: int | None = None
    last: int | None = None
    note: str = ""


class Assumptions(Struct, frozen=True, kw_only=True):
    """What is taken for granted where a line does not say it: the year of the first line, and the time zone."""

    since_year: int | None = None
    zone: tzinfo = UTC
