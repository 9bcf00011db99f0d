"""What a job gets to work with."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from tui.engine.passphrases import Passphrases
from tui.hints.rules import Rule, RulesUnreadable, load, site_directories
from tui.plan.model import Plan
from tui.secrets import MARK, Redactor
from tui.session.directory import SessionDirectory
from tui.session.errors import NotSaved
from tui.session.known_secrets import known_secrets
from tui.session.plan_file import PlanFile
from tui.session.rows import Job
from tui.session.secret_files import SecretFiles
from tui.session.store import Store

RETRY_SECONDS = 2
"""How long what the disk refused waits before it is tried again."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Desk:
    """What all jobs of one engine share: the session, and the redactor that knows its secrets."""

    def __init__(self, directory: SessionDirectory) -> None:
        """Raises SessionUnusable."""
        self.directory = directory
        self.store = Store(directory.database)
        self.secrets = SecretFiles(directory.secrets)
        self.plan_file = PlanFile(directory.plan)
        self.passphrases = Passphrases(directory.passphrases)
        self._known: set[str] = set()
        self.redact = Redactor()
        self.learn()

    @property
    def plan(self) -> Plan:
        """The plan as it is on disk now."""
        self.plan_file.refresh()
        return self.plan_file.plan

    @property
    def kubeconfig(self) -> Path:
        """The cluster administrator's kubeconfig, where it is or will be."""
        return self.directory.kubeconfig

    def rules(self) -> tuple[Rule, ...]:
        """All hint rules, the site's own among them. Raises Refused where one of those cannot be read."""
        try:
            return load([*site_directories(), *self.directory.rules])
        except RulesUnreadable as error:
            raise Refused(str(error)) from error

    def learn(self, *more: str) -> None:
        """Takes in the session's secrets; what was stored before one of them was known loses it now."""
        known = known_secrets(self.directory) | set(more) | self._known
        late = {secret for secret in known - self._known if len(secret) >= 6}
        if not late:
            return
        self._known, self.redact = known, Redactor(known)
        if self.store.last_line():
            self.store.redact(late, MARK)


class Work:
    """One job under way."""

    def __init__(self, desk: Desk, job: Job) -> None:
        self.desk = desk
        self.job = job

    @property
    def arguments(self) -> dict[str, Any]:
        """What the client asked for."""
        return self.job.arguments

    def progress(self, message: str, done: float | None = None, total: float | None = None) -> None:
        """Tells how far it is, in words and, where known, in numbers of one unit.

        On a full disk the word is lost: the work goes on, and its next word says more.
        """
        with suppress(NotSaved):
            self.desk.store.set_job(self.job.id, message=self.desk.redact(message), done=done, total=total)


class Refused(Exception):
    """A job cannot be done as things are. Its text says what, why and what next."""


async def insist(work: Callable[[], Awaitable[T]]) -> T:
    """Does something that writes, again and again until the disk takes it. Nothing else of the engine waits."""
    while True:
        try:
            return await work()
        except NotSaved as error:
            log.warning("%s", error)
            await asyncio.sleep(RETRY_SECONDS)


JobRunner = Callable[[Work], Awaitable[dict[str, Any]]]
"""Does a job and gives its result; raises Refused or CancelledError."""
