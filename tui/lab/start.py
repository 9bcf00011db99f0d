"""Starting and finding the lab's process. It is detached: it outlives whoever starts it."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

from tui.lab.plan import prepare
from tui.lab.scenario import DEFAULT, all_scenarios
from tui.lab.settings import LabCannotStart, lab_directory, reopen
from tui.plan.model import Plan
from tui.text import say

STARTS_WITHIN = 30.0
"""Seconds of the wall clock."""


def start(session: Path, scenario: str = DEFAULT, speed: float = 1.0) -> Plan:
    """Has a lab run for this session, and gives the plan that leads through it. One that runs already is left alone.

    `speed` is how fast lab time runs once the machines are on. Raises LabCannotStart.
    """
    if scenario not in all_scenarios():
        names = ", ".join(all_scenarios())
        raise LabCannotStart(say("There is no scenario {name}. There are: {names}.", name=scenario, names=names))
    if not 0 < speed <= 1000:
        raise LabCannotStart(say("--speed is a number above 0, up to 1000; {speed} is not.", speed=speed))
    prepare(session)
    if not running(session):
        reopen(lab_directory(session))
        _spawn(session.expanduser().absolute(), scenario, speed)
    return prepare(session)


def running(session: Path) -> bool:
    """Whether a lab runs for this session: it holds its lock for life."""
    lock = lab_directory(session) / "lab.lock"
    if not lock.exists():
        return False
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _spawn(session: Path, scenario: str, speed: float) -> None:
    folder = lab_directory(session)
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    with (folder / "lab.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui.lab", str(session), "--scenario", scenario, "--speed", str(speed)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            env=os.environ | {"PYTHONPATH": _path()},
        )
    deadline = time.monotonic() + STARTS_WITHIN
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            if process.poll() is None:
                process.terminate()
            raise LabCannotStart(
                say(
                    "The rehearsal did not start: {why} See {log}.",
                    why=_last(folder / "lab.log"),
                    log=folder / "lab.log",
                )
            )
        time.sleep(0.05)


def _path() -> str:
    """Where the tui package is, before whatever PYTHONPATH holds."""
    import tui

    here = str(Path(tui.__file__).parent.parent)
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH", "")])])


def _last(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), say("it did not say why."))
