"""The session database: the one thing between screens and engine.

Everyone opens a `Store` of their own. Transactions are short; a writer takes the next revision, a reader asks what
changed since the one it knows. Nothing here imports an engine or a screen.
"""

from collections.abc import Iterable

from tui.session.database import unusable
from tui.session.moment import wall as now
from tui.session.tables.clients import ClientTable
from tui.session.tables.events import EventTable
from tui.session.tables.jobs import JobTable
from tui.session.tables.lab import LabTable
from tui.session.tables.lines import LineTable

__all__ = ["Store", "now", "unusable"]


class Store(LabTable, JobTable, LineTable, EventTable, ClientTable):
    """One connection to a session's database (or, with ":memory:", to one that nobody else sees)."""

    def changed_kinds(self, since: int) -> set[str]:
        """The kinds of facts (and "job") that have rows newer than revision `since`."""
        rows = self._db.execute("SELECT DISTINCT kind FROM facts WHERE rev > ?", (since,)).fetchall()
        job = self._db.execute("SELECT 1 FROM jobs WHERE rev > ? LIMIT 1", (since,)).fetchone()
        return {kind for (kind,) in rows} | ({"job"} if job else set())

    def redact(self, secrets: Iterable[str], mark: str) -> None:
        """Replaces secrets in everything stored so far, and lets nothing of them stay in freed pages."""
        with self.writing() as rev:
            for secret in secrets:
                for table, column in (("lines", "text"), ("events", "text"), ("jobs", "message")):
                    self._db.execute(
                        f"UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1)",  # noqa: S608
                        (secret, mark),
                    )
                self._db.execute(
                    "UPDATE facts SET body = CAST(replace(CAST(body AS TEXT), ?1, ?2) AS BLOB), rev = ?3"
                    " WHERE kind != 'kept' AND instr(CAST(body AS TEXT), ?1)",
                    (secret, mark, rev),
                )
                self._mask_kept(secret.encode())
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _mask_kept(self, secret: bytes) -> None:
        """What judges keep is binary, each text after its length: there a secret gives way to as many stars."""
        for name, blob in self._db.execute("SELECT key, body FROM facts WHERE kind = 'kept'").fetchall():
            if secret in blob:
                masked = blob.replace(secret, b"*" * len(secret))
                self._db.execute("UPDATE facts SET body = ? WHERE kind = 'kept' AND key = ?", (masked, name))
