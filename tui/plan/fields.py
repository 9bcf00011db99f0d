"""One field of a plan: read it, replace it, and read what a person typed into it.

A path names a field as in plan.yaml: `network.gateway`, `network.name_servers[0]`, `topology.nodes[2].bmc.address`,
`endpoints["192.168.1.5:53"]`. Plans are frozen, so a replacement gives a new plan that shares all the rest.
"""

import re
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import replace as replaced

from tui.plan.model import ClusterNetwork, MirrorSource, Plan
from tui.text import say

_STEP = re.compile(r'(?:^|\.)(?P<name>[a-z_]+)|\[(?P<index>\d+)\]|\["(?P<key>[^"]*)"\]')
_SEPARATORS = re.compile(r"[,;\s]+")
_YES = {"yes": True, "y": True, "true": True, "on": True, "no": False, "n": False, "false": False, "off": False}


class NoSuchField(LookupError):
    """The path names nothing in this plan."""


class NotThatType(ValueError):
    """The typed text does not fit its field. Its text says what the field wants, for the person."""


def get(plan: Plan, path: str) -> Any:
    """The value at a path. Raises NoSuchField."""
    value: Any = plan
    for step in _steps(path):
        value = _inside(value, step, path)
    return value


def replace(plan: Plan, path: str, value: object) -> Plan:
    """The plan with another value at a path; an index just past the end of a list appends. Raises NoSuchField."""
    changed: Plan = _put(plan, _steps(path), value, path)
    return changed


def remove(plan: Plan, path: str) -> Plan:
    """The plan without the list item or endpoint that a path names. Raises NoSuchField."""
    steps = _steps(path)
    get(plan, path)
    parent = path[: path.rindex("[")]
    whole = get(plan, parent)
    last = steps[-1]
    if isinstance(whole, list):
        return replace(plan, parent, [item for index, item in enumerate(whole) if index != last])
    return replace(plan, parent, {key: item for key, item in whole.items() if key != last})


def paths(plan: Plan) -> list[str]:
    """Every field of this plan, in the order of plan.yaml. A list of plain values is one field; one of nodes, cluster
    networks or mirror sources is descended into, and is a field itself only while it is empty."""
    return [path for path in _leaves(plan, "") if path != "schema"]


def kind(path: str) -> Any:
    """The Python type of the field at a path: `str`, `int | None`, `Literal[…]`, `list[str]`… Raises NoSuchField."""
    wanted: Any = Plan
    for step in _steps(path):
        wanted = _type_inside(wanted, step, path)
    return wanted


def choices(path: str) -> tuple[str, ...]:
    """The words a field admits, empty where it is free text."""
    wanted = kind(path)
    return get_args(wanted) if get_origin(wanted) is Literal else ()


def parse(path: str, text: str) -> Any:
    """What a person typed, as the field's type. Empty text is "not decided yet". Raises NotThatType with a sentence.

    Lists are separated by commas, semicolons or white space; a cluster network is `CIDR HOSTPREFIX`, a mirror source
    `SOURCE MIRROR…`, an endpoint `HOST:PORT=HOST:PORT`, one a line.
    """
    return _parsed(kind(path), path, text.strip())


def text(value: object) -> str:
    """A field's value as the text that `parse` would read back."""
    match value:
        case None:
            shown = ""
        case bool():
            shown = "yes" if value else "no"
        case ClusterNetwork():
            shown = f"{value.cidr} {value.host_prefix}"
        case MirrorSource():
            shown = " ".join([value.source, *value.mirrors])
        case dict():
            shown = "\n".join(f"{key}={item}" for key, item in value.items())
        case list():
            shown = ("\n" if value and isinstance(value[0], Struct) else ", ").join(text(item) for item in value)
        case _:
            shown = str(value)
    return shown


def encoded(value: object) -> str:
    """A field's value as JSON text, for the database; `decoded` reads it back."""
    return msgspec.json.encode(value).decode()


def decoded(path: str, text_: str) -> Any:
    """The value that `encoded` wrote, checked against the field's type. Raises msgspec.ValidationError."""
    return msgspec.json.decode(text_, type=kind(path))


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise NoSuchField(path)
        steps.append(int(match["index"]) if match["index"] else (match["name"] or match["key"]))
        at = match.end()
    return tuple(steps)


def _inside(value: Any, step: str | int, path: str) -> Any:
    if isinstance(value, Struct) and step in value.__struct_fields__:
        return getattr(value, str(step))
    try:
        return value[step]
    except (LookupError, TypeError):
        raise NoSuchField(path) from None


def _put(whole: Any, steps: tuple[str | int, ...], value: object, path: str) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(whole, list) and step == len(whole) and not rest:
        return [*whole, value]
    if isinstance(whole, dict) and not rest:
        return {**whole, step: value}
    inner = _put(_inside(whole, step, path), rest, value, path)
    if isinstance(whole, list):
        return [inner if index == step else item for index, item in enumerate(whole)]
    return replaced(whole, **{str(step): inner})


def _leaves(value: Any, path: str) -> list[str]:
    if isinstance(value, Struct):
        prefix = f"{path}." if path else ""
        return [leaf for name in value.__struct_fields__ for leaf in _leaves(getattr(value, name), f"{prefix}{name}")]
    if isinstance(value, list) and value and isinstance(value[0], Struct):
        return [leaf for index, item in enumerate(value) for leaf in _leaves(item, f"{path}[{index}]")]
    return [path]


@cache
def _hints(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct)


def _type_inside(wanted: Any, step: str | int, path: str) -> Any:
    origin = get_origin(wanted)
    if origin is list and isinstance(step, int):
        return get_args(wanted)[0]
    if origin is dict and isinstance(step, str):
        return get_args(wanted)[1]
    if isinstance(wanted, type) and issubclass(wanted, Struct) and step in wanted.__struct_fields__:
        return _hints(wanted)[str(step)]
    raise NoSuchField(path)


def _parsed(wanted: Any, path: str, typed: str) -> Any:
    origin = get_origin(wanted)
    if origin in {Union, UnionType} and NoneType in get_args(wanted):
        return _parsed(get_args(wanted)[0], path, typed) if typed else None
    if origin is Literal:
        return _word(typed, get_args(wanted))
    if origin is list and get_args(wanted)[0] is not str:
        return [_parsed(get_args(wanted)[0], path, line.strip()) for line in typed.splitlines() if line.strip()]
    reader = _READERS.get(origin or wanted)
    if reader is None:
        raise NotThatType(say("{path} has several fields; type into each of them.", path=path))
    return reader(typed)


def _yes_or_no(typed: str) -> bool:
    if typed.lower() not in _YES:
        raise NotThatType(say("“{typed}” is neither yes nor no. Type yes or no.", typed=typed))
    return _YES[typed.lower()]


def _number(typed: str) -> int:
    if not re.fullmatch(r"/?[+-]?[0-9]{1,9}", typed):
        raise NotThatType(say("“{typed}” is not a whole number. Type digits only.", typed=typed))
    return int(typed.lstrip("/"))


def _word(typed: str, words: tuple[str, ...]) -> str:
    for word in words:
        if word.lower() == typed.lower():
            return word
    known = ", ".join(words)
    raise NotThatType(say("“{typed}” is not one of the choices. Choose from: {known}.", typed=typed, known=known))


def _cluster_network(typed: str) -> ClusterNetwork:
    cidr, *prefix = _SEPARATORS.split(typed)
    if len(prefix) != 1:
        raise NotThatType(say("“{typed}” is not a network and a host prefix, such as 10.128.0.0/14 23.", typed=typed))
    return ClusterNetwork(cidr=cidr, host_prefix=_number(prefix[0]))


def _mirror_source(typed: str) -> MirrorSource:
    source, *mirrors = _words(typed)
    return MirrorSource(source=source, mirrors=mirrors)


def _words(typed: str) -> list[str]:
    return [word for word in _SEPARATORS.split(typed) if word]


def _pairs(typed: str) -> dict[str, str]:
    return dict(_pair(item) for item in _words(typed))


def _pair(typed: str) -> tuple[str, str]:
    place, equals, really = typed.partition("=")
    if not equals:
        raise NotThatType(say("“{typed}” is not HOST:PORT=HOST:PORT.", typed=typed))
    return place, really


_READERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    bool: _yes_or_no,
    int: _number,
    list: _words,
    dict: _pairs,
    ClusterNetwork: _cluster_network,
    MirrorSource: _mirror_source,
}
