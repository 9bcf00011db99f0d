"""Files in, batches of lines out by time: streaming, in flat memory, whatever they are and however long."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from tui.lines import MOST_BYTES, Batch, Line, received
from tui.monitor.readers.entries import entry_of, exported, line_of
from tui.monitor.readers.files import DAMAGE, Item, Meter, items, size_of
from tui.monitor.readers.machines import Machines
from tui.monitor.readers.merged import Feed, merged
from tui.monitor.readers.model import Assumptions, Kind, Source
from tui.monitor.readers.resources import NotResources, is_resources, lines_of
from tui.monitor.readers.text import TextReader
from tui.monitor.readers.times import Calendar
from tui.monitor.readers.wrapped import rejoined
from tui.text import say

BLOCK = 1 << 20
_FIRST_BLOCK = 4 * BLOCK
"""The first one is larger: from it a source's kind and its machine's name are learnt."""
_HELD = 12 * BLOCK
"""Of all sources together so much is held at once, of each no less than the smallest block."""
_SMALLEST_BLOCK = BLOCK // 16
_LARGEST_RESOURCES = 65 * BLOCK
_LONGEST_LINE = 4 * BLOCK
_HEAD = 4096
_ENTRIES_A_BATCH = 4000
_DIRTY = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f-\xff]")

Told = Callable[[int, int], None]
"""How far reading has come: bytes read, bytes there are."""


class Reading:
    """Reads paths ("-" is standard input) once. `sources` and `records` grow while `batches` is consumed.

    `records` are (node, content) of the bootstrap's service records found in a bundle.
    """

    def __init__(self, paths: Iterable[str], assumed: Assumptions | None = None, told: Told | None = None) -> None:
        self._paths = list(paths)
        self._assumed = assumed or Assumptions()
        self._told = told
        self.sources: list[Source] = []
        self.records: list[tuple[str, bytes]] = []

    def batches(self) -> Iterator[Batch]:
        """Every line, by time over all files. Raises CannotRead for a path the person named and nobody can open."""
        total = size_of(path for path in self._paths if path != "-") if self._told else 0
        meter = Meter()
        found = list(items(self._paths, meter))
        size = min(_FIRST_BLOCK, max(_SMALLEST_BLOCK, _HELD // max(1, len(found))))
        several = len(found) > 1
        feeds = [self._feed(item, meter, size, several=several) for item in found if self._is_log(item)]
        for lines in merged(feeds):
            if self._told:
                self._told(meter.done, total)
            yield Batch(source=lines[0].source, lines=lines)
        if self._told:
            self._told(meter.done, total)

    def _is_log(self, item: Item) -> bool:
        """Whether there are lines to read in it; what else it is, is noted."""
        if item.records:
            self.records.append((item.node, item.open(Meter()).read()))
            self.sources.append(Source(path=item.path, kind="records", node=item.node))
        elif item.damage and not item.open(Meter()).peek(1):
            note = say("The archive is damaged; the rest of it is not read: {reason}.", reason=item.damage)
            self.sources.append(Source(path=item.path, kind="skipped", note=note))
        else:
            return True
        return False

    def _feed(self, item: Item, meter: Meter, size: int, *, several: bool) -> Feed:
        source = Source(path=item.path, node=item.node)
        self.sources.append(source)
        first = None
        if several and not item.once:
            glance = Source(path=item.path, node=item.node)
            for lines in self._lines(item, glance, Meter(), _SMALLEST_BLOCK):
                first = min((line.time for line in lines if line.time is not None), default=None)
                break
        return Feed(first, lambda: self._lines(item, source, meter, size))

    def _lines(self, item: Item, source: Source, meter: Meter, size: int) -> Iterator[list[Line]]:
        try:
            with item.open(meter) as stream:
                for lines in _read(stream, item, source, self._assumed, size):
                    _count(source, lines)
                    yield lines
            damage = item.damage
        except DAMAGE as error:
            damage = str(error) or type(error).__name__
        if damage:
            source.note = say("Damaged after line {count}: {reason}.", count=source.lines, reason=damage)


def _read(
    stream: "io.BufferedReader[Any]", item: Item, source: Source, assumed: Assumptions, size: int
) -> Iterator[list[Line]]:
    head = stream.peek(_HEAD)[:_HEAD]
    if head.startswith(b"LPKSHHRH"):
        source.kind = "skipped"
        source.note = say("A binary journal: convert it first with journalctl --file FILE -o export.")
    elif head.startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP=")):
        source.kind = "journal-export"
        yield from _exported(stream, item, source)
    elif is_resources(head):
        yield from _resources(stream, source)
    elif head.count(b"\0") > len(head) // 50:
        source.kind = "skipped"
        source.note = say("Not text.")
    else:
        yield from _text(stream, item, source, assumed, size)


def _resources(stream: BinaryIO, source: Source) -> Iterator[list[Line]]:
    """Objects of a cluster: all of them at once, for only whole they can be read."""
    source.kind = "resources"
    try:
        yield lines_of(stream.read(_LARGEST_RESOURCES), source.path)
    except NotResources as error:
        source.kind, source.note = "skipped", str(error)


def _exported(stream: BinaryIO, item: Item, source: Source) -> Iterator[list[Line]]:
    machines = Machines(item.node)
    lines: list[Line] = []
    for number, entry in exported(stream):
        line = line_of(entry, number, source.path, machines)
        if line:
            lines.append(line)
        if len(lines) == _ENTRIES_A_BATCH:
            yield lines
            lines = []
    yield lines


def _text(stream: BinaryIO, item: Item, source: Source, assumed: Assumptions, size: int) -> Iterator[list[Line]]:
    machines = Machines(item.node)
    reader = TextReader(source.path, Calendar(assumed, item.modified), machines, item.unit)
    number = 1
    for block in _blocks(stream, size):
        texts = _texts(block)
        reader.relayed = reader.relayed or b"bootkube.sh[" in block
        if number == 1:
            numbered = rejoined(texts, reader.begins_a_line)
            lines = _parsed(numbered, reader, machines)
            if machines.learnt():
                lines = _parsed(numbered, reader, machines)
            source.kind = _kind(lines, block)
        else:
            lines = _parsed(enumerate(texts, number), reader, machines)
        number += len(texts)
        yield lines


def _parsed(numbered: Iterable[tuple[int, str]], reader: TextReader, machines: Machines) -> list[Line]:
    lines = []
    for number, text in numbered:
        if text[:2] == '{"' or text[:3] == '{ "':
            entry = entry_of(text)
            if entry is not None:
                line = line_of(entry, number, reader.source, machines)
                if line:
                    lines.append(line)
                continue
        if text:
            lines.append(reader.line(text, number))
    return lines


def _kind(lines: list[Line], block: bytes) -> Kind:
    if b"OpenShift Installer" in block[:_HEAD] and not any(line.identifier for line in lines[:50]):
        return "installer-log"
    if any(line.boot for line in lines[:50]):
        return "journal-json"
    return "journal" if any(line.identifier for line in lines[:50]) else "log"


def _texts(block: bytes) -> list[str]:
    """The block's lines, safe to show. Most blocks are clean as a whole, which is much faster to know than to mend."""
    text = block.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    texts = text.split("\n")
    if not texts[-1]:
        texts.pop()
    if _DIRTY.search(block):
        return [received(line) for line in texts]
    return [line if len(line) < MOST_BYTES else received(line) for line in texts]


def _blocks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Whole lines, first about `size` bytes, then a megabyte at most; of a line without end the middle is dropped."""
    carried = b""
    while data := stream.read(size):
        last = len(data) < size
        data = carried + data
        end = len(data) if last else data.rfind(b"\n") + 1
        carried = data[end:]
        if len(carried) > _LONGEST_LINE:
            carried = carried[: _LONGEST_LINE // 2] + carried[-MOST_BYTES:]
        if end:
            yield data[:end]
        size = min(size, BLOCK)
    if carried:
        yield carried


def _count(source: Source, lines: list[Line]) -> None:
    source.lines += len(lines)
    times = [line.time for line in lines if line.time is not None]
    if times:
        first, last = min(times), max(times)
        source.first = first if source.first is None else min(first, source.first)
        source.last = last if source.last is None else max(last, source.last)
    if lines and not source.node:
        source.node = next((line.node for line in lines if line.node), "")
