"""Whether a document has the types of a plan: every fault at once, where msgspec would name the first."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields as struct_fields

from tui.plan.model import Plan
from tui.plan.wording import did_you_mean, key_shown
from tui.text import say

_WANTED = {str: "text", int: "a whole number", bool: "true or false"}


class Fault(NamedTuple):
    """What does not fit: its path, a sentence without any value, and a suggestion ("" where there is none)."""

    path: str
    message: str
    fix: str = ""


def faults(document: object) -> list[Fault]:
    """Every place where a document is not of a plan's types."""
    return list(_faults(document, Plan, ""))


def _faults(value: Any, wanted: Any, path: str) -> Iterator[Fault]:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in {Union, UnionType} and NoneType in arguments:
        if value is not None:
            yield from _faults(value, arguments[0], path)
    elif origin is Literal:
        if value not in arguments or not isinstance(value, str):
            yield Fault(path, say("This is none of {known}.", known=", ".join(arguments)))
    elif origin is list:
        yield from _in_list(value, arguments[0], path)
    elif origin is dict:
        yield from _in_dict(value, arguments[1], path)
    elif issubclass(wanted, Struct):
        yield from _in_struct(value, wanted, path)
    elif type(value) is not wanted:
        yield Fault(path, say("Here must be {wanted}.", wanted=say(_WANTED[wanted])))


def _in_list(value: Any, item: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, say("Here must be a list."))
        return
    for index, one in enumerate(value):
        yield from _faults(one, item, f"{path}[{index}]")


def _in_dict(value: Any, item: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, say("Here must be a map."))
        return
    for key, one in value.items():
        yield from _faults(one, item, f'{path}["{key_shown(key)}"]')


def _in_struct(value: Any, struct: type[Struct], path: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, say("Here must be a map."))
        return
    known = {field.name: field for field in struct_fields(struct)}
    for key, one in value.items():
        inner = f"{path}.{key_shown(key)}" if path else key_shown(key)
        if key in known:
            yield from _faults(one, known[key].type, inner)
        else:
            yield Fault(inner, say("A plan has no such key here."), did_you_mean(key, known))
    for name, field in known.items():
        if field.required and name not in value:
            yield Fault(path, say("The key {name} is missing here.", name=name))
