"""Which hint comes first, and which fold under another: causes before symptoms, the specific before the generic."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tui.hints.model import Hint, Severity

_SEVERITIES: dict[Severity, int] = {"fatal": 0, "error": 1, "warning": 2, "transient": 3, "info": 4}
_STATES = {"active": 0, "folded": 1, "muted": 2, "cleared": 3}
_NEVER = 1 << 62


class Candidate(Struct, frozen=True):
    """A hint with what only ranking asks: the lines it rests on, and how deep in them it began."""

    hint: Hint
    places: frozenset[int]
    depth: int


def rank(candidates: Iterable[Candidate], outranks: Mapping[str, frozenset[str]]) -> list[Hint]:
    """The hints, best first, with `rank`, and with `state` and `root` where they fold. `outranks` is transitive."""
    ordered = sorted(candidates, key=_base)
    roots = _fold(ordered, outranks)
    hints = []
    for candidate in _causes_first(ordered, outranks):
        root = roots.get(candidate.hint.key)
        hints.append(replace(candidate.hint, state="folded", root=root.id) if root else candidate.hint)
    hints.sort(key=lambda hint: _STATES[hint.state])
    return [replace(hint, rank=float(place)) for place, hint in enumerate(hints)]


def closure(direct: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """`outranks` of every rule with what its symptoms outrank in turn; a rule never outranks itself."""

    def below(start: str) -> frozenset[str]:
        seen: set[str] = set()
        waiting = list(direct.get(start, ()))
        while waiting:
            rule = waiting.pop()
            if rule not in seen:
                seen.add(rule)
                waiting += direct.get(rule, ())
        return frozenset(seen - {start})

    return {rule: below(rule) for rule in direct}


def _base(candidate: Candidate) -> tuple[int, int, int, int, str]:
    hint = candidate.hint
    first = _NEVER if hint.first is None else hint.first
    return _STATES[hint.state], _SEVERITIES[hint.severity], first, -candidate.depth, hint.id


def _fold(ordered: list[Candidate], outranks: Mapping[str, frozenset[str]]) -> dict[tuple[str, str, str], Hint]:
    """Symptom's key -> its root. A cause that is still transient explains nothing that is already real."""
    causes = [c.hint for c in ordered if c.hint.state == "active" and outranks.get(c.hint.id)]
    parents: dict[tuple[str, str, str], Hint] = {}
    for candidate in ordered:
        hint = candidate.hint
        if hint.state != "active":
            continue
        fitting = [
            cause
            for cause in causes
            if hint.id in outranks[cause.id]
            and cause.id not in outranks.get(hint.id, ())
            and (cause.severity != "transient" or hint.severity in ("transient", "info"))
        ]
        if fitting:
            parents[hint.key] = min(fitting, key=lambda cause: cause.node != hint.node)
    return {key: _root(parent, parents) for key, parent in parents.items()}


def _root(hint: Hint, parents: Mapping[tuple[str, str, str], Hint]) -> Hint:
    seen = set()
    while hint.key in parents and hint.key not in seen:
        seen.add(hint.key)
        hint = parents[hint.key]
    return hint


def _causes_first(ordered: list[Candidate], outranks: Mapping[str, frozenset[str]]) -> list[Candidate]:
    """The order, changed only where a line speaks for two hints: what outranks comes first, else the innermost."""
    by_place: dict[int, list[Candidate]] = {}
    for candidate in ordered:
        for place in candidate.places:
            by_place.setdefault(place, []).append(candidate)
    result: list[Candidate] = []
    done: set[tuple[str, str, str]] = set()

    def put(candidate: Candidate) -> None:
        if candidate.hint.key in done:
            return
        done.add(candidate.hint.key)
        for place in sorted(candidate.places):
            for other in by_place[place]:
                if _goes_before(other, candidate, outranks):
                    put(other)
        result.append(candidate)

    for candidate in ordered:
        put(candidate)
    return result


def _goes_before(one: Candidate, other: Candidate, outranks: Mapping[str, frozenset[str]]) -> bool:
    if other.hint.id in outranks.get(one.hint.id, ()):
        return True
    if one.hint.id in outranks.get(other.hint.id, ()) or one.hint.severity != other.hint.severity:
        return False
    return one.depth > other.depth
