"""Job "watch": follows every node's journal, the cluster's API and openshift-install until the cluster stands.

Beginning anew goes on: journals from their stored cursors, stages and hints from their stored state.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from tui.boot.model import Fact, FactKind
from tui.engine import board, nodes
from tui.engine.ingest import Ingest
from tui.engine.installer import wait_for
from tui.engine.work import Work
from tui.hints.model import Facts
from tui.monitor.cluster import Cluster, stage_facts
from tui.monitor.journals import PAUSES, follow
from tui.monitor.model import ClusterObject, NodeLink, Snapshot, Stage
from tui.plan.endpoints import full_name
from tui.plan.model import Node
from tui.session.errors import NotSaved
from tui.session.rows import Cursor, NodeRow
from tui.text import say

LOGINS_AT_ONCE = 25
POLL_SECONDS = 5.0
TICK_SECONDS = 2.0
_LAB_PAUSES = (0.5,)
"""Seconds between tries: the lab's machines are up and down again while a real one would still be booting."""
_BOARD: dict[str, FactKind] = {"node-joined": "joined", "node-ready": "ready"}
"""What the API proves of a node's boot, by the stage it ends."""


async def run(work: Work) -> dict[str, Any]:
    """Ends when the installation is complete or the person ends it."""
    watch = _Watch(work)
    tasks: list[asyncio.Task[None]] = [asyncio.ensure_future(part) for part in watch.parts()]
    complete = asyncio.ensure_future(watch.until_complete())
    try:
        await asyncio.wait([*tasks, complete], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error
    finally:
        for task in (*tasks, complete):
            task.cancel()
        await asyncio.gather(*tasks, complete, return_exceptions=True)
    work.progress(say("Installation complete."))
    return {"complete": True}


class _Watch:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._desk = work.desk
        self._plan = work.desk.plan
        self._store = work.desk.store
        self._ingest = Ingest(work.desk, work.desk.rules())
        self._gate = asyncio.Semaphore(LOGINS_AT_ONCE)
        self._complete = asyncio.Event()
        self._unwritten: dict[tuple[str, str], Callable[[], None]] = {}

    async def until_complete(self) -> None:
        """Returns when the installation is complete."""
        await self._complete.wait()

    def parts(self) -> list[Coroutine[Any, Any, None]]:
        """Everything that goes on side by side."""
        return [
            self._ingest.run(),
            *(self._follow(node) for node in self._plan.topology.nodes),
            self._poll(),
            self._tick(),
            wait_for(self._work, self._ingest),
        ]

    async def _follow(self, node: Node) -> None:
        name = full_name(self._plan, node)
        row = self._store.fact(NodeRow, name) or NodeRow(name=name)
        self._store.put(replace(row, role=node.role))
        cursor = self._store.fact(Cursor, name)
        await follow(
            nodes.target(self._desk, node),
            cursor.cursor if cursor else "",
            self._ingest.deliver,
            lambda link: self._write("link", name, lambda: self._told(link)),
            passphrase=nodes.passphrase(self._desk),
            gate=self._gate,
            pauses=_LAB_PAUSES if self._plan.lab else PAUSES,
            records=partial(self._records, name) if node.role == "bootstrap" else None,
        )

    def _records(self, node: str, service_records: bytes) -> None:
        self._write("records", node, lambda: self._ingest.record(node, service_records))

    def _write(self, kind: str, node: str, write: Callable[[], None]) -> None:
        """Writes what is told once only; on a full disk it is tried again at each tick, unless newer has come."""
        self._unwritten[kind, node] = write
        with suppress(NotSaved):
            self._write_what_waits()

    def _write_what_waits(self) -> None:
        for key, write in list(self._unwritten.items()):
            write()
            del self._unwritten[key]

    def _told(self, link: NodeLink) -> None:
        row = self._store.fact(NodeRow, link.node) or NodeRow(name=link.node)
        if (row.link, row.link_detail) != (link.state, link.reason):
            self._store.put(
                replace(row, link=link.state, link_detail=self._desk.redact(link.reason), link_kind=link.kind)
            )
        if link.state in ("following", "lost"):
            answers = "yes" if link.state == "following" else "no"
            self._seen("ssh", link.node, answers)

    def _seen(self, kind: FactKind, node: str, value: str) -> None:
        board.take(self._store, self._plan, Fact(kind=kind, node=node, value=value, time=self._store.clock()))

    async def _poll(self) -> None:
        kubeconfig = self._desk.kubeconfig
        while True:
            if kubeconfig.is_file():
                snapshot = await Cluster(kubeconfig, self._plan, run_started=_made(kubeconfig)).poll()
                with suppress(NotSaved):  # the next answer says the same and more
                    self._take(snapshot)
            await asyncio.sleep(1 if self._plan.lab else POLL_SECONDS)

    def _take(self, snapshot: Snapshot) -> None:
        known = {(thing.kind, thing.name): thing for thing in self._store.facts(ClusterObject)}
        changed = [thing for thing in snapshot.objects if _says_more(known.get((thing.kind, thing.name)), thing)]
        with self._store.writing():
            self._store.put(*changed)
        for stage, node, state, detail in stage_facts(snapshot, self._plan):
            self._ingest.note(stage, node, state, self._ingest.clock(), detail)
            if stage in _BOARD:
                self._seen(_BOARD[stage], node, "yes" if state == "done" else "no")
        self._note_completion()

    def _note_completion(self) -> None:
        for stage in self._ingest.stages():
            if stage.id == "install-complete" and stage.state == "done":
                self._complete.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            with suppress(NotSaved):  # time passes again with the next tick
                self._write_what_waits()
                self._ingest.tick(self._facts())
            self._note_completion()

    def _facts(self) -> Facts:
        rows = self._store.facts(NodeRow)
        return Facts(
            stages=[msgspec.to_builtins(stage) for stage in self._store.facts(Stage)],
            objects=[msgspec.to_builtins(thing) for thing in self._store.facts(ClusterObject)],
            nodes={row.name: {"role": row.role, "state": row.link, "since": row.seen} for row in rows},
            board={row.name: {"state": row.boot} for row in rows},
        )


def _made(kubeconfig: Path) -> int:
    """When this installation began: an older certificate request is none of its doing."""
    return int(kubeconfig.stat().st_mtime * 1e6)


def _says_more(before: ClusterObject | None, after: ClusterObject) -> bool:
    return before is None or replace(before, seen=0) != replace(after, seen=0)
