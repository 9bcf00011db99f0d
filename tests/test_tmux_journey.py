"""A newcomer with a keyboard in a real terminal: the lab's default scenario through all seven screens at 80x24."""

import os
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.rehearsal import lab_processes
from tui.engine.client import running
from tui.session.rows import EngineRow
from tui.session.session import Session

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
OCP_TUI = Path(__file__).parents[1] / ".venv" / "bin" / "ocp-tui"


class Terminal:
    """One tmux server of our own with one window."""

    def __init__(self, socket: Path, command: str, size: tuple[int, int] = (80, 24)) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        environment = {**os.environ, "LANG": "C.UTF-8", "NO_COLOR": "1"}
        width, height = map(str, size)
        subprocess.run([*self._tmux, "new-session", "-d", "-x", width, "-y", height, "sh"], env=environment, check=True)
        self.type(f"{command}; echo ended-$?")
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)
        time.sleep(0.15)

    def type(self, text: str) -> None:
        """Text as it is."""
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True)

    def screen(self) -> str:
        """What is on the screen."""
        return subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, check=True, text=True).stdout

    def see(self, text: str, seconds: float = 30, meanwhile: Callable[[], None] = lambda: None) -> str:
        """Waits until the text is on the screen."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            screen = self.screen()
            if text in screen:
                return screen
            meanwhile()
            time.sleep(0.2)
        raise AssertionError(f"not seen: {text}\n{self.screen()}")

    def press_until(self, key: str, text: str, most: int = 15) -> None:
        """The same key until the text is there: the way to a button is not counted in keys."""
        for _ in range(most):
            if text in self.screen():
                return
            self.press(key)
        raise AssertionError(f"{key} never led to: {text}\n{self.screen()}")

    def end(self) -> None:
        """Ends the server and whatever runs in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "lab"
    yield directory
    session = Session(directory)
    row = session.store.fact(EngineRow)
    if row is not None and running(session):
        os.kill(row.pid, signal.SIGKILL)
    for process in lab_processes(directory):
        os.kill(process, signal.SIGTERM)


@pytest.fixture
def terminal(tmp_path: Path, directory: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path / "tmux", f"{OCP_TUI} lab --session {directory} --speed 60")
    yield terminal
    terminal.end()


def test_a_newcomer_installs_a_cluster_in_the_lab_with_the_keyboard(terminal: Terminal, directory: Path) -> None:
    terminal.see("LAB ocp4.lab.example")
    terminal.press("F3")
    terminal.see("Machine network")
    terminal.press("C-r")
    terminal.press("F4")
    terminal.see("Pull secret")
    assert "mirror.lab.example:5000" in terminal.screen()

    terminal.press("F5")
    terminal.press_until("Tab", "what has none is never")
    terminal.press("Enter")
    terminal.see("verified  Its checksum", 60)

    terminal.press("F6")
    terminal.see("✓ Artifacts")
    terminal.press_until("Tab", "Start the machines within 12")
    terminal.press("Enter")
    terminal.see("left", 60)  # the certificate clock runs

    terminal.press("F7")
    terminal.press_until("Tab", "Start the bootstrap first")
    terminal.press("Enter")
    terminal.see("http://127.31.0.160", 30)

    terminal.press("F8")
    terminal.see("✗ The name server", 60)
    terminal.press("Enter")
    terminal.see("What to do")
    terminal.press("Escape")

    terminal.press("C-l")
    terminal.see("LAB: the rehearsal's world")
    terminal.press("Home", "Enter")
    terminal.see("Asked the lab")
    terminal.press("Escape")

    terminal.see("Cluster", 180, meanwhile=lambda: approve(terminal))
    terminal.see("Installation complete after", 240, meanwhile=lambda: approve(terminal))

    terminal.press("C-e")
    terminal.see("Exported to", 60)
    (archive,) = (directory / "exports").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        assert any(name.endswith("/report.md") for name in opened.getnames())

    terminal.press("C-q")
    terminal.see("ended-0")
    assert "Traceback" not in terminal.screen()


def approve(terminal: Terminal) -> None:
    """What a person does about certificate requests: looks, approves what may be approved, comes back."""
    terminal.press("a")
    terminal.see("Certificate requests")
    for _ in range(sum("● approve" in line for line in terminal.screen().splitlines())):
        terminal.press("p")
        time.sleep(1.5)
    terminal.press("Escape")


def test_a_terminal_that_cannot_show_it_gets_a_sentence(tmp_path: Path) -> None:
    for size, name in (((40, 10), "xterm"), ((80, 24), "dumb")):
        terminal = Terminal(tmp_path / name, f"TERM={name} {OCP_TUI} --session {tmp_path / 's'}", size)
        try:
            terminal.see("Enlarge it" if name == "xterm" else "TERM=dumb")
            assert "Traceback" not in terminal.screen()
        finally:
            terminal.end()
