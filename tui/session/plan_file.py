"""plan.yaml on disk: read when it changed, replaced whole, one writer at a time."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.plan.model import Plan
from tui.session.errors import NotSaved, SessionUnusable
from tui.text import say

Signature = tuple[int, int, int]


class PlanFile:
    """The plan of one session. `plan` is what was last read or written; it never becomes unreadable."""

    def __init__(self, path: Path) -> None:
        """Raises SessionUnusable where the file holds something else than a plan."""
        self._path = path
        self._signature: Signature | None = None
        self._unsaved: list[Callable[[Plan], Plan]] = []
        self.plan = Plan()
        self.trouble = ""
        self._read()

    def refresh(self) -> bool:
        """Reads the file again where someone changed it; says whether the plan is another one now.

        A file that became unreadable leaves the plan as it was, and says so in `trouble`.
        """
        before = self.plan
        try:
            self._read()
            if not self._unsaved:
                self.trouble = ""
        except SessionUnusable as error:
            self.trouble = str(error)
        for change in self._unsaved:
            self.plan = change(self.plan)
        return self.plan != before

    def change(self, change: Callable[[Plan], Plan]) -> Plan:
        """Applies a change to the newest plan and saves it at once.

        Where the disk refuses, the change stays in memory, `trouble` says so, and the next change tries again.
        """
        try:
            with self._locked():
                self.refresh()
                self.plan = change(self.plan)
                self._write()
            self._unsaved, self.trouble = [], ""
        except (OSError, NotSaved) as error:
            self.plan = change(self.plan)
            self._unsaved.append(change)
            self.trouble = say(
                "Not saved: {path} cannot be written ({why}). What you typed is kept in memory: free the disk.",
                path=self._path,
                why=getattr(error, "strerror", None) or error,
            )
        return self.plan

    def _read(self) -> None:
        from tui.plan.files import PlanUnreadable, load

        signature = self._signed()
        if signature == self._signature:
            return
        if signature is not None:
            try:
                self.plan = load(self._path)
            except (PlanUnreadable, OSError) as error:
                raise SessionUnusable(_unreadable(self._path, error)) from error
        self._signature = signature

    def _write(self) -> None:
        from tui.plan.files import dump

        if self.trouble and self._signed() != self._signature:
            aside = self._path.with_name(f"plan.yaml.unreadable-{int(time.time())}")
            self._path.replace(aside)
        part = self._path.with_name(f".plan.yaml.{os.getpid()}.part")
        try:
            with open(part, "w", encoding="utf-8", opener=_private) as file:
                file.write(dump(self.plan))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._signature = self._signed()

    def _signed(self) -> Signature | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self._path.with_name("plan.lock"), "a", opener=_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _unreadable(path: Path, error: Exception) -> str:
    return say(
        "{path} is no plan: {why} Mend it in an editor, or move it away to begin a new one; it was not touched.",
        path=path,
        why=error,
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
