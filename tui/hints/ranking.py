"""Which hint comes first, and which fold under another: causes before symptoms, the specific before the generic."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tui.hints.model import Hint, Severity

Key = tuple[str, str, str]
_SEVERITIES: dict[Severity, int] = {"fatal": 0, "error": 1, "warning": 2, "transient": 3, "info": 4}
_STATES = {"active": 0, "folded": 1, "muted": 2, "cleared": 3}
_SEVERITY_STEP = 4e9
"""Further apart than any two times in seconds: severity first, then the first seen."""
_DEPTH_STEP = 1e-5
_JUST_BEFORE = 1e-3
_MOST_ROUNDS = 8
_LONGEST_HELD = 900 * 1_000_000
"""Microseconds: a symptom is held below what may yet prove to be its cause for no longer."""


class Candidate(Struct, frozen=True):
    """A hint with what only ranking asks: the lines it rests on, how deep in them it began, since when it is loud."""

    hint: Hint
    places: list[int]
    depth: int
    risen: int | None = None


def rank(candidates: Iterable[Candidate], outranks: Mapping[str, frozenset[str]], now: int | None = None) -> list[Hint]:
    """The hints, best first, with `rank`, and with `state` and `root` where they fold. `outranks` is transitive.

    A rank depends on the hint itself and on those it shares a line with, so a new hint does not move all the others.
    With `now` (microseconds since the epoch) more is to come: a new symptom waits below a cause that may yet rise.
    """
    known = list(candidates)
    ranks = _ranks(known, outranks)
    ordered = sorted((candidate.hint for candidate in known), key=lambda hint: (ranks[hint.key], hint.key))
    new = {c.hint.key: c.risen for c in known if now is not None and c.risen and now - c.risen < _LONGEST_HELD}
    roots = _roots([hint for hint in ordered if hint.state == "active"], outranks, new, now)
    hints = []
    for hint in ordered:
        root = roots.get(hint.key)
        state, name = ("folded", root.id) if root else (hint.state, None)
        hints.append(replace(hint, rank=ranks[hint.key], state=state, root=name))
    return sorted(hints, key=lambda hint: _STATES[hint.state])


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


def _ranks(candidates: list[Candidate], outranks: Mapping[str, frozenset[str]]) -> dict[Key, float]:
    """Severity, then first seen; but where a line speaks for two, what outranks comes first, else the innermost."""
    ranks = {candidate.hint.key: _own_rank(candidate) for candidate in candidates}
    by_place: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        for place in candidate.places:
            by_place.setdefault(place, []).append(candidate)
    pairs = {
        (one.hint.key, other.hint.key)
        for together in by_place.values()
        for one in together
        for other in together
        if other.hint.id in outranks.get(one.hint.id, ()) and one.hint.id not in outranks.get(other.hint.id, ())
    }
    for _ in range(_MOST_ROUNDS):
        late = [(one, other) for one, other in pairs if ranks[one] >= ranks[other]]
        for one, other in late:
            ranks[one] = ranks[other] - _JUST_BEFORE
        if not late:
            break
    return ranks


def _own_rank(candidate: Candidate) -> float:
    hint = candidate.hint
    first = _SEVERITY_STEP - 1 if hint.first is None else hint.first / 1e6
    return _SEVERITIES[hint.severity] * _SEVERITY_STEP + first - candidate.depth * _DEPTH_STEP


def _roots(
    active: list[Hint], outranks: Mapping[str, frozenset[str]], new: Mapping[Key, int], now: int | None
) -> dict[Key, Hint]:
    """Symptom's key -> its root: a cause on the same node, else the best one anywhere.

    A cause that is still transient explains nothing that is already real, but what rose after it began (`new`: when),
    and is no more than an error: what ends the installation is told at once.
    """
    by_rule: dict[str, list[Hint]] = {}
    for hint in active:
        by_rule.setdefault(hint.id, []).append(hint)
    parents: dict[Key, Hint] = {}
    for symptom, hints in by_rule.items():
        above = [
            cause
            for rule, causes in by_rule.items()
            if symptom in outranks.get(rule, ()) and rule not in outranks.get(symptom, ())
            for cause in causes
        ]
        real = [cause for cause in above if cause.severity != "transient"]
        rising = [cause for cause in above if _may_rise(cause, now)]
        for hint in hints if above else ():
            fitting = above if hint.severity in ("transient", "info") else real
            if not fitting and hint.severity != "fatal":
                fitting = [cause for cause in rising if (cause.first or 0) <= new.get(hint.key, -1)]
            if fitting:
                parents[hint.key] = next((cause for cause in fitting if cause.node == hint.node), fitting[0])
    return {key: _top(parent, parents) for key, parent in parents.items()}


def _may_rise(cause: Hint, now: int | None) -> bool:
    """Whether a transient hint is still within the time that will tell what it is."""
    return now is not None and cause.until is not None and (cause.until.time or 0) > now


def _top(hint: Hint, parents: Mapping[Key, Hint]) -> Hint:
    seen = set()
    while hint.key in parents and hint.key not in seen:
        seen.add(hint.key)
        hint = parents[hint.key]
    return hint
