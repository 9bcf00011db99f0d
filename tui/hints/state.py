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
    """One fulfilling row: about which node ("" none), true since when (None: it does not say), what may be said of it.

    `subject` tells it from other rows: the node's or the object's name.
    """

    node: str
    subject: str
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

    def since(self, rows: Iterable[_Row]) -> list[tuple[int, _Row]]:
        """Each row with when it came true, the oldest first; what holds no more is forgotten."""
        found = [(self._first_seen(row) if row.since is None else row.since, row) for row in rows]
        still = {self._key(row) for _, row in found}
        for key in [key for key in self.memory if key.startswith(f"{self.rule}|") and key not in still]:
            del self.memory[key]
        return sorted(found, key=lambda entry: (entry[0], entry[1].subject))

    def minutes_since(self, time: int) -> int:
        return max(0, self.now - time) // (60 * SECOND)

    def _first_seen(self, row: _Row) -> int:
        return self.memory.setdefault(self._key(row), self.now)

    def _key(self, row: _Row) -> str:
        return f"{self.rule}|{row.subject}"


def _absence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.since
    assert state.missing
    start = next(iter(clock.since(_rows(state.since, facts))), None)
    there = {row.node for row in _rows(state.missing, facts)}
    for node in _subjects(state.missing, facts):
        if start is None or (node in there if node else there):
            yield Verdict(rule=rule, node=node, since=None)
        else:
            began, row = start
            due = began + state.within * SECOND
            said = _said(row, minutes=clock.minutes_since(began))
            yield Verdict(rule=rule, node=node, since=due if clock.now >= due else None, captured=said)


def _presence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    begun = clock.since(_rows(state.holds, facts))
    after = min((row.since or 0 for row in _rows(state.since, facts)), default=None) if state.since else 0
    oldest: dict[str, tuple[int, _Row]] = {}
    for began, row in begun:
        oldest.setdefault(row.node if state.holds.each else "", (began, row))
    for node in {*oldest, *(_subjects(state.holds, facts) or [""])}:
        if node not in oldest:
            yield Verdict(rule=rule, node=node, since=None)
        else:
            began, row = oldest[node]
            due = max(began, after) + state.within * SECOND if after is not None else None
            said = _said(row, minutes=clock.minutes_since(max(began, after or 0)))
            yield Verdict(rule=rule, node=node, since=due if due and clock.now >= due else None, captured=said)


def _repetition(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    rows = list(_rows(state.holds, facts))
    count = max((row.count for row in rows), default=0) if state.holds.stage else len(rows)
    reached = clock.since([_Row("", "", None, {})] if count >= state.times else [])
    said = _said(rows[0] if rows else None, count=count)
    yield Verdict(rule=rule, node="", since=reached[0][0] if reached else None, count=count, captured=said)


def _order(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.early
    assert state.needs
    early = next(iter(clock.since(_rows(state.early, facts))), None)
    wrong = early is not None and next(_rows(state.needs, facts), None) is None
    yield Verdict(rule=rule, node="", since=early[0] if early and wrong else None)


_JUDGES = {"absence": _absence, "presence": _presence, "repetition": _repetition, "order": _order}


def _rows(condition: Condition, facts: Facts) -> Iterator[_Row]:
    wanted = condition.state
    if condition.stage:
        for row in facts.stages:
            if row["id"] == condition.stage and (not wanted or row["state"] in wanted):
                since = row["ended"] if row["state"] in ("done", "failed") else row["started"]
                yield _Row(
                    row["node"], row["node"], since, {"stage": row["title"], "detail": row["detail"]}, row["attempts"]
                )
    elif condition.object:
        for row in facts.objects:
            if row["kind"] == condition.object and (not wanted or row["state"] in wanted) and _named(condition, row):
                yield _Row(
                    "", row["name"], None, {"name": row["name"], "state": row["state"], "message": row["message"]}
                )
    else:
        table = facts.nodes if condition.node else facts.board
        for name, row in table.items():
            if condition.heard and row.get("since") is None:
                continue
            if _role_fits(condition, facts, name) and (not wanted or row.get("state") in wanted):
                yield _Row(name, name, None, {"state": str(row.get("state", ""))})


def _named(condition: Condition, row: Mapping[str, Any]) -> bool:
    return not condition.name or row["name"] == condition.name


def _role_fits(condition: Condition, facts: Facts, name: str) -> bool:
    role = condition.node or condition.board
    return role == _ANY or facts.nodes.get(name, {}).get("role") == role


def _subjects(condition: Condition, facts: Facts) -> list[str]:
    """The nodes an `each` condition is about, else "" (the cluster); none where nothing of that sort is known at all.

    What nobody looked at is not absent: files of the bootstrap alone do not prove that no node has booted.
    """
    if condition.stage:
        nodes = [row["node"] for row in facts.stages if row["id"] == condition.stage]
    elif condition.object:
        nodes = [""] if facts.objects else []
    else:
        table = facts.nodes if condition.node else facts.board
        nodes = [name for name in table if _role_fits(condition, facts, name)]
    return nodes if condition.each else nodes and [""]


def _said(row: _Row | None, **more: object) -> dict[str, str]:
    return {**(row.says if row else {}), **{name: str(value) for name, value in more.items()}}
