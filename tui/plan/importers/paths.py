"""Files to import, by the names a person gives: a file, or a directory such as oc-mirror's results."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from tui.plan.importers.recognising import MOST_BYTES, recognise
from tui.text import say

MOST_FILES = 1000
_ORDER = ("", "install-config", "table", "haproxy", "zone", "dnsmasq", "dhcpd")
_PATTERNS = ("*.yaml", "*.yml", "*.conf", "*.cfg", "*.zone", "db.*", "*.csv", "*.tsv", "*.pem", "*.crt",
             "results-*/*.yaml", "working-dir/cluster-resources/*.yaml", "cluster-resources/*.yaml")  # fmt: skip
"""What is looked for in a directory."""


class NotReadable(OSError):
    """A file or directory cannot be read, or holds nothing to import. Its text is the sentence."""


class File(Struct, frozen=True, kw_only=True):
    """A file's name, what it is taken for ("" where nobody knows) and its content, at most a byte above MOST_BYTES."""

    name: str
    kind: str
    data: bytes


def named(names: Iterable[str]) -> Iterator[Path]:
    """The files named; of a directory those in it, a results-* of oc-mirror's workspace included."""
    for name in names:
        path = Path(name)
        if "\0" in name or not path.is_dir():
            yield path
            continue
        inside = sorted(entry for pattern in _PATTERNS for entry in path.glob(pattern) if entry.is_file())
        if not inside:
            raise NotReadable(say("There is no file to import in {path}: name the files.", path=path))
        yield from inside[:MOST_FILES]


def read(path: Path) -> File:
    """One file. Raises NotReadable."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else say("its name is not a file's")
        raise NotReadable(say("{file} cannot be read: {why}.", file=shown(path), why=why)) from None
    return File(name=shown(path), kind=recognise(path.name, data), data=data)


def in_order(names: Iterable[str]) -> list[Path]:
    """The files named; what counts machines or names them by role before what knows them only by name.

    Only paths, as all of them together may be too much for memory. Raises NotReadable.
    """

    def place(path: Path) -> int:
        try:
            kind = read(path).kind
        except NotReadable:
            kind = ""
        return _ORDER.index(kind) if kind in _ORDER else 0

    paths = list(named(names))
    return sorted(paths, key=place) if len(paths) > 1 else paths


def shown(path: Path) -> str:
    """A path as text that can be printed."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
