"""Ranges in what a person types: `worker-[01-20]`, `192.168.31.[164-183]`, `52:54:00:00:00:[10-1f]`."""

import re
from typing import NamedTuple

from tui.text import say

MOST = 1000
"""More than this is a slip of the keyboard."""
LONGEST = 300
"""No name, address or URL of a machine is longer."""

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PART = re.compile(r"([0-9]{1,9}|[0-9a-f]{1,4}|[a-z])(?:-([0-9]{1,9}|[0-9a-f]{1,4}|[a-z]))?", re.IGNORECASE)
_LOOKS_MEANT = re.compile(r"[0-9a-z]{1,9}\s*(?:-|\.\.|,)[0-9a-z,\s.-]*", re.IGNORECASE)
_HEX_AROUND = re.compile(r"[0-9a-f:.\-]*", re.IGNORECASE)
_IPV4 = re.compile(r"\d+(\.\d+){3}")


class NotARange(ValueError):
    """The brackets hold no range that can be counted through. Its text says what would be one."""


class _Range(NamedTuple):
    shown: str
    values: list[str]


def expand(text: str) -> list[str]:
    """The texts that a text with ranges stands for, in order; several ranges count in step. Raises NotARange.

    Brackets hold numbers (`[01-20]` keeps its zeros), single letters, or several parts (`[1-3,7]`). Between the colons
    of a MAC or IPv6 address they count in base 16. An address in brackets, as in `[fd00::1]:443`, is no range.
    """
    if len(text) > LONGEST:
        raise NotARange(say("This is longer than any name, address or URL of a machine."))
    found = [match for match in _BRACKETS.finditer(text) if _LOOKS_MEANT.fullmatch(match[1])]
    outside = _BRACKETS.sub("", text)
    if "[" in outside or "]" in outside:
        raise NotARange(say("A bracket is open or closed without its other half. Write a range as worker-[01-20]."))
    if not found:
        return [text]
    around = _BRACKETS.sub("0", text)
    base = 16 if ":" in around and _HEX_AROUND.fullmatch(around) else 10
    ranges = [_range(match[1], base) for match in found]
    _in_step(ranges)
    texts = [_filled(text, found, [one.values[number] for one in ranges]) for number in range(len(ranges[0].values))]
    if _IPV4.fullmatch(around) and any(int(part) > 255 for one in texts for part in one.split(".")):
        raise NotARange(say("[{range}] leaves the address: its parts end at 255.", range=ranges[0].shown))
    return texts


def in_step(cells: list[str]) -> list[list[str]]:
    """Rows out of one row of cells with ranges: a cell without a range is the same in every row. Raises NotARange."""
    columns = [expand(cell) for cell in cells]
    count = max((len(column) for column in columns), default=0)
    lengths = sorted({len(column) for column in columns if len(column) > 1})
    if len(lengths) > 1:
        raise NotARange(_uneven(lengths))
    return [[column[number] if len(column) > 1 else column[0] for column in columns] for number in range(count)]


def _in_step(ranges: list[_Range]) -> None:
    lengths = sorted({len(one.values) for one in ranges})
    if len(lengths) > 1:
        raise NotARange(_uneven(lengths))


def _uneven(lengths: list[int]) -> str:
    return say(
        "The ranges count {few} and {many} values; together they have to be equally long.",
        few=lengths[0],
        many=lengths[-1],
    )


def _filled(text: str, places: list[re.Match[str]], values: list[str]) -> str:
    made, at = [], 0
    for place, value in zip(places, values, strict=True):
        made += [text[at : place.start()], value]
        at = place.end()
    return "".join([*made, text[at:]])


def _range(inside: str, base: int) -> _Range:
    values: list[str] = []
    shown = inside.strip() if len(inside) <= 30 else "…"
    for part in inside.split(","):
        values += _values(part.strip(), shown, base, MOST - len(values))
    return _Range(shown, values)


def _values(part: str, shown: str, base: int, room: int) -> list[str]:
    match = _PART.fullmatch(part)
    if match is None:
        raise NotARange(say("[{range}] is no range. Write it as [01-20], or [1-3,7].", range=shown))
    first, last = match[1], match[2] or match[1]
    low, high = _number(first, base, shown), _number(last, base, shown)
    if first.isdigit() != last.isdigit() and base == 10:
        raise NotARange(say("[{range}] goes from a number to a letter.", range=shown))
    if low > high:
        raise NotARange(say("[{range}] runs backwards: write the smaller one first.", range=shown))
    if high - low >= room:
        raise NotARange(say("[{range}] stands for more than {most} values.", range=shown, most=MOST))
    if base == 10 and not first.isdigit():
        return [chr(code) for code in range(low, high + 1)]
    width = len(first) if first.startswith("0") or len(first) == len(last) else 0
    letters = "X" if base == 16 and part != part.lower() else "x" if base == 16 else "d"
    return [f"{number:0{width}{letters}}" for number in range(low, high + 1)]


def _number(text: str, base: int, shown: str) -> int:
    if base == 10 and len(text) == 1 and text.isalpha():
        return ord(text)
    try:
        return int(text, base)
    except ValueError:
        raise NotARange(say("[{range}] is no range. Write it as [01-20], or [1-3,7].", range=shown)) from None
