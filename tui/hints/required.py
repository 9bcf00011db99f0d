"""Whether a pattern can match without a literal: the promise that lets one automaton stand guard for all rules."""

import re._constants as code  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Sequence
from typing import Any

GAP = "\n"
"""Stands for text that is not known; no literal spans it, for lines have no line feed."""
_MOST_WORDS = 4096
_WIDEST_CLASS = 8


def guaranteed(pattern: str, literals: Sequence[str]) -> bool:
    """True where every text that `pattern` finds (in any case) contains one of the lower-case `literals`."""
    return all(any(literal in word for literal in literals) for word in words(pattern))


def words(pattern: str) -> set[str]:
    """The skeletons of the pattern: what each way through it is sure to contain, lower case, unknown parts a gap."""
    return _sequence(parser.parse(pattern))


def _sequence(items: Iterable[tuple[Any, Any]]) -> set[str]:
    result = {""}
    for operation, argument in items:
        following = _item(operation, argument)
        if len(result) * len(following) > _MOST_WORDS:
            result, following = {GAP}, {GAP}
        result = {head + tail for head in result for tail in following}
    return result


def _item(operation: Any, argument: Any) -> set[str]:
    match operation:
        case code.LITERAL:
            found = {chr(argument).lower()}
        case code.SUBPATTERN:
            found = _sequence(argument[-1])
        case code.ATOMIC_GROUP:
            found = _sequence(argument)
        case code.BRANCH:
            found = set().union(*(_sequence(branch) for branch in argument[1]))
        case code.MAX_REPEAT | code.MIN_REPEAT | code.POSSESSIVE_REPEAT:
            found = _repeat(*argument)
        case code.IN:
            found = _class(argument)
        case code.AT | code.ASSERT | code.ASSERT_NOT:
            found = {""}
        case _:
            found = {GAP}
    return found


def _repeat(least: int, most: Any, body: Any) -> set[str]:
    once = _sequence(body)
    if least == 0:
        return {"", *once} if most == 1 else {"", GAP}
    if least == 1 == most:
        return once
    return {word + GAP + word for word in once} | once


def _class(members: list[tuple[Any, Any]]) -> set[str]:
    if all(operation is code.LITERAL for operation, _ in members) and len(members) <= _WIDEST_CLASS:
        return {chr(value).lower() for _, value in members}
    return {GAP}
