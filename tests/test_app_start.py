"""Starting and ending: what the first paint costs, and how the terminal is left."""

import itertools
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.screens import made_up

HEAVY = ("asyncssh", "requests", "jinja2", "aiohttp", "dns", "cryptography", "ahocorasick", "kubernetes", "psutil")
FIRST_PAINT = """
import asyncio, json, os, sys
from pathlib import Path
os.environ["TEXTUAL_ANIMATIONS"] = "none"
from tui.session.session import Session
from tui.app import OcpTui
class Alone(OcpTui):
    def start_engine(self): ...
async def main():
    app = Alone(Session(Path(sys.argv[1])))
    seen = []
    async with app.run_test(size=(80, 24)) as pilot:
        while not seen:
            await asyncio.sleep(0.01)
            if any(strip.text.strip() for strip in app.screen._compositor.render_strips()):
                seen = sorted(sys.modules)
        print(json.dumps(seen))
asyncio.run(main())
"""


@pytest.mark.parametrize("decided", [False, True])
def test_the_first_paint_imports_nothing_heavy(tmp_path: Path, decided: bool) -> None:
    made_up.session(tmp_path / "s", decided=decided).close()
    run = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path / "s")], capture_output=True, text=True, check=True, timeout=60
    )
    modules = set(json.loads(run.stdout))
    assert not {name for name in modules if name.partition(".")[0] in HEAVY}
    assert "tui.screens.monitor" not in modules, "screens are imported when they are visited"
    assert "tui.engine.client" not in modules, "the engine is looked for after the first paint"
    assert decided or "yaml" not in modules, "without a plan there is nothing to read as YAML"


class Terminal:
    """The wizard on a pseudo-terminal that we may read, or leave unread."""

    def __init__(self, session: Path, *arguments: str, **environment: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
            env |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": os.getcwd(), **environment}
            command = [sys.executable, "-m", "tests.wizard_alone", str(session), *arguments]
            os.execve(sys.executable, command, env)
        self.size(80, 24)

    def size(self, columns: int, lines: int) -> None:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds: float, until: bytes = b"\0never") -> bytes:
        """What comes within some seconds, or until a text came."""
        got, end = b"", time.monotonic() + seconds
        while time.monotonic() < end and until not in got:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    got += os.read(self.fd, 65536)
                except OSError:
                    break
        return got

    def ended(self, seconds: float) -> int | None:
        """The exit status once it ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self.read(0.05)
        return None

    def kill(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_saves_what_is_typed_and_leaves_the_terminal_clean(tmp_path: Path, number: signal.Signals) -> None:
    made_up.session(tmp_path / "s").close()
    terminal = Terminal(tmp_path / "s")
    try:
        assert b"Topology" in terminal.read(10, b"quit")
        os.write(terminal.fd, b"\x15prod")
        terminal.read(0.15)
        os.kill(terminal.pid, number)
        left = terminal.read(5, b"\x1b[?1049l\x1b[?25h")
        assert b"\x1b[?1049l" in left, "the alternate screen is left"
        assert b"\x1b[?25h" in left, "the cursor is shown again"
        assert terminal.ended(5) == 0
        assert "cluster_name: prod" in (tmp_path / "s" / "plan.yaml").read_text("utf-8")
    finally:
        terminal.kill()


def test_a_terminal_that_stops_reading_never_stops_the_app(tmp_path: Path) -> None:
    made_up.session(tmp_path / "s").close()
    beats = tmp_path / "beats"
    terminal = Terminal(tmp_path / "s", str(beats))
    try:
        terminal.read(10, b"quit")
        time.sleep(3)
        counted = [float(line) for line in beats.read_text("utf-8").split()]
        gaps = [after - before for before, after in itertools.pairwise(counted)]
        assert len(counted) > 40, "it went on counting while nothing was read"
        assert max(gaps) < 1.0
        import pyte

        screen = pyte.Screen(80, 24)
        stream = pyte.ByteStream(screen)
        stream.feed(terminal.read(3))
        text = "\n".join(screen.display)
        assert "Cluster name" in text, "one full repaint makes good what was dropped"
        assert "quit" in text
    finally:
        terminal.kill()


def test_no_colour_code_is_sent_with_no_color(tmp_path: Path) -> None:
    made_up.session(tmp_path / "s").close()
    terminal = Terminal(tmp_path / "s", NO_COLOR="1")
    os.write(terminal.fd, b"\x1bOR")
    try:
        import re

        sent = terminal.read(3)
        codes = [int(code or 0) for match in re.findall(rb"\x1b\[([0-9;]*)m", sent) for code in match.split(b";")]
        colours = {code for code in codes if 30 <= code <= 38 or 40 <= code <= 48 or 90 <= code <= 107}
        assert not colours
    finally:
        terminal.kill()


@pytest.mark.parametrize(("terminal", "said"), [("dumb", "TERM=dumb"), ("", "TERM=(nothing)")])
def test_a_terminal_that_cannot_be_drawn_on_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, terminal: str, said: str
) -> None:
    from tui.cli import CannotRun
    from tui.cli.wizard import refuse_unfit_terminal

    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr("sys.stdin", _Tty())
    monkeypatch.setattr("sys.stderr", _Tty())
    with pytest.raises(CannotRun, match=said.replace("(", r"\(").replace(")", r"\)")):
        refuse_unfit_terminal()


class _Tty:
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_the_commands_are_named() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tui"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30
    )
    assert run.returncode == 2
    assert "needs a terminal" in run.stderr
    assert "Traceback" not in run.stderr
