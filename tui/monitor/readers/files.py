"""Which files there are to read: a path as it is, a directory's, an archive's members; unpacked while streaming."""

import gzip
import io
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from msgspec import Struct
from typing_extensions import override

from tui.monitor.readers.resources import WANTED
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


class Meter:
    """Counts the bytes read of what the person named."""

    def __init__(self) -> None:
        self.done = 0


class Item(Struct, frozen=True):
    """A file to read: `open` gives its content, unpacked, and counts what it reads; it may be opened again, `once` not.

    `modified` is seconds since the epoch. `damage` says why the rest of it, or of its archive, cannot be read.
    """

    path: str
    open: Callable[[Meter], "io.BufferedReader[Any]"]
    modified: float
    records: bool = False
    damage: str = ""
    once: bool = False

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


def items(paths: Iterable[str], meter: Meter) -> Iterator[Item]:
    """The files behind the paths ("-" is standard input). Archives are unpacked to a nameless file on disk."""
    for path in paths:
        if path == "-":
            yield from _standard_input(meter)
        elif os.path.isdir(path):
            for file in _walk(Path(path)):
                yield from _file(file, meter, named=False)
        else:
            yield from _file(Path(path), meter, named=True)


def _walk(directory: Path) -> Iterator[Path]:
    for parent, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and _wanted(str(path)):
                yield path


def _wanted(path: str) -> bool:
    return bool(_RECORDS.search(path) or WANTED.search(path)) or not _NOT_LOGS.search(path)


def _standard_input(meter: Meter) -> Iterator[Item]:
    stream = _inflated(_buffered(sys.stdin.buffer, meter))
    if _is_archive(stream):
        yield from _members("-", stream)
    else:
        yield Item("-", lambda _: stream, time.time(), once=True)


def _file(path: Path, meter: Meter, *, named: bool) -> Iterator[Item]:
    try:
        with path.open("rb") as raw:
            archive = _is_archive(_inflated(_buffered(raw, Meter())))
        if archive:
            with path.open("rb") as raw:
                yield from _members(str(path), _inflated(_buffered(raw, meter)))
        else:
            yield Item(
                str(path), partial(_opened, path), path.stat().st_mtime, records=bool(_RECORDS.search(str(path)))
            )
    except OSError as error:
        if named:
            reason = error.strerror or str(error)
            raise CannotRead(say("{path} cannot be read: {reason}.", path=path, reason=reason)) from None


def _opened(path: Path, meter: Meter) -> "io.BufferedReader[Any]":
    """The file's content; a small one's is in memory, so that a thousand of them do not stay open."""
    if path.stat().st_size > _BUFFER or not path.is_file():
        return _inflated(_buffered(path.open("rb"), meter))
    data = path.read_bytes()
    meter.done += len(data)
    return _inflated(io.BufferedReader(io.BytesIO(data)))


def _is_archive(stream: "io.BufferedReader[Any]") -> bool:
    try:
        head = stream.peek(_TAR_MAGIC_AT + 5)
    except DAMAGE:
        return False
    return head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar"


def _members(path: str, stream: IO[bytes]) -> Iterator[Item]:
    """An archive's members, each with its place in one nameless file: a packed archive can only be read in order."""
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - the items read it
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = f"/{member.name}"
                inner = archive.extractfile(member) if member.isfile() and _wanted(name) else None
                if inner is not None:
                    begin = unpacked.tell()
                    damage = _copied(inner, unpacked)
                    opened = partial(_part, unpacked, begin, unpacked.tell())
                    yield Item(f"{path}:{member.name}", opened, member.mtime, bool(_RECORDS.search(name)), damage)
    except DAMAGE as error:
        yield Item(path, lambda _: io.BufferedReader(io.BytesIO()), 0, damage=_reason(error))


def _copied(stream: IO[bytes], unpacked: IO[bytes]) -> str:
    """Copies as far as it goes; why not all of it, or nothing."""
    try:
        shutil.copyfileobj(stream, unpacked, _BUFFER)
    except DAMAGE as error:
        return _reason(error)
    return ""


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


class _Part(io.RawIOBase):
    """A stretch of a file, read by its place, so that several can be read in turns."""

    def __init__(self, file: IO[bytes], begin: int, end: int) -> None:
        self._file, self._at, self._end = file, begin, end

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any) -> int:
        data = os.pread(self._file.fileno(), min(len(buffer), self._end - self._at), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Metered(io.RawIOBase):
    """A file whose bytes are counted as they are read."""

    def __init__(self, raw: IO[bytes], meter: Meter) -> None:
        self._raw, self._meter = raw, meter

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any) -> int:
        data = self._raw.read1(len(buffer)) if hasattr(self._raw, "read1") else self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._meter.done += len(data)
        return len(data)

    @override
    def close(self) -> None:
        if not self.closed and self._raw is not sys.stdin.buffer:
            self._raw.close()
        super().close()


def _part(file: IO[bytes], begin: int, end: int, _: Meter) -> "io.BufferedReader[Any]":
    file.flush()
    return _inflated(io.BufferedReader(_Part(file, begin, end), _BUFFER))


def _buffered(raw: IO[bytes], meter: Meter) -> "io.BufferedReader[Any]":
    return io.BufferedReader(_Metered(raw, meter), _BUFFER)


def _inflated(stream: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    if stream.peek(2)[:2] != b"\x1f\x8b":
        return stream
    return io.BufferedReader(gzip.GzipFile(fileobj=stream), _BUFFER)
