"""What kinds of fact the database knows, and the name each is kept under: a later one of the same name replaces it."""

from collections.abc import Callable
from typing import Any

import msgspec

from tui.checks.model import Result
from tui.hints.model import Hint
from tui.monitor.model import ClusterObject, Stage
from tui.session.rows import Cursor, Draft, Edited, EngineRow, LabRow, Made, Mute, NodeRow, Repair

_FACTS: dict[type[Any], tuple[str, Callable[[Any], str]]] = {
    Result: ("check", lambda result: f"{result.id}|{result.subject}|{result.asked_from}"),
    Stage: ("stage", lambda stage: f"{stage.id}|{stage.node}"),
    Hint: ("hint", lambda hint: "|".join(hint.key)),
    Mute: ("mute", lambda mute: f"{mute.hint}|{mute.node}|{mute.unit}"),
    ClusterObject: ("object", lambda thing: f"{thing.kind}|{thing.name}"),
    NodeRow: ("node", lambda node: node.name),
    Cursor: ("cursor", lambda cursor: cursor.source),
    EngineRow: ("engine", lambda _: ""),
    Draft: ("draft", lambda draft: draft.field),
    Edited: ("edited", lambda edited: edited.field),
    Made: ("made", lambda made: made.name),
    LabRow: ("lab", lambda row: row.id),
    Repair: ("repair", lambda repair: repair.id),
}


def kind_of(type_: type[msgspec.Struct]) -> str:
    """The word for this kind of fact in the database."""
    return _FACTS[type_][0]


def key_of(fact: msgspec.Struct) -> str:
    """The name this fact is kept under."""
    return _FACTS[type(fact)][1](fact)
