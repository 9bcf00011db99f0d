"""From the start of the process to the first whole screen, beside the smallest Textual app. Aim: at most 1.3 times.

Every way runs from compiled modules, as an installed program does: they are kept apart from the tree, whatever
PYTHONDONTWRITEBYTECODE says here, and a first turn that is not counted writes them.
"""

import os
import pty
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.screens import made_up

ROUNDS = 9
SMALLEST = """
from textual.app import App
from textual.widgets import Static
class Smallest(App[None]):
    def compose(self):
        yield Static("painted quit")
Smallest().run(mouse=False)
"""


def run() -> list[str]:
    """Lines: the smallest app, the first start, an existing session, each as a median and a ratio."""
    with tempfile.TemporaryDirectory() as below:
        new, old = Path(below) / "new", Path(below) / "old"
        made_up.session(new, decided=False).close()
        made_up.session(old).close()
        ways = {
            "smallest Textual app": ["-c", SMALLEST],
            "first start": ["-m", "tests.wizard_alone", str(new)],
            "existing session": ["-m", "tests.wizard_alone", str(old)],
        }
        # In turns, so that whatever else the machine does falls on all of them.
        times: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(-1, ROUNDS):
            for name, arguments in ways.items():
                taken = _seconds(arguments, compiled=f"{below}/compiled")
                if turn >= 0:
                    times[name].append(taken)
    baseline = statistics.median(times["smallest Textual app"])
    return [
        f"first paint, {name:<22} {1000 * statistics.median(taken):6.0f} ms  "
        f"best {1000 * min(taken):6.0f} ms  x{statistics.median(taken) / baseline:.2f}"
        for name, taken in times.items()
    ]


def _seconds(arguments: list[str], compiled: str) -> float:
    start = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
        env["PYTHONPYCACHEPREFIX"] = compiled
        os.execve(sys.executable, [sys.executable, *arguments], env)
    got, end = b"", start + 20
    while b"quit" not in got and time.perf_counter() < end:
        if select.select([fd], [], [], 0.5)[0]:
            got += os.read(fd, 65536)
    taken = time.perf_counter() - start
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(fd)
    return taken


if __name__ == "__main__":
    print("\n".join(run()))
