"""The loop that takes jobs from the session and lets them run side by side."""

import asyncio
import logging
import os
import time
from collections.abc import Mapping

from tui import __version__
from tui.engine.work import Desk, JobRunner, Refused, Work
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
        self._runners = runners
        self._idle_seconds = idle_seconds
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Ends the engine; jobs that run are taken up again by the next one."""
        self._ending.set()

    async def run(self) -> None:
        """Works until nobody needs it or somebody ends it."""
        self._introduce("running")
        self._take_up_again()
        await self._desk.passphrases.listen()
        busy, seen = time.monotonic(), -1
        try:
            while not self._ending.is_set():
                version = self._store.data_version()
                if version != seen:
                    seen = version
                    self._look()
                if self._tasks or self._store.attached():
                    busy = time.monotonic()
                if time.monotonic() - busy > self._idle_seconds:
                    break
                await self._pause()
        finally:
            await self._let_go()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), LOOK_SECONDS)
        except TimeoutError:
            return

    async def _let_go(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._desk.passphrases.close()
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
                self._tasks[job.id].cancel()
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
        runner = self._runners.get(job.kind)
        try:
            if runner is None:
                raise Refused(say("This ocp-tui cannot do “{kind}” yet.", kind=job.kind))
            self._desk.learn()
            result = await runner(Work(self._desk, job))
            self._store.set_job(job.id, state="done", result=result, ended=now())
        except asyncio.CancelledError:
            if not self._ending.is_set():
                self._store.set_job(job.id, state="cancelled", message=say("Cancelled."), ended=now())
            raise
        except Refused as error:
            self._fail(job, str(error))
        except NotSaved as error:
            log.warning("job %s %s: %s", job.id, job.kind, error)
        except Exception as error:
            log.exception("job %s %s", job.id, job.kind)
            self._fail(job, _unexpected(job, error, self._desk))

    def _fail(self, job: Job, why: str) -> None:
        self._store.set_job(job.id, state="failed", message=self._desk.redact(why), ended=now())
        self._store.tell("job", self._desk.redact(why), job=job.id, kind=job.kind, state="failed")


def _unexpected(job: Job, error: Exception, desk: Desk) -> str:
    return say(
        "“{kind}” stopped at a fault of ocp-tui itself ({error}). The details are in {log}; "
        "nothing else of the session is affected, and it can be asked for again.",
        kind=job.kind,
        error=f"{type(error).__name__}: {error}",
        log=desk.directory.engine_log,
    )
