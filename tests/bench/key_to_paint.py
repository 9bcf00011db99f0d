"""From a key to the bytes that paint it, through a pseudo-terminal: idle, while lines are stored, in a large plan.

Baseline: the smallest Textual app with one Input. Aim: the 99th percentile at most 50 ms in all.
"""

import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.screens import made_up
from tui.plan.model import Node
from tui.session.session import Session

KEYS = 150
PAUSE = 0.06
"""Seconds between two keys: about as quickly as a person types."""
SMALLEST = """
from textual.app import App
from textual.widgets import Input
class Smallest(App[None]):
    def compose(self):
        yield Input("painted quit")
Smallest().run(mouse=False)
"""
WRITER = """
import sys, time
from pathlib import Path
from tui.lines import Line
from tui.session.store import Store
store, number = Store.open(Path(sys.argv[1])), 0
start = time.monotonic()
while True:
    lines = [Line(text="x" * 200, node="bootstrap", source="bootstrap", unit="kubelet", number=number + i + 1)
             for i in range(1000)]
    number += 1000
    with store.writing():
        store.add_lines(lines)
    time.sleep(max(0, start + number / 10_000 - time.monotonic()))
"""


def run() -> list[str]:
    """Lines: the smallest app, the form idle, while 10,000 lines a second are stored, with 300 machines."""
    with tempfile.TemporaryDirectory() as below:
        folder = Path(below) / "session"
        made_up.session(folder, started=False).close()
        form = ["-m", "tests.wizard_alone", str(folder)]
        told = [_told("smallest Textual app, idle", _latencies(["-c", SMALLEST]), None)]
        baseline = told[0][1]
        told.append(_told("the form, idle", _latencies(form), baseline))
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)])
        try:
            time.sleep(1)
            told.append(_told("the form, 10,000 lines a second stored", _latencies(form), baseline))
        finally:
            writer.kill()
            writer.wait()
        _add_machines(folder, 300)
        told.append(_told("the form, 300 machines in the plan", _latencies(form), baseline))
    return [line for line, _ in told]


def _add_machines(folder: Path, count: int) -> None:
    session = Session(folder)
    more = [Node(role="worker", name=f"worker-{n}", address=f"10.9.{n // 250}.{n % 250 + 1}") for n in range(count)]
    session.decide("topology.nodes", [*session.plan.topology.nodes, *more])
    session.close()


def _told(name: str, taken: list[float], baseline: float | None) -> tuple[str, float]:
    middle, late = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    ratio = f"  x{late / baseline:.2f} at the 99th" if baseline else ""
    return f"key to paint, {name:<40} 50th {1000 * middle:5.1f} ms  99th {1000 * late:5.1f} ms{ratio}", late


def _latencies(arguments: list[str]) -> list[float]:
    pid, fd = pty.fork()
    if pid == 0:
        env = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
        os.execve(sys.executable, [sys.executable, *arguments], env)
    try:
        _quiet(fd, 20, b"quit")
        _quiet(fd, 1.5)
        taken = []
        for number in range(KEYS):
            # Every second key takes the character away again, so the line stays short.
            key = b"a" if number % 2 == 0 else b"\x7f"
            start = time.perf_counter()
            os.write(fd, key)
            select.select([fd], [], [], 5)
            taken.append(time.perf_counter() - start)
            _quiet(fd, PAUSE)
        return taken
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(fd)


def _quiet(fd: int, seconds: float, until: bytes = b"") -> None:
    """Reads what comes for some seconds, or until a text came."""
    got, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not (until and until in got):
        if select.select([fd], [], [], left)[0]:
            got += os.read(fd, 65536)


if __name__ == "__main__":
    print("\n".join(run()))
