"""plan.yaml on disk: read when it changed, replaced whole, one writer at a time."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui.plan.model import Plan
from tui.session.errors import SessionUnusable
from tui.text import say

Signature = tuple[int, int, int]
Change = Callable[[Plan], Plan]


class PlanFile:
    """The plan of one session. `plan` is what was last read or written; it never becomes unreadable."""

    def __init__(self, path: Path) -> None:
        """Raises SessionUnusable where the file holds something else than a plan."""
        self._path = path
        self._signature: Signature | None = None
        self._unsaved: list[Change] = []
        self.plan = Plan()
        self.trouble = ""
        self._read()

    def refresh(self) -> bool:
        """Reads the file again where someone changed it; says whether the plan is another one now.

        A file that became unreadable leaves the plan as it was, and says so in `trouble`. What could not be saved
        is tried again.
        """
        before = self.plan
        if self._unsaved:
            self._save(self._unsaved)
        else:
            self._take()
        return self.plan != before

    def _take(self) -> None:
        try:
            self._read()
            self.trouble = ""
        except SessionUnusable as error:
            self.trouble = str(error)

    def change(self, change: Change) -> Plan:
        """Applies a change to the newest plan and saves it at once.

        Where the disk refuses, the change stays in memory, `trouble` says so, and it is tried again at the next
        change and whenever the plan is refreshed.
        """
        self._save([*self._unsaved, change])
        return self.plan

    def _save(self, changes: list[Change]) -> None:
        """Writes the newest plan with these changes; where the disk refuses, they are in memory alone."""
        before = self.plan
        try:
            with self._locked():
                self._take()
                self.plan = _changed(self.plan, changes)
                self._write()
            self._unsaved, self.trouble = [], ""
        except OSError as error:
            self.plan = _changed(before, changes[len(self._unsaved) :])
            self._unsaved = changes
            self.trouble = say(
                "Not saved: {path} cannot be written ({why}). What you typed is kept in memory and written as soon "
                "as the disk takes it: free or remount it, and do not quit before.",
                path=self._path,
                why=error.strerror or error,
            )

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

        part = self._path.with_name(f".plan.yaml.{os.getpid()}.part")
        try:
            with open(part, "w", encoding="utf-8", opener=_private) as file:
                file.write(dump(self.plan))
                file.flush()
                os.fsync(file.fileno())
            if self.trouble and self._signed() != self._signature:
                self._path.replace(self._path.with_name(f"plan.yaml.unreadable-{int(time.time())}"))
            part.replace(self._path)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        self._signature = self._signed()

    def _signed(self) -> Signature | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self._path.with_name("plan.lock"), "a", opener=_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _changed(plan: Plan, changes: list[Change]) -> Plan:
    for change in changes:
        plan = change(plan)
    return plan


def _unreadable(path: Path, error: Exception) -> str:
    return say(
        "{path} is no plan: {why} Mend it in an editor, or move it away to begin a new one; it was not touched.",
        path=path,
        why=error,
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
