"""A document made into the installer's types: unquoted numbers become text where text is wanted, letter case of keys
does not matter, what has the wrong type or an unknown key is noted."""

from typing import Any, NamedTuple

from tui.plan.golang import NOTHING, Network, parse_cidr
from tui.plan.rules.keys import INSTALL_CONFIG, Key, Keys, ListOf, MapOf
from tui.plan.strict_yaml import number_text
from tui.plan.wording import key_shown

_RANGES = {"int32": (-(2**31), 2**31), "int64": (-(2**63), 2**63), "uint32": (0, 2**32)}
_WANTED = {
    "text": "text",
    "raw-text": "text",
    "flag": "true or false",
    "int32": "a whole number",
    "int64": "a whole number",
    "uint32": "a whole number that is not negative",
    "cidr": "a network such as 192.168.10.0/24",
}


class Mistyped(NamedTuple):
    """A value the installer's decoder refuses: where, and what it wants there."""

    path: str
    wanted: str


class Unknown(NamedTuple):
    """A key the version does not know: the map it is in, itself, the keys known there, and since when it exists."""

    parent: str
    key: str
    known: tuple[str, ...]
    since: tuple[int, int] | None


class Respelt(NamedTuple):
    """A key in other letter case than its own, or (`old`) one that a newer key replaced."""

    path: str
    name: str
    old: bool


class Decoded(NamedTuple):
    """The document with canonical keys and typed values (a CIDR is a Network), and all that was wrong with it."""

    value: dict[str, Any]
    mistyped: list[Mistyped]
    unknown: list[Unknown]
    respelt: list[Respelt]


def decode(document: object, line: tuple[int, int]) -> Decoded:
    """The document as an installer of that minor version would hold it after reading."""
    decoder = _Decoder(line)
    value = decoder.value(document, INSTALL_CONFIG, "")
    return Decoded(value or {}, decoder.mistyped, decoder.unknown, decoder.respelt)


class _Decoder:
    def __init__(self, line: tuple[int, int]) -> None:
        self.line = line
        self.leading_zeros = line < (4, 10)  # built with a Go before 1.17
        self.mistyped: list[Mistyped] = []
        self.unknown: list[Unknown] = []
        self.respelt: list[Respelt] = []

    def value(self, value: Any, kind: Any, path: str) -> Any:
        """The value in its type; None where it is null or does not fit."""
        if isinstance(kind, str):
            return self._plain(value, kind, path)
        if value is None:
            return None
        if isinstance(kind, ListOf):
            return self._list(value, kind.item, path)
        if not isinstance(value, dict):
            return self._misfit(path, "a map")
        if isinstance(kind, MapOf):
            return {key: self.value(item, kind.value, _inside(path, key_shown(key))) for key, item in value.items()}
        return self._map(value, kind, path)

    def _list(self, value: Any, item: Any, path: str) -> Any:
        if not isinstance(value, list):
            return self._misfit(path, "a list")
        empty: Any = {} if isinstance(item, dict) else NOTHING if item == "cidr" else ""
        decoded = (self.value(one, item, f"{path}[{index}]") for index, one in enumerate(value))
        return [empty if one is None else one for one in decoded]

    def _map(self, value: dict[str, Any], keys: Keys, path: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for written in value if value.keys() <= keys.keys() else sorted(value):
            name = written if written in keys else _other_case(written, keys)
            key = keys.get(name)
            inner = _inside(path, written)
            if key is None or not key.since <= self.line <= key.until:
                known = tuple(n for n, k in keys.items() if k.since <= self.line <= k.until and not k.old)
                self.unknown.append(Unknown(path, written, known, key.since if key else None))
                continue
            if name != written or key.old:
                self.respelt.append(Respelt(inner, key.old or name, bool(key.old)))
            self._put(result, name, self.value(value[written], key.kind, inner), key)
        return result

    def _put(self, result: dict[str, Any], name: str, value: Any, key: Key) -> None:
        if isinstance(value, dict) and isinstance(result.get(name), dict) and isinstance(key.kind, dict):
            result[name] = {**result[name], **value}
        elif value is not None or name not in result:
            result[name] = value

    def _plain(self, value: Any, kind: str, path: str) -> Any:
        result: Any = None
        if kind == "cidr":
            return self._cidr(value, path)
        if value is None or kind == "anything":
            return value
        if kind == "text" and isinstance(value, bool | int | float):
            return ("true" if value else "false") if isinstance(value, bool) else number_text(value)
        if kind in {"text", "raw-text"}:
            result = value if isinstance(value, str) else None
        elif kind == "flag":
            result = value if isinstance(value, bool) else None
        else:
            result = _whole(value, *_RANGES[kind])
        return self._misfit(path, _WANTED[kind]) if result is None else result

    def _cidr(self, value: Any, path: str) -> Network | None:
        if value is None:
            return NOTHING
        network = parse_cidr(value, self.leading_zeros) if isinstance(value, str) else None
        return self._misfit(path, _WANTED["cidr"]) if network is None else network

    def _misfit(self, path: str, wanted: str) -> Any:
        self.mistyped.append(Mistyped(path, wanted))
        return None


def _inside(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _whole(value: Any, low: int, high: int) -> int | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and low <= value < high
    return value if fits else None


def _other_case(written: str, keys: Keys) -> str:
    folded = written.casefold()
    return next((name for name in keys if name.casefold() == folded), written)
