"""Children: their lines, their privacy, their end, and how they are found again."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tui.links.process import CannotStart, Said, find, start, stop


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


async def said(code: str, directory: Path, env: dict[str, str] | None = None) -> tuple[list[Said], int]:
    child = await start(python(code), cwd=directory, env=env)
    lines = [line async for line in child.lines()]
    return lines, await child.wait()


async def test_both_streams_come_as_lines_with_their_names(tmp_path: Path) -> None:
    code = "import sys; print('one\\r'); print('two', file=sys.stderr); sys.stdout.write('no end'); sys.exit(5)"
    lines, status = await said(code, tmp_path)
    assert status == 5
    assert [line.text for line in lines if line.stream == "stdout"] == ["one", "no end"]
    assert [line.text for line in lines if line.stream == "stderr"] == ["two"]


async def test_control_bytes_and_endless_lines_are_made_harmless(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.buffer.write(b'\\x1b[2Jclear\\xff\\n' + b'x' * 5_000_000 + b'\\nend\\n')"
    lines, _ = await said(code, tmp_path)
    assert "\x1b" not in lines[0].text
    assert lines[0].text.endswith("clear\ufffd")
    assert all(len(line.text) < 70_000 for line in lines)
    assert lines[-1].text == "end"


async def test_files_it_makes_are_private_and_its_directory_and_additions_reach_it(tmp_path: Path) -> None:
    code = "import os; open('made', 'w').close(); print(os.environ['MORE'], os.environ['HOME'])"
    lines, _ = await said(code, tmp_path, {"MORE": "added"})
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600
    assert lines[0].text == f"added {os.environ['HOME']}"


async def test_what_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="/no/such/program cannot be started: No such file"):
        await start(["/no/such/program"], cwd=tmp_path)


@pytest.mark.parametrize(
    ("ignored", "ended_by"),
    [((), signal.SIGINT), (("SIGINT",), signal.SIGTERM), (("SIGINT", "SIGTERM"), signal.SIGKILL)],
)
async def test_it_is_asked_then_told_then_ended(
    tmp_path: Path, ignored: tuple[str, ...], ended_by: signal.Signals
) -> None:
    ignoring = "".join(f"signal.signal(signal.{name}, signal.SIG_IGN);" for name in ignored)
    child = await start(python(f"import signal, time; {ignoring} print('up'); time.sleep(60)"), cwd=tmp_path)
    lines = child.lines()
    assert (await anext(lines)).text == "up"
    status = await child.cancel((0.5, 0.5, 5))
    await lines.aclose()
    assert status in (-ended_by, 1 if ended_by == signal.SIGINT else -ended_by)


async def test_a_child_of_a_process_that_ignores_sigint_can_be_interrupted(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        lines, _ = await said("import signal; print(signal.getsignal(signal.SIGINT).__name__)", tmp_path)
        assert lines[0].text == "default_int_handler"
    finally:
        signal.signal(signal.SIGINT, before)


async def test_its_children_end_with_it(tmp_path: Path) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
    child = await start(python(code), cwd=tmp_path)
    lines = child.lines()
    grandchild = int((await anext(lines)).text)
    await child.cancel()
    await lines.aclose()
    for _ in range(100):
        if not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the grandchild lives on")


async def test_it_is_found_again_by_pid_and_start_time_and_by_nothing_less(tmp_path: Path) -> None:
    # Started by a process that is gone: as an engine finds the installer that the engine before it had started.
    code = "import subprocess; print(subprocess.Popen(['sleep', '60'], process_group=0, stdout=-3, stderr=-3).pid)"
    done = await asyncio.to_thread(subprocess.run, python(code), capture_output=True, check=True)
    pid = int(done.stdout)
    started = psutil.Process(pid).create_time()
    assert find(pid, started)
    assert not find(pid, started - 10)
    assert not find(2**22 - 1, started)
    await stop(pid, started - 10)
    assert find(pid, started)
    await stop(pid, started)
    assert not find(pid, started)
