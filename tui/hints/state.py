"""Failures without text: what did not happen, happened too often, or in the wrong order. See `tui.hints.rules`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from tui.hints.model import Facts
from tui.hints.rules import Condition, Rule, StateRule

SECOND = 1_000_000
Memory = dict[str, int]
"""When what carries no time of its own was first seen to hold: a condition of a rule on a node -> microseconds."""
_ANY = "any"


class Verdict(Struct, frozen=True, kw_only=True):
    """What a rule says of a node ("" the cluster): since when it is wrong, None where it is not (any more)."""

    rule: Rule
    node: str
    since: int | None
    count: int = 1
    captured: dict[str, str] = field(default_factory=dict)


class _Row(Struct, frozen=True):
    """One fulfilling row: about which node, true since when, and what may be said of it."""

    node: str
    since: int | None
    says: dict[str, str]
    count: int = 1


def judge(rules: Iterable[Rule], facts: Facts, memory: Memory, now: int) -> Iterator[Verdict]:
    """What each state rule says of these facts. `memory` is changed in place and belongs to the caller."""
    for rule in rules:
        if rule.state:
            yield from _JUDGES[rule.state.kind](rule, rule.state, facts, _Clock(rule.id, memory, now))


class _Clock(Struct, frozen=True):
    """Since when a condition holds: the row's own time, else since it was first seen."""

    rule: str
    memory: Memory
    now: int

    def since(self, name: str, row: _Row | None) -> int | None:
        key = f"{self.rule}|{name}|{row.node if row else ''}"
        if row is None:
            return None
        return row.since if row.since is not None else self.memory.setdefault(key, self.now)


def _absence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.since
    assert state.missing
    start = next(iter(_rows(state.since, facts)), None)
    began = clock.since("since", start)
    there = list(_rows(state.missing, facts))
    subjects = _subjects(state.missing, facts) if state.missing.each else [""]
    for node in subjects:
        lacking = began is not None and not any(not node or row.node == node for row in there)
        due = (began or 0) + state.within * SECOND
        yield Verdict(
            rule=rule,
            node=node,
            since=due if lacking and clock.now >= due else None,
            captured=_said(start, minutes=state.within // 60),
        )


def _presence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    held = list(_rows(state.holds, facts))
    if not state.holds.each:
        held = held[:1]
    for row in held:
        began = clock.since("holds", row) or clock.now
        due = began + state.within * SECOND
        minutes = (clock.now - began) // (60 * SECOND)
        yield Verdict(
            rule=rule, node=row.node, since=due if clock.now >= due else None, captured=_said(row, minutes=minutes)
        )
    yield from _over(rule, "holds", {row.node for row in held}, clock)


def _repetition(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    rows = list(_rows(state.holds, facts))
    count = max((row.count for row in rows), default=0) if state.holds.stage else len(rows)
    reached = count >= state.times
    since = clock.since("times", _Row("", None, {})) if reached else None
    if not reached:
        clock.memory.pop(f"{rule.id}|times|", None)
    yield Verdict(rule=rule, node="", since=since, count=count, captured=_said(rows[0] if rows else None, count=count))


def _order(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.early
    assert state.needs
    early = next(iter(_rows(state.early, facts)), None)
    needed = next(iter(_rows(state.needs, facts)), None)
    at = clock.since("early", early)
    yield Verdict(rule=rule, node="", since=at if needed is None else None, captured=_said(early))


_JUDGES = {"absence": _absence, "presence": _presence, "repetition": _repetition, "order": _order}


def _over(rule: Rule, name: str, still: set[str], clock: _Clock) -> Iterator[Verdict]:
    """Ends what held for a node and does not any more."""
    prefix = f"{rule.id}|{name}|"
    for key in [key for key in clock.memory if key.startswith(prefix)]:
        node = key.removeprefix(prefix)
        if node not in still:
            del clock.memory[key]
            yield Verdict(rule=rule, node=node, since=None)


def _rows(condition: Condition, facts: Facts) -> Iterator[_Row]:
    wanted = condition.state
    if condition.stage:
        for row in facts.stages:
            if row["id"] == condition.stage and (not wanted or row["state"] in wanted):
                since = row["ended"] if row["state"] in ("done", "failed") else row["started"]
                yield _Row(row["node"], since, {"stage": row["title"], "detail": row["detail"]}, row["attempts"])
    elif condition.object:
        for row in facts.objects:
            if row["kind"] == condition.object and (not wanted or row["state"] in wanted) and _named(condition, row):
                yield _Row("", None, {"name": row["name"], "state": row["state"], "message": row["message"]})
    else:
        table = facts.nodes if condition.node else facts.board
        for name, row in table.items():
            if _role_fits(condition, facts, name) and (not wanted or row.get("state") in wanted):
                yield _Row(name, row.get("since"), {"state": str(row.get("state", ""))})


def _named(condition: Condition, row: Mapping[str, Any]) -> bool:
    return not condition.name or row["name"] == condition.name


def _role_fits(condition: Condition, facts: Facts, name: str) -> bool:
    role = condition.node or condition.board
    return role == _ANY or facts.nodes.get(name, {}).get("role") == role


def _subjects(condition: Condition, facts: Facts) -> list[str]:
    """The nodes an `each` condition is about; for a stage, those that have it."""
    if condition.stage:
        return [row["node"] for row in facts.stages if row["id"] == condition.stage and row["node"]]
    return [name for name in facts.nodes if _role_fits(condition, facts, name)]


def _said(row: _Row | None, **more: object) -> dict[str, str]:
    return {**(row.says if row else {}), **{name: str(value) for name, value in more.items()}}
