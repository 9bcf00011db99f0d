"""A journal line as data, and what every line goes through once, at ingest: decoding, cutting, cleaning.

Node logs are hostile text. Whatever a terminal could act upon (control bytes, bidirectional overrides) is replaced
here, so that no widget, report or export has to think of it again.
"""

import re

from msgspec import Struct

MOST_BYTES = 64 * 1024
_KEPT_EACH_END = MOST_BYTES // 2 - 64
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Line(Struct, frozen=True, kw_only=True):
    """One line of a journal or a log, cleaned.

    `time` is the node's own clock: microseconds since the epoch, UTC; None where the line carries none.
    `source` names where it came from (a node's name, a file's path), `node` the machine that wrote it ("" unknown).
    `unit` is the systemd unit without ".service"; `identifier` the syslog identifier; `boot` the boot id ("" unknown).
    `number` is the line number within a file source (1-based), 0 for a live journal.
    `twin` marks podman's copy of a line that a unit printed too: stored, but not counted by stages and hints.
    """

    text: str
    time: int | None = None
    node: str = ""
    source: str = ""
    unit: str = ""
    identifier: str = ""
    priority: int | None = None
    pid: int | None = None
    boot: str = ""
    number: int = 0
    twin: bool = False
    assumed_year: bool = False


class Batch(Struct, frozen=True, kw_only=True):
    """What one read of one source brought: its lines in order, and the cursor after the last of them ("" for files)."""

    source: str
    lines: list[Line]
    cursor: str = ""


def clean(message: str) -> str:
    """The message without colour codes and with every other control character replaced by U+FFFD."""
    if message.isascii() and message.isprintable():
        return message
    return _CONTROL.sub("\ufffd", _COLOUR.sub("", message))


def cut(message: str) -> str:
    """The message, or where it is longer than 64 KiB its head and tail with a mark that says how much was left out."""
    if len(message) <= MOST_BYTES // 4 or len(message.encode("utf-8", "replace")) <= MOST_BYTES:
        return message
    data = message.encode("utf-8", "replace")
    head = data[:_KEPT_EACH_END].decode("utf-8", "ignore")
    tail = data[-_KEPT_EACH_END:].decode("utf-8", "ignore")
    return f"{head} […{len(data) - 2 * _KEPT_EACH_END} bytes left out…] {tail}"


def received(message: str | bytes) -> str:
    """A message as it came from outside, made safe to store and show: decoded, cut, cleaned."""
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
    return clean(cut(text)).rstrip("\n")
