"""Real processes on sessions that something happened to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.screens.scene import plan
from tui.engine.lock import held
from tui.session.directory import SessionDirectory
from tui.session.session import Session

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ocp_tui(tmp_path: Path) -> Run:
    """Runs one command to its end: `ocp_tui("export", "--session", path)`."""

    def run(*arguments: object, **more: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tui", *map(str, arguments)],
            env=environment(tmp_path),
            text=True,
            check=False,
            timeout=60,
            **({"stdin": subprocess.DEVNULL, "capture_output": True} | more),
        )

    return run


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Begins one command that the test ends itself."""
    begun: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", *map(str, arguments)],
            env=environment(tmp_path),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def environment(state: Path) -> dict[str, str]:
    """Ours, with nothing remembered from elsewhere."""
    return {**os.environ, "XDG_STATE_HOME": str(state / "state"), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A session with a plan, its engine ended after the test."""
    path = tmp_path / "session"
    session = Session(path)
    session.replace(plan())
    session.close()
    yield path
    end_engine(path)


def engine_pid(path: Path, seconds: float = 15) -> int:
    """The process that holds the session's lock, once there is one."""
    lock = SessionDirectory(path).engine_lock
    return int(wait_for(lambda: holder(lock), seconds))


def holder(lock: Path) -> int:
    """The process that holds a lock, as the kernel says; 0 where none does."""
    if not lock.is_file() or not held(lock):
        return 0
    inode = lock.stat().st_ino
    for line in Path("/proc/locks").read_text("ascii").splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[3] == "WRITE" and fields[5].endswith(f":{inode}"):
            return int(fields[4])
    return 0


def end_engine(path: Path) -> None:
    """kill -9, where one runs."""
    lock = SessionDirectory(path).engine_lock
    if pid := holder(lock):
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not holder(lock))


def wait_for(what: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := what():
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not come about in time")


def mount(*arguments: str) -> None:
    """Mounts, or skips where that is not ours to do."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small or read-only file system needs root")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine mounts nothing: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB with a session on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk))
    path = disk / "session"
    try:
        session = Session(path)
        session.replace(plan())
        session.close()
        yield path
        end_engine(path)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leaves no byte free; gives the file to remove when there shall be room again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def read_only(path: Path, *, on: bool) -> None:
    """Has the kernel refuse writing below a mount point, or take it again."""
    word = "ro" if on else "rw"
    subprocess.run(["mount", "-o", f"remount,bind,{word}", str(path)], check=True)


@pytest.fixture
def bound(directory: Path) -> Iterator[Path]:
    """The session on a mount of its own, so that it can be made read-only."""
    mount("--bind", str(directory), str(directory))
    try:
        yield directory
    finally:
        end_engine(directory)
        subprocess.run(["umount", "-l", str(directory)], check=True)


def said(run: "subprocess.CompletedProcess[str]", *words: str) -> str:
    """What a command that could not run said: one sentence with these words, and no traceback."""
    assert "Traceback" not in run.stdout + run.stderr, run.stderr
    assert run.stderr.rstrip().endswith((".", "!", "?")), run.stderr
    for word in words:
        assert word in run.stderr, run.stderr
    return run.stderr
