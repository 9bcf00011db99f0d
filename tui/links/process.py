"""A child process such as openshift-install: its lines as they come, ended gently, found again after a restart.

Never a shell: a list of arguments. Secrets go by file or environment, never by argument: arguments are public.
"""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from tui.lines import received
from tui.text import say

Stream = Literal["stdout", "stderr"]
CHUNK = 64 * 1024
PATIENCE = (10.0, 5.0, 5.0)
"""Seconds to wait after SIGINT, after SIGTERM and after SIGKILL."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_SAME_START = 0.02
_LONGEST = 1024 * 1024


class CannotStart(Exception):
    """The program could not be started; the text says which, why and what next."""


class Said(NamedTuple):
    """One line of output, cleaned as every line from outside is."""

    stream: Stream
    text: str


class Child:
    """A running child. `pid` and `started` (seconds since the epoch) find it again: see `find`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.started = _started(process.pid)

    async def lines(self) -> AsyncGenerator[Said, None]:
        """Both streams' lines as they come, until both are closed."""
        said: asyncio.Queue[Said | None] = asyncio.Queue(maxsize=1000)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        readers = [
            asyncio.create_task(_pump(self._process.stdout, "stdout", said)),
            asyncio.create_task(_pump(self._process.stderr, "stderr", said)),
        ]
        try:
            open_ = len(readers)
            while open_:
                line = await said.get()
                if line is None:
                    open_ -= 1
                else:
                    yield line
        finally:
            for reader in readers:
                reader.cancel()

    async def wait(self) -> int:
        """The exit code; negative: the signal that ended it."""
        return await self._process.wait()

    async def cancel(self, patience: Sequence[float] = PATIENCE) -> int:
        """Ends the child and its group: asks by SIGINT, insists by SIGTERM, ends it by SIGKILL. Gives the exit code."""
        for number, seconds in zip(_SIGNALS, patience, strict=True):
            if self._process.returncode is not None:
                break
            _signal_group(self.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), seconds)
        return await self.wait()


async def start(arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Child:
    """Starts a child with `env` added to our environment. Raises `CannotStart`.

    Its files are private (umask 077), its process group its own, and it can be interrupted.
    """
    _do_not_ignore_interrupt()
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            umask=0o077,
            process_group=0,
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise CannotStart(say("{program} cannot be started: {why}.", program=arguments[0], why=why)) from None
    return Child(process)


def find(pid: int, started: float) -> bool:
    """Whether the process started then still runs: a pid alone may be someone else's by now."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    return False


async def stop(pid: int, started: float, patience: Sequence[float] = PATIENCE) -> None:
    """Ends a process found again, as `Child.cancel` ends one's own."""
    for number, seconds in zip(_SIGNALS, patience, strict=True):
        if not find(pid, started):
            return
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            _signal_group(pid, number)
            await asyncio.to_thread(process.wait, seconds)


def _do_not_ignore_interrupt() -> None:
    """A child inherits that SIGINT is ignored (nohup, `&`), but not a handler: so a handler that does nothing."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)


def _started(pid: int) -> float:
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return 0.0


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


async def _pump(reader: asyncio.StreamReader, stream: Stream, said: asyncio.Queue[Said | None]) -> None:
    rest = b""
    while chunk := await reader.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            await said.put(Said(stream, received(line.rstrip(b"\r"))))
        if len(rest) > _LONGEST:
            await said.put(Said(stream, received(rest)))
            rest = b""
    if rest:
        await said.put(Said(stream, received(rest)))
    await said.put(None)
