"""Rows of the session database as data."""

from typing import Any, Literal

from msgspec import Struct

from tui.boot.model import BoardState

JobState = Literal["queued", "running", "cancelling", "done", "failed", "cancelled"]
UNFINISHED: tuple[JobState, ...] = ("queued", "running", "cancelling")


class Job(Struct, frozen=True, kw_only=True):
    """Something long, asked for by a client and done by the engine. `done`/`total` share one unit; None unknown."""

    id: int
    kind: str
    arguments: dict[str, Any]
    state: JobState
    message: str
    done: float | None
    total: float | None
    result: dict[str, Any] | None
    created: int
    started: int | None
    ended: int | None
    rev: int

    @property
    def finished(self) -> bool:
        """Whether the engine has let go of it."""
        return self.state not in UNFINISHED


class Event(Struct, frozen=True, kw_only=True):
    """A moment worth telling: the timeline of the session log. `kind` is one word: job, stage, hint, person …"""

    id: int
    time: int
    kind: str
    text: str
    data: dict[str, Any]


class StoredLine(Struct, frozen=True, array_like=True):
    """A journal line as stored; `id` orders lines by arrival."""

    id: int
    source: str
    time: int | None
    node: str
    unit: str
    identifier: str
    priority: int | None
    pid: int | None
    boot: str
    twin: bool
    text: str


class EngineRow(Struct, frozen=True, kw_only=True):
    """The engine as it says of itself. `state` is running or ended."""

    pid: int
    version: str
    schema: int
    started: int
    state: str
    note: str = ""


class NodeRow(Struct, frozen=True, kw_only=True):
    """What is known of one machine, by its full name: its SSH link and where in its boot it is, each with why.

    `link_kind` is why SSH is lost or refused as a word (see `tui.links.ssh.Kind`), "" while it works.
    """

    name: str
    role: str = ""
    link: str = "unknown"
    link_detail: str = ""
    link_kind: str = ""
    boot: BoardState = "unknown"
    boot_detail: str = ""
    boot_since: int | None = None
    seen: int | None = None
    lines: int = 0


class Cursor(Struct, frozen=True, kw_only=True):
    """How far one source has been read."""

    source: str
    cursor: str


class Mute(Struct, frozen=True, kw_only=True):
    """A hint that the person does not want to see, and since when."""

    hint: str
    node: str
    unit: str
    time: int


class Draft(Struct, frozen=True, kw_only=True):
    """Text that does not fit its field's type yet, or lost against a later edit from another terminal."""

    field: str
    text: str
    why: str = ""


class Edited(Struct, frozen=True, kw_only=True):
    """Which terminal changed a field of the plan last, and when. The row's revision is the field's."""

    field: str
    client: str
    time: int


class Made(Struct, frozen=True, kw_only=True):
    """What the plan was when something was made from it: a fingerprint for each part it depends on."""

    name: str
    fingerprint: str
    time: int


class LabRow(Struct, frozen=True, kw_only=True):
    """One thing of the lab's world."""

    id: str
    title: str
    state: str
    detail: str = ""


class Repair(Struct, frozen=True, kw_only=True):
    """A repair of the lab that the person asked for."""

    id: str
    asked: int
    taken: int | None = None
