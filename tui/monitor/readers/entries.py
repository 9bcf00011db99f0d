"""Journal entries with their fields: `journalctl -o json` and `-o export`."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from tui.lines import Line, received
from tui.monitor.fields import value_of, word_of
from tui.monitor.readers.machines import Machines
from tui.monitor.twins import is_twin

_decoder = msgspec.json.Decoder(dict[str, Any])
_LARGEST_FIELD = 64 * 1024 * 1024


def entry_of(raw: bytes | str) -> dict[str, Any] | None:
    """One line of `-o json` as fields; None where it is no journal entry."""
    try:
        entry = _decoder.decode(raw)
    except msgspec.DecodeError:
        return None
    return entry if "__REALTIME_TIMESTAMP" in entry or "MESSAGE" in entry else None


def line_of(entry: Mapping[str, Any], number: int, source: str, machines: Machines) -> Line | None:
    """An entry as a line; None where it has no message."""
    message = value_of(entry.get("MESSAGE"))
    if message is None:
        return None
    identifier = _word(entry, "SYSLOG_IDENTIFIER")
    unit = (_word(entry, "UNIT") if identifier == "systemd" else "") or _word(entry, "_SYSTEMD_UNIT")
    return Line(
        text=received(message),
        time=_number(entry, "__REALTIME_TIMESTAMP"),
        node=machines.node(_word(entry, "_HOSTNAME"), identifier, _word(entry, "_PID")),
        source=source,
        unit=unit.removesuffix(".service"),
        identifier=identifier,
        priority=_number(entry, "PRIORITY"),
        pid=_number(entry, "_PID"),
        boot=_word(entry, "_BOOT_ID"),
        number=number,
        twin=is_twin(identifier),
    )


def exported(stream: BinaryIO) -> Iterator[tuple[int, dict[str, bytes]]]:
    """The entries of `-o export`, each with the number of its first line. A torn last entry is given as far as it goes.

    A field is NAME=VALUE, or where the value is not one line: NAME, eight bytes of length (little endian), the value.
    """
    entry: dict[str, bytes] = {}
    number = start = 1
    while True:
        raw = stream.readline(_LARGEST_FIELD)
        if not raw.strip(b"\n"):
            if entry:
                yield start, entry
            if not raw:
                return
            entry, start = {}, number + 1
        else:
            name, equals, value = raw.rstrip(b"\n").partition(b"=")
            if not equals:
                size = int.from_bytes(stream.read(8), "little")
                value = stream.read(min(size, _LARGEST_FIELD))
                stream.read(1)
            entry[name.decode("ascii", "replace")] = value
        number += 1


def _word(entry: Mapping[str, Any], name: str) -> str:
    return word_of(entry.get(name))


def _number(entry: Mapping[str, Any], name: str) -> int | None:
    word = _word(entry, name)
    return int(word) if word.isdecimal() else None
