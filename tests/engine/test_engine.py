"""The engine as a process: found again, one at a time, surviving its clients, going on after a kill."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tui.engine.client import attach, running
from tui.engine.engine import Engine
from tui.engine.lock import Taken, take
from tui.engine.passphrases import hand_over
from tui.engine.work import Desk, Refused, Work
from tui.session.directory import SessionDirectory, open_directory
from tui.session.errors import NotSaved
from tui.session.rows import EngineRow, Job
from tui.session.session import Session


def wait_for(what: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := what():
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not come about in time")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(tmp_path / "ocp4")
    yield session
    row = session.store.fact(EngineRow)
    if row is not None and running(session):
        os.kill(row.pid, signal.SIGKILL)


def engine_pid(session: Session) -> int:
    def pid() -> int:
        row = session.store.fact(EngineRow)
        return row.pid if row is not None and row.state == "running" and running(session) else 0

    return int(wait_for(pid))


def test_the_first_client_starts_it_and_later_ones_find_the_same(session: Session) -> None:
    attach(session)
    pid = engine_pid(session)
    attach(Session(session.directory.path))
    time.sleep(0.3)
    assert engine_pid(session) == pid
    assert os.getsid(pid) == pid, "it must not die with the terminal's session"


def test_a_second_engine_of_the_same_session_ends_at_once(session: Session) -> None:
    attach(session)
    pid = engine_pid(session)
    second = subprocess.run([sys.executable, "-m", "tui.engine", str(session.directory.path)], timeout=20, check=False)
    assert second.returncode == 0
    assert engine_pid(session) == pid


def test_a_job_is_done_and_its_result_is_in_the_session(session: Session) -> None:
    attach(session)
    job = session.store.request("export")
    done: Job = wait_for(lambda: (row := session.store.job(job)) and row.finished and row)
    assert done.state == "done", done.message
    assert done.result is not None
    assert Path(done.result["path"]).is_file()


def test_a_job_that_nobody_knows_fails_in_a_sentence(session: Session) -> None:
    attach(session)
    job = session.store.request("make coffee")
    done: Job = wait_for(lambda: (row := session.store.job(job)) and row.finished and row)
    assert (done.state, done.message) == ("failed", "This ocp-tui cannot do “make coffee” yet.")


def test_killed_and_started_again_it_takes_up_what_was_asked(session: Session) -> None:
    attach(session)
    os.kill(engine_pid(session), signal.SIGKILL)
    wait_for(lambda: not running(session))
    job = session.store.request("export")
    attach(session)
    wait_for(lambda: (row := session.store.job(job)) and row.state == "done")


def test_a_passphrase_reaches_it_over_a_socket_for_its_owner_only(session: Session) -> None:
    attach(session)
    engine_pid(session)
    path = session.directory.passphrases
    wait_for(path.exists)
    assert path.stat().st_mode & 0o077 == 0
    assert hand_over(path, Path("/k"), "canary-passphrase-1177")
    for file in session.directory.path.rglob("*"):
        assert not file.is_file() or b"canary-passphrase-1177" not in file.read_bytes(), file


def test_the_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    lock = take(tmp_path / "engine.lock")
    with pytest.raises(Taken):
        take(tmp_path / "engine.lock")
    os.close(lock)
    os.close(take(tmp_path / "engine.lock"))


@pytest.fixture
def directory(tmp_path: Path) -> SessionDirectory:
    return open_directory(tmp_path / "ocp4")


async def run_until(engine: Engine, what: Callable[[], object]) -> None:
    task = asyncio.create_task(engine.run())
    for _ in range(500):
        await asyncio.sleep(0.02)
        if what():
            break
    else:
        raise AssertionError("it did not come about")
    engine.end()
    await task


async def test_cancelling_ends_a_running_job(directory: SessionDirectory) -> None:
    async def forever(_work: Work) -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {}

    desk = Desk(directory)
    job = desk.store.request("long")
    other = Session(directory.path).store

    def cancelled() -> bool:
        row = other.job(job)
        if row is not None and row.state == "running":
            other.cancel(job)
        return row is not None and row.state == "cancelled"

    await run_until(Engine(desk, {"long": forever}), cancelled)


async def test_a_fault_in_one_job_is_a_sentence_and_the_others_go_on(directory: SessionDirectory) -> None:
    async def broken(_work: Work) -> dict[str, Any]:
        raise KeyError("secret-canary-5512")

    async def refused(_work: Work) -> dict[str, Any]:
        raise Refused("There is no installer yet: finish the artifacts step.")

    async def fine(work: Work) -> dict[str, Any]:
        work.progress("half", 1, 2)
        return {"well": True}

    desk = Desk(directory)
    desk.learn("secret-canary-5512")
    jobs = [desk.store.request(kind) for kind in ("broken", "refused", "fine")]
    await run_until(
        Engine(desk, {"broken": broken, "refused": refused, "fine": fine}),
        lambda: all((row := desk.store.job(job)) and row.finished for job in jobs),
    )
    first, second, third = (desk.store.job(job) for job in jobs)
    assert first is not None
    assert first.state == "failed"
    assert "fault of ocp-tui itself" in first.message
    assert "secret-canary-5512" not in first.message
    assert second is not None
    assert second.message == "There is no installer yet: finish the artifacts step."
    assert third is not None
    assert third.result == {"well": True}


async def test_what_ran_when_an_engine_died_is_begun_anew(directory: SessionDirectory) -> None:
    begun = 0

    async def counted(_work: Work) -> dict[str, Any]:
        nonlocal begun
        begun += 1
        return {}

    desk = Desk(directory)
    finished, interrupted = desk.store.request("counted", n=1), desk.store.request("counted", n=2)
    desk.store.set_job(finished, state="done")
    desk.store.set_job(interrupted, state="running")
    await run_until(
        Engine(desk, {"counted": counted}), lambda: (row := desk.store.job(interrupted)) and row.state == "done"
    )
    assert begun == 1, "a finished step is not repeated"


async def test_it_ends_by_itself_when_nothing_runs_and_nobody_is_attached(directory: SessionDirectory) -> None:
    desk = Desk(directory)
    await asyncio.wait_for(Engine(desk, {}, idle_seconds=0.3).run(), 10)
    row = desk.store.fact(EngineRow)
    assert row is not None
    assert row.state == "ended"


async def test_it_ends_when_its_session_is_removed_whatever_still_runs(directory: SessionDirectory) -> None:
    async def removed(_work: Work) -> dict[str, Any]:
        shutil.rmtree(directory.path)
        raise NotSaved("nothing can be written any more")

    desk = Desk(directory)
    desk.store.request("long")
    await asyncio.wait_for(Engine(desk, {"long": removed}).run(), 10)


async def test_it_stays_while_somebody_is_attached(directory: SessionDirectory) -> None:
    desk = Desk(directory)
    desk.store.heartbeat("someone", 1, "tty1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Engine(desk, {}, idle_seconds=0.2).run(), 1)
