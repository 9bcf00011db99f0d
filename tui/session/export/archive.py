"""What goes into the archive. Every text passes the redactor; Ignition files and secrets never enter."""

import contextlib
import os
import re
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tui.checks.model import Result
from tui.hints.model import Hint
from tui.monitor.model import ClusterObject, Stage
from tui.secrets import Redactor
from tui.session.directory import SessionDirectory
from tui.session.errors import NotSaved
from tui.session.export.report import clock, report, timeline
from tui.session.known_secrets import known_secrets
from tui.session.rows import StoredLine
from tui.session.store import Store
from tui.text import say

PAGE = 5000
"""Lines read from the database at once: memory stays flat however long the journals are."""
_NEVER = (".ign", ".iso", ".img", ".raw.gz", ".part")
_TEXTS = (".yaml", ".yml", ".json", ".conf", ".cfg", ".zone", ".txt", ".md", ".ipxe", ".log", "")
_MOST_TEXT = 2 * 1024 * 1024

Told = Callable[[str], None]


def export(directory: SessionDirectory, store: Store, out: Path | None = None, told: Told = lambda _: None) -> Path:
    """Writes the archive (0600) and gives its path; without `out` it goes into the session's exports.

    Raises NotSaved where the place cannot be written. `told` hears what is being added.
    """
    redact = Redactor(known_secrets(directory))
    name = time.strftime("ocp-tui-%Y%m%d-%H%M%S", time.gmtime())
    target = out or directory.exports / f"{name}.tar.gz"
    part = target.with_name(f"{target.name}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for path, content in _contents(directory, store):
                told(path)
                _add(archive, f"{name}/{path}", content, redact)
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise NotSaved(
            say("The export {path} cannot be written: {why}. Name another place.", path=target, why=error.strerror)
        ) from error
    return target


def _add(archive: tarfile.TarFile, name: str, content: Iterator[str], redact: Redactor) -> None:
    with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as spool:
        for text in content:
            spool.write(redact(text).encode("utf-8", "replace"))
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = spool.tell(), 0o600, int(time.time())
        spool.seek(0)
        archive.addfile(member, spool)


def _contents(directory: SessionDirectory, store: Store) -> Iterator[tuple[str, Iterator[str]]]:
    yield "report.md", iter([report(directory, store)])
    yield "timeline.txt", timeline(store)
    for name, kind in (("checks", Result), ("hints", Hint), ("stages", Stage), ("cluster", ClusterObject)):
        yield f"{name}.json", _json(store, kind)
    for source in sorted(store.line_counts()):
        yield f"journals/{_plain(source)}.log", _journal(store, source)
    yield from _files(directory)


def _plain(source: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", source)


def _json(store: Store, kind: type[msgspec.Struct]) -> Iterator[str]:
    yield msgspec.json.format(msgspec.json.encode(store.facts(kind)), indent=1).decode()
    yield "\n"


def _journal(store: Store, source: str) -> Iterator[str]:
    after = 0
    while lines := store.lines([source], after=after, most=PAGE):
        yield "".join(map(_journal_line, lines))
        after = lines[-1].id


def _journal_line(line: StoredLine) -> str:
    pid = f"[{line.pid}]" if line.pid else ""
    return f"{clock(line.time)} {line.node or line.source} {line.identifier or line.unit or '-'}{pid}: {line.text}\n"


def _files(directory: SessionDirectory) -> Iterator[tuple[str, Iterator[str]]]:
    """The plan, the generated helper files, and the logs of installer and engine."""
    yield from _file(directory.plan, "plan.yaml")
    yield from _file(directory.engine_log, "engine.log")
    for below, name in ((directory.generated, "generated"), (directory.install, "install")):
        for path in sorted(below.rglob("*")) if below.is_dir() else ():
            relative = path.relative_to(below)
            if "auth" in relative.parts or path.name.startswith(".openshift_install_state"):
                continue
            yield from _file(path, f"{name}/{relative}")


def _file(path: Path, name: str) -> Iterator[tuple[str, Iterator[str]]]:
    wanted = path.is_file() and not path.is_symlink() and path.suffix in _TEXTS and not path.name.endswith(_NEVER)
    if wanted and path.stat().st_size <= _MOST_TEXT:
        yield name, iter([_text(path)])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        return say("This file could not be read: {why}.\n", why=error.strerror)
