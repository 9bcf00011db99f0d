"""The engine on a disk that is full for a while: it keeps what it has, goes on when there is room, doubles nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.robust.conftest import end_engine, engine_pid, fill, wait_for
from tests.screens.scene import full
from tui.engine.client import attach
from tui.engine.engine import Engine
from tui.engine.ingest import Ingest
from tui.engine.work import Desk, Work
from tui.lines import Batch, Line
from tui.monitor.model import Stage
from tui.session.directory import SessionDirectory
from tui.session.rows import Cursor, NodeRow
from tui.session.session import Session
from tui.session.store import Store

NODE = full("bootstrap")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk refused is tried again after a moment."""
    monkeypatch.setattr("tui.engine.work.RETRY_SECONDS", 0.2)
    monkeypatch.setattr("tui.engine.engine.RETRY_SECONDS", 0.2)


@contextmanager
def no_room(disk: Path) -> Iterator[None]:
    """The disk is full inside, and has room again afterwards."""
    filler = fill(disk)
    try:
        yield
    finally:
        filler.unlink()


def batch(number: int) -> Batch:
    lines = [
        Line(text=f"batch {number} line {n} " + "x" * 150, time=1_700_000_000_000_000 + number * 1000 + n, node=NODE)
        for n in range(40)
    ]
    return Batch(source=NODE, lines=lines, cursor=f"cursor-{number}")


def stored(store: Store) -> list[str]:
    return [line.text.partition(" x")[0] for line in store.lines(most=100_000)]


async def settle(what: Any, seconds: float = 20) -> None:
    for _ in range(int(seconds / 0.05)):
        if what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about in time")


@pytest.mark.usefixtures("soon")
async def test_lines_that_found_no_room_are_stored_once_and_in_order_when_there_is(small_disk: Path) -> None:
    desk = Desk(SessionDirectory(small_disk))
    desk.store.put(NodeRow(name=NODE, role="bootstrap"))
    ingest = Ingest(desk, ())
    run = asyncio.create_task(ingest.run())
    await ingest.deliver(batch(0))
    with no_room(small_disk.parent):
        waiting = [asyncio.create_task(ingest.deliver(batch(n))) for n in range(1, 8)]
        await asyncio.sleep(0.8)
        assert not any(task.done() for task in waiting), "nothing is said to be on disk that is not"
        assert len(stored(Store(small_disk / "session.db"))) == 40
    await asyncio.wait_for(asyncio.gather(*waiting), 20)
    run.cancel()
    assert stored(desk.store) == [f"batch {b} line {n}" for b in range(8) for n in range(40)]
    row, cursor = desk.store.fact(NodeRow, NODE), desk.store.fact(Cursor, NODE)
    assert row is not None
    assert cursor is not None
    assert (row.lines, cursor.cursor) == (320, "cursor-7")


async def test_a_fact_that_found_no_room_is_not_forgotten(small_disk: Path) -> None:
    from tui.session.errors import NotSaved

    desk = Desk(SessionDirectory(small_disk))
    ingest = Ingest(desk, ())
    with no_room(small_disk.parent):
        for _ in range(50):
            # Small rows may still fit into the pages there are.
            try:
                desk.store.tell("person", "x" * 3000)
            except NotSaved:
                break
        refused = 0
        for _ in range(2):
            try:
                ingest.note("bootstrap-complete", "", "done", 1_700_000_000_000_000)
            except NotSaved:
                refused += 1
    ingest.note("bootstrap-complete", "", "done", 1_700_000_000_000_000)
    stage = desk.store.fact(Stage, "bootstrap-complete|")
    assert refused
    assert stage is not None
    assert stage.state == "done"


@pytest.mark.usefixtures("soon")
async def test_jobs_on_a_full_disk_are_done_when_there_is_room_and_their_end_is_told_once(small_disk: Path) -> None:
    begun = 0

    async def talkative(work: Work) -> dict[str, Any]:
        nonlocal begun
        begun += 1
        for n in range(5):
            work.progress(f"word {n} " + "x" * 2000)
            await asyncio.sleep(0.05)
        return {"blob": "x" * 20_000}

    desk, client = Desk(SessionDirectory(small_disk)), Session(small_disk)
    job = client.store.request("talkative")
    engine = Engine(desk, {"talkative": talkative})
    with no_room(small_disk.parent):
        run = asyncio.create_task(engine.run())
        await asyncio.sleep(1)
        row = client.store.job(job)
        assert row is not None
        assert not row.finished
    await settle(lambda: (row := client.store.job(job)) and row.state == "done")
    assert begun == 1, "what was done is not done again for want of room to write it down"
    engine.end()
    await run


def test_an_engine_started_on_a_full_disk_stays_and_works_when_there_is_room(small_disk: Path) -> None:
    session = Session(small_disk)
    job = session.store.request("check", only=["bastion.disk"])
    with no_room(small_disk.parent):
        attach(session)
        pid = engine_pid(small_disk)
        wait_for(lambda: _alive(pid, 2.5))
    wait_for(lambda: attach(session) or ((row := session.store.job(job)) and row.state == "done"))
    assert engine_pid(small_disk) == pid
    end_engine(small_disk)


def _alive(pid: int, seconds: float) -> bool:
    import time

    time.sleep(seconds)
    return Path(f"/proc/{pid}").exists()
