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

    def since(self, name: str, row: _Row) -> int:
        if row.since is not None:
            return row.since
        return self.memory.setdefault(f"{self.rule}|{name}|{row.node}", self.now)

    def forget(self, name: str, still: set[str]) -> list[str]:
        """Drops what was remembered of nodes of which it does not hold any more, and names them."""
        prefix = f"{self.rule}|{name}|"
        over = [key.removeprefix(prefix) for key in self.memory if key.startswith(prefix)]
        over = [node for node in over if node not in still]
        for node in over:
            del self.memory[f"{prefix}{node}"]
        return over


def _absence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.since
    assert state.missing
    start = next(iter(_rows(state.since, facts)), None)
    clock.forget("since", {start.node} if start else set())
    there = list(_rows(state.missing, facts))
    due = (clock.since("since", start) if start else clock.now) + state.within * SECOND
    for node in _subjects(state.missing, facts):
        lacking = start is not None and not any(not node or row.node == node for row in there)
        minutes = state.within // 60 + max(0, clock.now - due) // (60 * SECOND)
        yield Verdict(
            rule=rule,
            node=node,
            since=due if lacking and clock.now >= due else None,
            captured=_said(start, minutes=minutes),
        )


def _presence(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    held = list(_rows(state.holds, facts))
    if not state.holds.each:
        held = held[:1]
    for row in held:
        began = clock.since("holds", row)
        due = began + state.within * SECOND
        minutes = (clock.now - began) // (60 * SECOND)
        since = due if clock.now >= due else None
        yield Verdict(rule=rule, node=row.node, since=since, captured=_said(row, minutes=minutes))
    still = {row.node for row in held}
    clock.memory.update({f"{rule.id}|held|{node}": clock.now for node in still})
    for node in {*clock.forget("holds", still), *clock.forget("held", still)}:
        yield Verdict(rule=rule, node=node, since=None)


def _repetition(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.holds
    rows = list(_rows(state.holds, facts))
    count = max((row.count for row in rows), default=0) if state.holds.stage else len(rows)
    reached = count >= state.times
    clock.forget("times", {""} if reached else set())
    since = clock.since("times", _Row("", None, {})) if reached else None
    yield Verdict(rule=rule, node="", since=since, count=count, captured=_said(rows[0] if rows else None, count=count))


def _order(rule: Rule, state: StateRule, facts: Facts, clock: _Clock) -> Iterator[Verdict]:
    assert state.early
    assert state.needs
    early = next(iter(_rows(state.early, facts)), None)
    needed = next(iter(_rows(state.needs, facts)), None)
    since = clock.since("early", early) if early and needed is None else None
    yield Verdict(rule=rule, node="", since=since, captured=_said(early))


_JUDGES = {"absence": _absence, "presence": _presence, "repetition": _repetition, "order": _order}


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
                yield _Row(name, None, {"state": str(row.get("state", ""))})


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
