"""The engine's beginning and end, seen by those who wait for it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.robust.conftest import Run, end_engine, engine_pid, environment, holder, said, wait_for
from tui.engine.engine import Engine
from tui.engine.lock import held
from tui.engine.work import Desk, Work
from tui.session.directory import SessionDirectory
from tui.session.rows import EngineRow
from tui.session.session import Session

Begin = Callable[..., "subprocess.Popen[str]"]


def engine(directory: Path, state: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tui.engine", str(directory)],
        env=environment(state),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_of_four_engines_started_at_once_one_stays_and_the_others_end_well(directory: Path, tmp_path: Path) -> None:
    started = [engine(directory, tmp_path) for _ in range(4)]
    wait_for(lambda: sum(one.poll() is not None for one in started) == 3, 20)
    assert sorted(str(one.poll()) for one in started) == ["0", "0", "0", "None"]
    (stays,) = [one for one in started if one.poll() is None]
    assert engine_pid(directory) == stays.pid
    stays.kill()
    for one in started:
        one.communicate()


def test_clients_that_look_for_an_engine_all_the_time_do_not_keep_it_from_starting(
    directory: Path, tmp_path: Path
) -> None:
    lock, enough = SessionDirectory(directory).engine_lock, threading.Event()
    lock.touch()

    def look() -> None:
        while not enough.is_set():
            held(lock)
            enough.wait(0.001)

    thread = threading.Thread(target=look)
    thread.start()
    started = engine(directory, tmp_path)
    try:
        assert engine_pid(directory) == started.pid
    finally:
        enough.set()
        thread.join()
        started.kill()
        started.communicate()


def test_sigterm_ends_it_cleanly(directory: Path, tmp_path: Path) -> None:
    started = engine(directory, tmp_path)
    session = Session(directory)
    wait_for(lambda: (row := session.store.fact(EngineRow)) and row.state == "running" and row.pid == started.pid)
    socket = SessionDirectory(directory).passphrases
    wait_for(socket.exists)
    started.send_signal(signal.SIGTERM)
    _out, err = started.communicate(timeout=15)
    assert started.returncode == 0
    assert b"Traceback" not in err
    row = session.store.fact(EngineRow)
    assert row is not None
    assert row.state == "ended"
    assert not socket.exists()
    assert not held(SessionDirectory(directory).engine_lock)


async def test_a_job_that_is_cancelled_may_end_in_its_own_time_whatever_else_is_written(directory: Path) -> None:
    ended_well = False

    async def slow_to_end(_work: Work) -> dict[str, Any]:
        nonlocal ended_well
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.8)
            ended_well = True
        return {}

    desk, client = Desk(SessionDirectory(directory)), Session(directory)
    job = client.store.request("slow")
    run = asyncio.create_task(Engine(desk, {"slow": slow_to_end}).run())
    await asyncio.sleep(0.4)
    client.store.cancel(job)
    for n in range(10):
        client.store.tell("person", f"something else {n}")
        await asyncio.sleep(0.15)
    row = client.store.job(job)
    assert ended_well
    assert row is not None
    assert row.state == "cancelled"
    run.cancel()


def test_an_engine_of_another_version_is_said_and_the_command_goes_on(directory: Path, ocp_tui: Run) -> None:
    assert ocp_tui("check", "--only", "bastion.disk", "--session", directory).returncode in (0, 1)
    session = Session(directory)
    row = session.store.fact(EngineRow)
    assert row is not None
    session.store.put(replace(row, version="9.9.9"))
    run = ocp_tui("check", "--only", "bastion.disk", "--session", directory)
    assert run.returncode in (0, 1)
    assert "The engine of this session is ocp-tui 9.9.9" in run.stderr
    assert run.stdout


def test_an_engine_killed_under_a_command_that_waits_is_started_again(directory: Path, begin: Begin) -> None:
    watch = begin("watch", "--session", directory)
    first = engine_pid(directory)
    session = Session(directory)
    wait_for(lambda: any(job.kind == "watch" and job.state == "running" for job in session.store.jobs()))
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: (pid := holder(SessionDirectory(directory).engine_lock)) != first and pid)
    assert watch.poll() is None
    wait_for(lambda: [job.state for job in session.store.jobs() if job.kind == "watch"] == ["running"])
    assert engine_pid(directory) == second


def test_a_database_damaged_under_a_running_engine_ends_it_with_a_sentence(directory: Path, ocp_tui: Run) -> None:
    assert ocp_tui("check", "--only", "bastion.disk", "--session", directory).returncode in (0, 1)
    pid = engine_pid(directory)
    with (directory / "session.db").open("r+b") as file:
        file.seek(0)
        file.write(b"\0" * 200_000)
    for extra in ("-wal", "-shm"):
        (directory / f"session.db{extra}").unlink(missing_ok=True)
    run = ocp_tui("check", "--only", "bastion.disk", "--session", directory)
    assert run.returncode == 2
    said(run, "damaged", "move session.db away")
    end_engine(directory)
    assert holder(SessionDirectory(directory).engine_lock) != pid
    assert "Traceback" not in SessionDirectory(directory).engine_log.read_text()
