"""File systems that are too small or forbid programs, mounted for real."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import checks
from tui.plan.model import Plan

pytestmark = pytest.mark.peers


@pytest.fixture(name="mounted")
def mounted_fixture(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte from which nothing may be run."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    options = "noexec,size=1m"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(tmp_path)], check=False)
    if done.returncode:
        pytest.skip("this machine lets nobody mount")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_session_on_a_small_file_system_without_programs_fails_twice(mounted: Path) -> None:
    ids = ["bastion.disk", "bastion.noexec"]
    run = checks.run(Plan(), phase="before-boot", secret=lambda _: b"", only=ids, session_directory=mounted)
    assert {result.id: result.state async for result in run} == dict.fromkeys(ids, "failed")
