"""Facts: the latest of everything that has a name, one row each."""

from typing import TypeVar

import msgspec

from tui.session.database import Database, decoded
from tui.session.facts import key_of, kind_of

Fact = TypeVar("Fact", bound=msgspec.Struct)


class FactTable(Database):
    """A fact replaces its older self; a reader asks for what changed since a revision."""

    def put(self, *facts: msgspec.Struct) -> None:
        """Writes facts, each replacing its older self; one that says nothing new keeps its old revision."""
        if not facts:
            return
        with self.writing() as rev:
            self._db.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET body = excluded.body, rev = excluded.rev WHERE body != excluded.body",
                [(kind_of(type(f)), key_of(f), msgspec.json.encode(f), rev) for f in facts],
            )

    def facts(self, kind: type[Fact], since: int = -1) -> list[Fact]:
        """All facts of this kind, or those changed after revision `since`, in the order of their names."""
        rows = self._db.execute(
            "SELECT body FROM facts WHERE kind = ? AND rev > ? ORDER BY key", (kind_of(kind), since)
        ).fetchall()
        return [decoded(body, kind) for (body,) in rows]

    def fact(self, kind: type[Fact], key: str = "") -> Fact | None:
        """The fact of this kind and name."""
        row = self._db.execute("SELECT body FROM facts WHERE kind = ? AND key = ?", (kind_of(kind), key)).fetchone()
        return decoded(row[0], kind) if row else None

    def forget(self, kind: type[msgspec.Struct], key: str | None = None) -> None:
        """Removes one fact, or with key None all of its kind."""
        with self.writing():
            if key is None:
                self._db.execute("DELETE FROM facts WHERE kind = ?", (kind_of(kind),))
            else:
                self._db.execute("DELETE FROM facts WHERE kind = ? AND key = ?", (kind_of(kind), key))

    def keep(self, name: str, blob: bytes) -> None:
        """Keeps an engine's own state (a detector's, a tracker's) beside the rows of the same transaction."""
        with self.writing() as rev:
            self._db.execute(
                "INSERT INTO facts VALUES ('kept', ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                (name, blob, rev),
            )

    def kept(self, name: str) -> bytes:
        """What was kept under this name; empty where nothing was."""
        row = self._db.execute("SELECT body FROM facts WHERE kind = 'kept' AND key = ?", (name,)).fetchone()
        return bytes(row[0]) if row else b""
