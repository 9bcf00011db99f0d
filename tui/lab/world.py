"""The lab's world: what runs and what is broken, in which state, and the repairs that a person may ask for.

A scenario breaks things when the story comes to a moment; a repair turns them back. Screens see the rows that are
written here, and nothing else of the lab.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from tui.lab.scenario import Scenario
from tui.session.errors import NotSaved
from tui.text import say

REPAIR = "repair:"
"""Rows whose id begins so are repairs; what follows is the id to ask for."""
Reaction = Callable[[str], Awaitable[None]]


class Board(Protocol):
    """Where rows are shown and repairs are asked for: the session's database."""

    def set_lab(self, id: str, title: str, state: str, detail: str = "") -> None:  # noqa: A002 - the row's own name
        """Shows one row."""


class Thing(Struct, frozen=True, kw_only=True):
    """Something that can break. `good` is its state when it is well; `bad` says what each other state means."""

    id: str
    title: str
    good: str
    bad: dict[str, str]
    repair: str
    repair_title: str


THINGS = {
    thing.id: thing
    for thing in (
        Thing(
            id="dns",
            title="Name server",
            good="answering",
            bad={"stopped": "Its process has ended: port 53 refuses, over UDP and TCP."},
            repair="start-dns",
            repair_title="Start the name server",
        ),
        Thing(
            id="record",
            title="DNS record of api-int",
            good="right",
            bad={"wrong": "It gives an address where nobody is."},
            repair="fix-record",
            repair_title="Put the record of api-int right",
        ),
        Thing(
            id="load-balancer",
            title="Load balancer",
            good="running",
            bad={"stopped": "Its process has ended: 6443, 22623, 80 and 443 refuse."},
            repair="start-lb",
            repair_title="Start the load balancer",
        ),
        Thing(
            id="apiserver",
            title="kube-apiserver of master-1",
            good="well",
            bad={"crashing": "Its static pod starts, cannot reach its etcd, and ends."},
            repair="start-api",
            repair_title="Mend etcd's disk on master-1, so that its kube-apiserver stays up",
        ),
        Thing(
            id="network",
            title="Pod network",
            good="well",
            bad={"broken": "The network operator cannot pull the image of ovn-kubernetes."},
            repair="fix-cni",
            repair_title="Mirror the missing ovn-kubernetes image",
        ),
        Thing(
            id="certificates",
            title="Certificates in the Ignition files",
            good="fresh",
            bad={
                "old": "What Generate makes first looks as if it had been made almost a day ago.",
                "expired": "The bootstrap's certificates have ended. Generate makes fresh ones again: make them first.",
            },
            repair="renew-certificates",
            repair_title="Boot every machine anew, with the Ignition files served now",
        ),
        Thing(
            id="bootstrap-backend",
            title="Bootstrap in the load balancer",
            good="removed",
            bad={
                "needed": "It carries the API and the machine configs until bootstrapping is complete.",
                "left behind": "Bootstrapping is complete: it should leave the backends of 6443 and 22623 now.",
            },
            repair="remove-bootstrap",
            repair_title="Remove the bootstrap from the load balancer",
        ),
        Thing(
            id="power",
            title="Machines",
            good="on",
            bad={"off": "They start by themselves some seconds after the Ignition files are served."},
            repair="power-on",
            repair_title="Power all machines on now",
        ),
    )
}
REPAIRS = {thing.repair: thing for thing in THINGS.values()}
_AT_REST = {"bootstrap-backend": "needed", "power": "off"}
"""Things that begin in a state that is neither good nor a fault."""
_NOT_YET = {"needed", "old"}
"""States in which a repair would mend nothing, or break what works."""


class World:
    """States of things, moments that have happened, and who wants to know."""

    def __init__(self, board: Board, scenario: Scenario, folder: Path) -> None:
        self._board = board
        self._file = folder / "world.json"
        self.scenario = scenario
        self._states = {thing.id: _AT_REST.get(thing.id, thing.good) for thing in THINGS.values()}
        self._reactions: dict[str, Reaction] = {}
        self._shown: dict[str, tuple[str, str, str]] = {}
        self._changed = asyncio.Event()
        self.happened: set[str] = set()
        self._keep()

    def _keep(self) -> None:
        """The states for the stand-in installer, which is a process of its own."""
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(self._states))
        os.replace(new, self._file)

    def show(self) -> None:
        """Writes every row once."""
        self.row("scenario", say("Scenario"), self.scenario.name, self.scenario.line)
        composed = say("Recorded journals where there are any; a bootstrap that goes well to the end is composed.")
        self.row("journals", say("Journals"), say("partly composed"), composed)
        for thing in THINGS.values():
            self._show(thing)

    def row(self, id_: str, title: str, state: str, detail: str = "") -> None:
        """Shows one row of the world; one that says nothing new is not written again."""
        if self._shown.get(id_) == (title, state, detail):
            return
        with contextlib.suppress(NotSaved):  # a full disk does not stop the rehearsal; it is shown at the next change
            self._board.set_lab(id_, title, state, detail)
            self._shown[id_] = title, state, detail

    def on(self, thing: str, reaction: Reaction) -> None:
        """Has `reaction` awaited with the new state whenever this thing changes."""
        self._reactions[thing] = reaction

    def state(self, thing: str) -> str:
        """The thing's state."""
        return self._states[thing]

    def well(self, thing: str) -> bool:
        """Whether the thing is as it should be."""
        return self._states[thing] == THINGS[thing].good

    async def turn(self, thing: str, state: str) -> None:
        """Changes a thing, and has its consequences happen before it returns."""
        self._states[thing] = state
        self._keep()
        if thing in self._reactions:
            await self._reactions[thing](state)
        self._show(THINGS[thing])
        self.stir()

    async def happen(self, moment: str) -> None:
        """The story has come to this moment: whatever the scenario breaks then, breaks."""
        if moment in self.happened:
            return
        self.happened.add(moment)
        for broken in self.scenario.breaks:
            if broken.at == moment:
                await self.turn(broken.thing, broken.state)
        self.stir()

    async def repair(self, id_: str) -> None:
        """Turns the repair's thing to its good state; one that is not offered does nothing."""
        thing = REPAIRS.get(id_)
        if thing is not None and self.offered(thing):
            await self.turn(thing.id, thing.good)

    def offered(self, thing: Thing) -> bool:
        """Whether its repair would mend something now."""
        state = self._states[thing.id]
        return state != thing.good and state not in _NOT_YET

    def stir(self) -> None:
        """Has everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds; looked at after every change."""
        while not condition():
            await self._changed.wait()

    def _show(self, thing: Thing) -> None:
        state = self._states[thing.id]
        self.row(thing.id, thing.title, state, thing.bad.get(state, ""))
        self.row(
            f"{REPAIR}{thing.repair}",
            thing.repair_title,
            say("offered") if self.offered(thing) else say("not needed"),
            thing.title,
        )
