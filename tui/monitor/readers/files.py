"""Which files there are to read: a path as it is, a directory's, an archive's members; unpacked while streaming."""

import gzip
import io
import os
import re
import sys
import tarfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from tui.text import say

_NOT_LOGS = re.compile(
    r"\.(ya?ml|json|inspect|html|crt|key|pem|ign|tmp|db|pack|idx|png|svg|css|js)(\.gz)?$|/rendered-assets/|/audit_logs/|/\.git/"
)
_RECORDS = re.compile(r"/services/[\w-]+\.json$")
_JOURNAL_OF = re.compile(
    r"(?:/(?:bootstrap|control-plane/[^/]+)/journals/([\w@.-]+)\.log|/([\w-]+)_service\.log)(?:\.gz)?$"
)
_NODE_OF = re.compile(
    r"(?:^|/)(?:(bootstrap)|control-plane/([^/]+))/(?:journals|containers|services|pods|unit-status)/"
)
_TAR_MAGIC_AT = 257
_BUFFER = 1 << 16


DAMAGE = (OSError, EOFError, zlib.error, tarfile.TarError)
"""What reading a torn or damaged file raises."""


class CannotRead(Exception):
    """A path the person named cannot be read. Its text says which, why and what next."""


class Item(Struct, frozen=True):
    """A file to read. `node` and `unit` are what its place in a bundle tells ("" nothing), `modified` seconds since
    the epoch; `progress` gives how many bytes of what the person named have been read so far. `damage` says why the
    rest of an archive cannot be read: then there is nothing in the stream.
    """

    path: str
    stream: "io.BufferedReader[Any]"
    modified: float
    progress: Callable[[], int]
    records: bool = False
    damage: str = ""

    @property
    def node(self) -> str:
        """The node whose directory of a bundle it lies in."""
        found = _NODE_OF.search(self.path)
        return (found[1] or found[2]) if found else ""

    @property
    def unit(self) -> str:
        """The unit whose journal it is, by its name in a bundle."""
        found = _JOURNAL_OF.search(self.path)
        return (found[1] or found[2]).removesuffix(".service") if found else ""


def size_of(paths: Iterable[str]) -> int:
    """Bytes there are to read, for a progress bar; what cannot be counted counts nothing."""
    total = 0
    for path in paths:
        files = _walk(Path(path)) if os.path.isdir(path) else [Path(path)]
        total += sum(file.stat().st_size for file in files if file.is_file())
    return total


def items(paths: Iterable[str]) -> Iterator[Item]:
    """The files behind the paths ("-" is standard input), each open until the next one is asked for."""
    before = 0
    for path in paths:
        if path == "-":
            yield from _unpacked("-", sys.stdin.buffer, time.time(), lambda: 0)
        elif os.path.isdir(path):
            for file in _walk(Path(path)):
                yield from _file(file, before, named=False)
                before += file.stat().st_size
        else:
            yield from _file(Path(path), before, named=True)
            before += Path(path).stat().st_size


def _walk(directory: Path) -> Iterator[Path]:
    for parent, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and _wanted(str(path)):
                yield path


def _wanted(path: str) -> bool:
    return bool(_RECORDS.search(path)) or not _NOT_LOGS.search(path)


def _file(path: Path, before: int, *, named: bool) -> Iterator[Item]:
    try:
        with path.open("rb") as raw:
            yield from _unpacked(str(path), raw, path.stat().st_mtime, lambda: before + raw.tell())
    except OSError as error:
        if named:
            reason = error.strerror or str(error)
            raise CannotRead(say("{path} cannot be read: {reason}.", path=path, reason=reason)) from None


def _unpacked(path: str, raw: IO[bytes], modified: float, progress: Callable[[], int]) -> Iterator[Item]:
    stream = _inflated(io.BufferedReader(raw, _BUFFER))  # type: ignore[arg-type]
    try:
        head = stream.peek(_TAR_MAGIC_AT + 5)
    except DAMAGE:
        head = b""
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        yield from _members(path, stream, progress)
    else:
        yield Item(path, stream, modified, progress, records=bool(_RECORDS.search(path)))


def _members(path: str, stream: IO[bytes], progress: Callable[[], int]) -> Iterator[Item]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = f"/{member.name}"
                inner = archive.extractfile(member) if member.isfile() and _wanted(name) else None
                if inner is not None:
                    opened = _inflated(io.BufferedReader(inner, _BUFFER))  # type: ignore[arg-type]
                    records = bool(_RECORDS.search(name))
                    yield Item(f"{path}:{member.name}", opened, member.mtime, progress, records)
    except DAMAGE as error:
        yield Item(path, io.BufferedReader(io.BytesIO()), 0, progress, damage=str(error) or type(error).__name__)


def _inflated(stream: io.BufferedReader) -> io.BufferedReader:
    if stream.peek(2)[:2] != b"\x1f\x8b":
        return stream
    return io.BufferedReader(gzip.GzipFile(fileobj=stream), _BUFFER)
