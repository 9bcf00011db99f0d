"""YAML read strictly: what a person would misread is refused, with its line and column, before anything is built.

Plain values mean what openshift-install's own YAML reader (go-yaml 2, YAML 1.1) takes them for, so that an
install-config can be judged as the installer would judge it: `scan` builds the document and lists the flaws that
the installer may let pass; `read` refuses the first of them.
"""

import base64
import binascii
import math
import re
from typing import Any, NamedTuple

from tui.text import say

MOST_BYTES = 4 * 1024 * 1024
MOST_LEVELS = 100
MOST_VALUES = 100_000

Positions = dict[str, tuple[int, int]]
"""Where each key or list item begins, by path such as `networking.clusterNetwork[0].cidr`: (line, column), from 1."""


class YamlUnreadable(ValueError):
    """The text cannot be read. `what` is a sentence without any value of the file; line and column count from 1.

    `id` names the reason as a rule would; `installer` says that openshift-install's reader refuses it too.
    """

    def __init__(
        self,
        what: str,
        line: int | None = None,
        column: int | None = None,
        *,
        reason: str = "yaml.syntax",
        installer: bool = True,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column
        self.id = reason
        self.installer = installer


class Flaw(NamedTuple):
    """Something YAML allows and a person misreads: `id` is "yaml.duplicate-key", "yaml.boolean-word",
    "yaml.sexagesimal" or "yaml.second-document"."""

    id: str
    what: str
    path: str
    line: int
    column: int


class Scanned(NamedTuple):
    """The first document of a text: its value, where everything begins, and its flaws in order."""

    value: Any
    positions: Positions
    flaws: list[Flaw]


def read(data: bytes | str) -> tuple[Any, Positions]:
    """The only document of the text, and where each of its values begins. Raises YamlUnreadable, for any flaw too."""
    value, positions, flaws = scan(data)
    if flaws:
        first = flaws[0]
        raise YamlUnreadable(first.what, first.line, first.column, reason=first.id, installer=False)
    return value, positions


def scan(data: bytes | str) -> Scanned:
    """The first document of the text with its flaws listed. Raises YamlUnreadable where there is nothing to build."""
    import yaml
    from yaml._yaml import CParser

    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MOST_BYTES:
        raise YamlUnreadable(say("The file is larger than 4 MB."), reason="yaml.too-large", installer=False)
    builder = _Builder(CParser(raw))
    try:
        return builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlUnreadable(
            say("This is not YAML: {problem}.", problem=error.problem or error.context),
            mark.line + 1 if mark else None,
            mark.column + 1 if mark else None,
        ) from None
    except yaml.reader.ReaderError as error:
        before = raw[: max(error.position, 0)]
        raise YamlUnreadable(
            say("This is not text: {reason}.", reason=error.reason),
            before.count(b"\n") + 1,
            len(before) - (before.rfind(b"\n") + 1) + 1,
        ) from None


def place(positions: Positions, path: str) -> tuple[int, int] | tuple[None, None]:
    """Where a path begins; where it is missing, where the nearest thing around it begins."""
    while path:
        if path in positions:
            return positions[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return (None, None)


class _Builder:
    """Builds plain values from the C parser's events, which need no recursion in C and so survive any depth."""

    def __init__(self, parser: Any) -> None:
        from yaml import events

        self._next = parser.get_event
        self._events = events
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._positions: Positions = {}
        self._flaws: list[Flaw] = []
        self._values = 0

    def document(self) -> Scanned:
        self._next()  # the stream begins
        start = self._next()
        if type(start) is self._events.StreamEndEvent:
            return Scanned(None, self._positions, self._flaws)
        if start.version not in {None, (1, 1)}:
            raise YamlUnreadable(
                say("The installer reads YAML 1.1 only; delete the %YAML line."), *_where(start.start_mark)
            )
        value = self._value(self._next(), "", 0)
        self._next()  # the document ends
        self._look_behind()
        return Scanned(value, self._positions, self._flaws)

    def _look_behind(self) -> None:
        """The installer stops after the first document: whatever follows is lost without a word."""
        import yaml

        try:
            event = self._next()
        except yaml.YAMLError:
            event = None
        if type(event) is not self._events.StreamEndEvent:
            line, column = _where(event.start_mark) if event else (1, 1)
            self._flaw("second-document", say("A second document follows, which nobody would read."), "", line, column)

    def _value(self, event: Any, path: str, depth: int) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            line, column = _where(event.start_mark)
            raise YamlUnreadable(
                say("There are more than {most} values, counting repeated ones.", most=MOST_VALUES),
                line,
                column,
                reason="yaml.too-many-values",
                installer=False,
            )
        kind = type(event)
        if kind is self._events.AliasEvent:
            return self._alias(event)
        anchor = event.anchor
        if anchor is None:
            return self._plain_value(kind, event, path, depth)
        self._anchors[anchor] = None
        before = self._values
        value = self._plain_value(kind, event, path, depth)
        self._anchors[anchor] = (value, self._values - before)
        return value

    def _plain_value(self, kind: type, event: Any, path: str, depth: int) -> Any:
        if kind is self._events.ScalarEvent:
            return self._scalar(event, path)
        if depth >= MOST_LEVELS:
            line, column = _where(event.start_mark)
            raise YamlUnreadable(
                say("There are more than {most} levels.", most=MOST_LEVELS),
                line,
                column,
                reason="yaml.too-deep",
                installer=False,
            )
        if kind is self._events.MappingStartEvent:
            return self._mapping(path, depth + 1)
        return self._sequence(path, depth + 1)

    def _alias(self, event: Any) -> Any:
        known = self._anchors.get(event.anchor)
        if known is None:
            line, column = _where(event.start_mark)
            raise YamlUnreadable(say("This alias has no anchor before it, or contains itself."), line, column)
        value, size = known
        self._values += size
        return value

    def _sequence(self, path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        end = self._events.SequenceEndEvent
        while type(event := self._next()) is not end:
            inner = f"{path}[{len(items)}]"
            self._positions[inner] = _where(event.start_mark)
            items.append(self._value(event, inner, depth))
        return items

    def _mapping(self, path: str, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        merged: list[Any] = []
        end = self._events.MappingEndEvent
        prefix = f"{path}." if path else ""
        while type(event := self._next()) is not end:
            line, column = _where(event.start_mark)
            key = self._key(event, path, depth)
            inner = f"{prefix}{key}"
            if key == "<<" and event.implicit[0]:
                merged.append(self._merged(self._value(self._next(), inner, depth), line, column))
                continue
            if key in result:
                what = say("This key is written twice in the same map; only one of the two values would be used.")
                self._flaw("duplicate-key", what, inner, line, column)
            self._positions[inner] = (line, column)
            result[key] = self._value(self._next(), inner, depth)
        for other in merged:
            for key, value in other.items():
                result.setdefault(key, value)
        return result

    def _key(self, event: Any, path: str, depth: int) -> Any:
        value = self._value(event, path, depth)
        if isinstance(value, dict | list) or value is None:
            line, column = _where(event.start_mark)
            raise YamlUnreadable(say("A map, a list or nothing cannot be a key here."), line, column)
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else number_text(value)

    def _merged(self, value: Any, line: int, column: int) -> dict[Any, Any]:
        maps = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in maps):
            raise YamlUnreadable(say("A merge key (<<) takes a map or a list of maps."), line, column)
        return {key: item[key] for item in reversed(maps) for key in item}

    def _scalar(self, event: Any, path: str) -> Any:
        text: str = event.value
        if event.tag is not None:
            return self._tagged(event, text)
        if not event.implicit[0] or (text and text[0] not in _TELLING):
            return text
        value = resolved(text)
        if type(value) is bool and text.lower() not in {"true", "false"}:
            what = say("An unquoted yes, no, on, off, y or n means true or false. Write true or false, or quote it.")
            self._flaw("boolean-word", what, path, *_where(event.start_mark))
        elif ":" in text and SEXAGESIMAL.fullmatch(text):
            what = say("Unquoted digits with colons are read by some programs as one number in base 60. Quote them.")
            self._flaw("sexagesimal", what, path, *_where(event.start_mark))
        return value

    def _tagged(self, event: Any, text: str) -> Any:
        tag = event.tag.removeprefix("tag:yaml.org,2002:")
        wanted = {"int": int, "bool": bool, "float": float, "null": type(None)}.get(tag)
        if tag == "binary":
            try:
                return base64.b64decode(text, validate=False).decode("utf-8", "replace")
            except binascii.Error:
                raise YamlUnreadable(say("This is not base64."), *_where(event.start_mark)) from None
        if wanted is None:
            return text
        value = resolved(text)
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            raise YamlUnreadable(say("The value does not fit its tag."), *_where(event.start_mark))
        return value

    def _flaw(self, name: str, what: str, path: str, line: int, column: int) -> None:
        self._flaws.append(Flaw(f"yaml.{name}", what, path, line, column))


def _where(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


_TELLING = frozenset("0123456789+-.~<yYnNtTfFoO")
_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_NULL = {"", "~", "null", "Null", "NULL"}
_WORDS: dict[str, Any] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_NULL),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: -math.inf for word in (".inf", ".Inf", ".INF")},
}
SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?", re.ASCII)
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def resolved(text: str) -> Any:
    """What a plain scalar means to go-yaml 2: a boolean, None, an int, a float, or its own text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-." or _DATE.fullmatch(text) or len(text) > 400:
        return text
    plain = text.replace("_", "") if text[0] != "." else text
    match = _INTEGER.fullmatch(plain)
    if match:
        return _integer(match)
    number = float(plain) if _FLOAT.fullmatch(plain) else math.inf
    return text if math.isinf(number) else number


def _integer(match: re.Match[str]) -> int | float:
    sign = -1 if match[1] == "-" else 1
    for group, base in ((2, 16), (3, 2), (4, 8), (5, 10)):
        if match[group] is not None:
            number = sign * int(match[group], base)
            return number if -(2**63) <= number < 2**64 else float(number)
    raise AssertionError(match)


def number_text(number: float) -> str:
    """A number as the installer's YAML reader turns it into text where text is wanted: 32-bit precision, Go's %g."""
    if isinstance(number, int):
        return str(number)
    if math.isnan(number):
        return "NaN"
    single = _as_single(number)
    if math.isinf(single):
        return f"{single:+}".replace("inf", "Inf")
    shortest = next(s for n in range(18) if _as_single(float(s := f"{single:.{n}e}")) == single)
    mantissa, _, exponent = shortest.partition("e")
    if -4 <= int(exponent) < 6:
        return f"{float(shortest):.{max(len(mantissa.lstrip('-').replace('.', '')) - 1 - int(exponent), 0)}f}"
    return f"{mantissa}e{int(exponent):+03d}"


def _as_single(number: float) -> float:
    import struct

    try:
        value: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return math.inf
    return value
