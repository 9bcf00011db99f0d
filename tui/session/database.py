"""One connection to a session's database: how it is opened, made, and written to as a whole or not at all."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from tui.session import schema
from tui.session.errors import NotSaved, SessionUnusable
from tui.session.moment import present, wall
from tui.text import say

_DAMAGED = ("no such table", "no such column", "Could not decode", "malformed")


class Database:
    """The connection; what is in the tables is for those who inherit from it."""

    def __init__(self, path: Path | str) -> None:
        """Opens or makes the database. Raises SessionUnusable where it is damaged, newer, or cannot be opened."""
        self.path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise SessionUnusable(unusable(path, error)) from error

    def _prepare(self) -> None:
        if isinstance(self.path, Path) and stat.S_IMODE(self.path.stat().st_mode) != 0o600:
            self.path.chmod(0o600)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON", "busy_timeout = 10000"):
            self._db.execute(f"PRAGMA {pragma}")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise SessionUnusable(
                say(
                    "{path} was written by a newer ocp-tui (its schema is {theirs}, this one knows {ours}). "
                    "Open the session with that version, or name another with --session DIR.",
                    path=self.path,
                    theirs=version,
                    ours=schema.VERSION,
                )
            )
        if version == 0:
            self._create()

    def _create(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in schema.TABLES.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {schema.VERSION}")
        self._db.execute("COMMIT")

    @classmethod
    def open(cls, directory: Path) -> Self:
        """The database of the session in this directory."""
        return cls(directory / "session.db")

    def clock(self) -> int:
        """The session's present (µs since the epoch, UTC): the wall clock's, or in a rehearsal the lab's."""
        return present(self.path.parent) if isinstance(self.path, Path) else wall()

    def close(self) -> None:
        """Ends the connection."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[int]:
        """A transaction; gives its revision. All or nothing. Raises NotSaved where the disk refuses."""
        if self._db.in_transaction:
            yield self.revision()
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE revision SET value = value + 1")
            yield self.revision()
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            raise NotSaved(say("{path} cannot be written: {why}.", path=self.path, why=error)) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def revision(self) -> int:
        """The revision of the newest row."""
        return int(self._db.execute("SELECT value FROM revision").fetchone()[0])

    def data_version(self) -> int:
        """Changes when another connection has written: the cheapest question there is."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])


def decoded(body: bytes, kind: Any) -> Any:
    """The row's content. One that is not what was written is damage like any other that SQLite finds itself."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise sqlite3.DatabaseError(say("malformed row: {why}", why=error)) from error


def unusable(path: Path | str, error: Exception) -> str:
    """Why the database cannot be used, and what next."""
    damaged = isinstance(error, sqlite3.Error) and (
        not isinstance(error, sqlite3.OperationalError) or str(error).startswith(_DAMAGED)
    )
    if damaged:
        return say(
            "{path} is damaged ({why}). plan.yaml and the secrets beside it are whole: move session.db away "
            "and start again; what the engine had recorded is then lost.",
            path=path,
            why=error,
        )
    return say(
        "{path} cannot be opened: {why}. See whether the disk is full or read-only, or name another session.",
        path=path,
        why=error,
    )
