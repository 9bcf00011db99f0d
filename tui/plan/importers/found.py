"""What an importer finds in a file, and what became of it in the plan."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from tui.plan.machine_words import Machine
from tui.plan.model import Plan
from tui.plan.tables import LineProblem


class Unreadable(ValueError):
    """The file cannot be taken for what it seems to be. Its text says why, without a word of the file."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Source(Struct, frozen=True, kw_only=True):
    """A file to read, and what is known around it: its name, the plan, the plan's secrets by name, the time."""

    data: bytes
    name: str
    plan: Plan
    secret: Callable[[str], bytes]
    now: int


class Found(Struct, frozen=True, kw_only=True):
    """What a file says: plan fields by path, machines, secrets by file name, and sentences for the person."""

    values: dict[str, Any] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    secrets: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)


def is_planned(plan: Plan, *texts: str) -> bool:
    """Whether a machine of the plan has one of these names, MAC or IP addresses: then no role need be told."""
    known = {text.lower() for node in plan.topology.nodes for text in (node.name, node.address, node.mac) if text}
    return any(text and text.lower() in known for text in texts)


class Change(Struct, frozen=True):
    """One field: what it was and what the file says, as a person may see them."""

    path: str
    old: str
    new: str


class Taken(Struct, frozen=True, kw_only=True):
    """The plan after an import.

    `changes` were made; `conflicts` were not, as the plan had decided otherwise; `secrets` are to be written below
    the session's secrets/ before the plan is saved; `problems` are lines that could not be understood.
    """

    plan: Plan
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    secrets: dict[str, bytes] = field(default_factory=dict)
