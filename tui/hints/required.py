"""Whether a pattern can match without a literal: the promise that lets one automaton stand guard for all rules."""

import re._constants as code  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Sequence
from typing import Any

GAP = "\n"
"""Stands for text that is not known; no literal spans it, for lines have no line feed."""
_MET = "\r"
_MOST_WORDS = 4096
_WIDEST_CLASS = 8
_MOST_CHOICES = 48
_MOST_CLAUSES = 5
_SHORTEST_TEXT = 2


def guaranteed(pattern: str, literals: Sequence[str]) -> bool:
    """True where every text that `pattern` finds (in any case) contains one of the lower-case `literals`."""
    return _sequence(parser.parse(pattern), tuple(literals)) == {_MET}


Clause = tuple[str, ...]
"""Texts of which at least one must be there."""


def needs(pattern: str) -> list[list[Clause]]:
    """What a lower-case line must contain to be worth searching: all clauses of one of these ways; [] says nothing.

    Looking for a few texts costs a hundredth of a search, and most lines that have one literal of a rule lack the rest.
    """
    items = list(parser.parse(pattern))
    branches = items[0][1][1] if len(items) == 1 and items[0][0] is code.BRANCH else [items]
    ways = [_clauses(branch) for branch in branches]
    return ways if all(ways) else []


def _clauses(items: Iterable[tuple[Any, Any]]) -> list[Clause]:
    clauses = set()
    current = {""}
    for operation, argument in items:
        following = _item(operation, argument)
        if any(GAP in word for word in following) or len(current) * len(following) > _MOST_CHOICES:
            clauses |= {_clause(current), _clause(following)}
            current = {""}
        else:
            current = {head + tail for head in current for tail in following}
    clauses.add(_clause(current))
    return sorted(clauses - {()}, key=lambda clause: (len(clause), -min(map(len, clause))))[:_MOST_CLAUSES]


def _clause(choices: set[str]) -> Clause:
    """The longest sure text of each choice, or nothing where a choice has none worth looking for."""
    texts = {max(word.split(GAP), key=len) for word in choices}
    worth = all(len(text) >= _SHORTEST_TEXT for text in texts) and len(texts) <= _MOST_CHOICES
    return tuple(sorted(texts)) if worth else ()


def _sequence(items: Iterable[tuple[Any, Any]], literals: tuple[str, ...] = ()) -> set[str]:
    """The skeletons of a sequence: what each way through it is sure to contain, lower case, unknown parts a gap.

    A way that contains one of `literals` needs no more looking at: it is just called met.
    """
    result = {""}
    for operation, argument in items:
        following = _item(operation, argument, literals)
        if len(result) * len(following) > _MOST_WORDS:
            result, following = {GAP}, {GAP}
        result = {_short(head + tail, literals) for head in result for tail in following}
    return result


def _short(word: str, literals: tuple[str, ...]) -> str:
    if _MET in word or any(literal in word for literal in literals):
        return _MET
    ends = word.split(GAP)
    return word if len(ends) < 3 or not literals else f"{ends[0]}{GAP}{ends[-1]}"


def _item(operation: Any, argument: Any, literals: tuple[str, ...] = ()) -> set[str]:
    match operation:
        case code.LITERAL:
            found = {chr(argument).lower()}
        case code.SUBPATTERN:
            found = _sequence(argument[-1], literals)
        case code.ATOMIC_GROUP:
            found = _sequence(argument, literals)
        case code.BRANCH:
            found = set().union(*(_sequence(branch, literals) for branch in argument[1]))
        case code.MAX_REPEAT | code.MIN_REPEAT | code.POSSESSIVE_REPEAT:
            found = _repeat(literals, *argument)
        case code.IN:
            found = _class(argument)
        case code.AT | code.ASSERT | code.ASSERT_NOT:
            found = {""}
        case _:
            found = {GAP}
    return found


def _repeat(literals: tuple[str, ...], least: int, most: Any, body: Any) -> set[str]:
    once = _sequence(body, literals)
    if least == 0:
        return {"", *once} if most == 1 else {"", GAP}
    if least == 1 == most:
        return once
    return {word + GAP + word for word in once} | once


def _class(members: list[tuple[Any, Any]]) -> set[str]:
    if all(operation is code.LITERAL for operation, _ in members) and len(members) <= _WIDEST_CLASS:
        return {chr(value).lower() for _, value in members}
    return {GAP}
