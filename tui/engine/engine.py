"""The loop that takes jobs from the session and lets them run side by side."""

import asyncio
import errno
import logging
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from tui import __version__
from tui.engine.work import RETRY_SECONDS, Desk, JobRunner, Refused, Work, insist
from tui.session import schema
from tui.session.errors import NotSaved
from tui.session.rows import EngineRow, Job
from tui.session.store import now
from tui.text import say

IDLE_SECONDS = 60
"""How long nothing must run and nobody be attached before the engine ends."""
LOOK_SECONDS = 0.1

log = logging.getLogger(__name__)


class Engine:
    """One engine of one session, for the life of its process."""

    def __init__(self, desk: Desk, runners: Mapping[str, JobRunner], idle_seconds: float = IDLE_SECONDS) -> None:
        self._desk = desk
        self._store = desk.store
        self._path = desk.directory.database
        self._runners = runners
        self._idle_seconds = idle_seconds
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending = asyncio.Event()
        self._introduced = False
        self._damage: sqlite3.Error | None = None

    def end(self) -> None:
        """Ends the engine; jobs that run are taken up again by the next one."""
        self._ending.set()

    async def run(self) -> None:
        """Works until nobody needs it or somebody ends it. Raises sqlite3.Error where the database is damaged."""
        await self._desk.passphrases.listen()
        busy, seen, pause = time.monotonic(), -1, LOOK_SECONDS
        try:
            while not self._ending.is_set():
                if self._is_gone():
                    log.error("%s", say("The session was removed or moved: {path} is gone.", path=self._path))
                    self.end()
                    break
                version = self._store.data_version()
                if version != seen:
                    pause, seen = self._look_if_disk_takes(version, seen)
                if self._tasks or self._store.attached():
                    busy = time.monotonic()
                if time.monotonic() - busy > self._idle_seconds:
                    break
                await self._pause(pause)
        finally:
            await self._let_go()
        if self._damage is not None:
            raise self._damage

    def _is_gone(self) -> bool:
        """Whether there is nothing left to work for: its jobs would wait for a disk that takes them, for ever."""
        try:
            self._path.stat()
        except OSError as error:
            return isinstance(error, FileNotFoundError)
        return False

    def _look_if_disk_takes(self, version: int, seen: int) -> tuple[float, int]:
        """Takes what was asked; on a full or read-only disk it waits, and is looked at again after a while."""
        try:
            if not self._introduced:
                self._take_up_again()
                self._introduce("running")
                self._introduced = True
            self._look()
        except NotSaved as error:
            log.warning("%s", error)
            return RETRY_SECONDS, seen
        return LOOK_SECONDS, version

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return

    async def _let_go(self) -> None:
        for task in self._tasks.values():
            _cancel(task)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._desk.passphrases.close()
        with suppress(NotSaved, sqlite3.Error):
            self._introduce("ended")

    def _introduce(self, state: str) -> None:
        self._store.put(
            EngineRow(pid=os.getpid(), version=__version__, schema=schema.VERSION, started=now(), state=state)
        )

    def _take_up_again(self) -> None:
        """What ran when the last engine died runs again: every job is made so that beginning anew goes on."""
        for job in self._store.unfinished():
            if job.state == "cancelling":
                self._store.set_job(job.id, state="cancelled", ended=now())
            elif job.state == "running":
                self._store.set_job(job.id, state="queued")

    def _look(self) -> None:
        for job in self._store.unfinished():
            if job.state == "cancelling" and job.id in self._tasks:
                _cancel(self._tasks[job.id])
            elif job.state == "queued" and job.id not in self._tasks:
                self._begin(job)

    def _begin(self, job: Job) -> None:
        if job.kind == "end":
            self._store.set_job(job.id, state="done", ended=now())
            self.end()
            return
        self._store.set_job(job.id, state="running", started=job.started or now())
        task = asyncio.get_running_loop().create_task(self._do(job), name=f"{job.kind} {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def _do(self, job: Job) -> None:
        """Does a job and records how it ended, which on a full disk means: as soon as there is room."""
        try:
            settle = await insist(lambda: self._outcome(job))
            await insist(settle)
        except asyncio.CancelledError:
            # While it waited for room. Where the engine ends, the next one begins it anew.
            if not self._ending.is_set():
                await insist(self._cancelled(job))
        except sqlite3.Error as error:
            self._damage = error
            self.end()

    async def _outcome(self, job: Job) -> Callable[[], Awaitable[None]]:
        """Runs a job; gives what writes down its end. Raises NotSaved where it must begin anew when there is room."""
        runner = self._runners.get(job.kind)
        try:
            if runner is None:
                raise Refused(say("This ocp-tui cannot do “{kind}” yet.", kind=job.kind))
            self._desk.learn()
            result = await runner(Work(self._desk, job))
        except asyncio.CancelledError:
            if self._ending.is_set():
                raise
            return self._cancelled(job)
        except Refused as error:
            return self._failed(job, str(error))
        except (NotSaved, sqlite3.Error):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _DISK:
                return self._failed(job, _disk_refuses(job, error))
            log.exception("job %s %s", job.id, job.kind)
            return self._failed(job, _unexpected(job, error, self._desk))
        return self._ended(job, state="done", result=result)

    def _ended(self, job: Job, told: str = "", **columns: Any) -> Callable[[], Awaitable[None]]:
        ended = now()

        async def settle() -> None:
            with self._store.writing():
                self._store.set_job(job.id, ended=ended, **columns)
                if told:
                    self._store.tell("job", told, job=job.id, kind=job.kind, state=columns["state"])

        return settle

    def _cancelled(self, job: Job) -> Callable[[], Awaitable[None]]:
        return self._ended(job, state="cancelled", message=say("Cancelled."))

    def _failed(self, job: Job, why: str) -> Callable[[], Awaitable[None]]:
        told = self._desk.redact(why)
        return self._ended(job, told, state="failed", message=told)


def _cancel(task: asyncio.Task[None]) -> None:
    """Asks once: to ask again would break off what a job does to end well, such as waiting for its child's end."""
    if not task.cancelling():
        task.cancel()


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def _disk_refuses(job: Job, error: OSError) -> str:
    return say(
        "“{kind}” stopped: {path} cannot be written ({why}). Free or remount the disk and ask for it again.",
        kind=job.kind,
        path=error.filename or say("a file of the session"),
        why=error.strerror,
    )


def _unexpected(job: Job, error: Exception, desk: Desk) -> str:
    return say(
        "“{kind}” stopped at a fault of ocp-tui itself ({error}). The details are in {log}; "
        "nothing else of the session is affected, and it can be asked for again.",
        kind=job.kind,
        error=f"{type(error).__name__}: {error}",
        log=desk.directory.engine_log,
    )
