"""The wizard in a real terminal, on sessions and disks that are not as they should be."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.robust.conftest import ROOT, environment, fill, mount, read_only, wait_for
from tests.test_tmux_journey import Terminal
from tui.session.session import Session

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
Open = Callable[[Path], Terminal]


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Open]:
    """Opens the wizard on a session."""
    opened: list[Terminal] = []

    def open_(session: Path) -> Terminal:
        state = environment(tmp_path)["XDG_STATE_HOME"]
        command = f"XDG_STATE_HOME={state} PYTHONPATH={ROOT} {sys.executable} -m tui --session {session}; echo ended-$?"
        opened.append(Terminal(tmp_path / f"tmux{len(opened)}", command, (100, 30)))
        return opened[-1]

    yield open_
    for terminal in opened:
        terminal.end()


def newer(path: Path) -> str:
    raw = sqlite3.connect(path / "session.db")
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    return "newer ocp-tui"


def damaged(path: Path) -> str:
    for file in path.glob("session.db*"):
        file.unlink()
    (path / "session.db").write_bytes(b"rubbish" * 1000)
    return "damaged"


def nonsense(path: Path) -> str:
    (path / "plan.yaml").write_text("topology: [")
    return "is no plan"


def others(path: Path) -> str:
    for file in path.iterdir():
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    (path / "letter.txt").write_text("dear")
    return "holds other files"


@pytest.mark.parametrize("spoil", [newer, damaged, nonsense, others], ids=lambda spoil: spoil.__name__)
def test_what_cannot_be_opened_is_said_and_the_shell_is_back(
    directory: Path, wizard: Open, spoil: Callable[[Path], str]
) -> None:
    words = spoil(directory)
    terminal = wizard(directory)
    screen = terminal.see("ended-2").replace("\n", "")
    assert words in screen
    assert "Traceback" not in screen
    terminal.type("echo still $((40 + 2))")
    terminal.press("Enter")
    terminal.see("still 42")


def test_what_is_typed_while_the_disk_is_full_stays_on_screen_and_is_saved_later(
    small_disk: Path, wizard: Open
) -> None:
    terminal = wizard(small_disk)
    terminal.see("Cluster name")
    filler = fill(small_disk.parent)
    terminal.press("C-u")
    terminal.type("west")
    terminal.press("Tab")
    screen = terminal.see("Not saved")
    assert "west" in screen
    filler.unlink()
    wait_for(lambda: Session(small_disk).plan.topology.cluster_name == "west")
    terminal.press("C-q")
    terminal.see("ended-0")
    assert "Traceback" not in terminal.screen()


def test_what_is_typed_on_a_disk_that_became_read_only_stays_on_screen_and_is_saved_later(
    directory: Path, wizard: Open
) -> None:
    terminal = wizard(directory)
    terminal.see("Cluster name")
    mount("--bind", str(directory), str(directory))
    try:
        read_only(directory, on=True)
        terminal.press("C-u")
        terminal.type("west")
        terminal.press("Tab")
        assert "west" in terminal.see("Not saved")
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)
    wait_for(lambda: Session(directory).plan.topology.cluster_name == "west")


def test_a_plan_spoilt_by_hand_under_the_open_wizard_is_said_there(directory: Path, wizard: Open) -> None:
    terminal = wizard(directory)
    terminal.see("Cluster name")
    whole = (directory / "plan.yaml").read_text()
    (directory / "plan.yaml").write_text("topology: [")
    terminal.see("is no plan")
    part = directory / ".mended"
    part.write_text(whole.replace("cluster_name: ocp4", "cluster_name: east"))
    os.replace(part, directory / "plan.yaml")
    terminal.see("east")
    assert "is no plan" not in terminal.screen()
