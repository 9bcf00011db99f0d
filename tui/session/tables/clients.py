"""Clients: who is attached to the session."""

from tui.session.database import Database
from tui.session.moment import wall

ATTACHED_SECONDS = 15


class ClientTable(Database):
    """Every screen and command says now and then that it is there."""

    def heartbeat(self, client: str, pid: int, place: str) -> None:
        """Says that this client is attached. Raises NotSaved where the disk refuses."""
        with self.writing():
            self._db.execute(
                "INSERT INTO clients VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen = excluded.seen",
                (client, pid, place, wall()),
            )

    def leave(self, client: str) -> None:
        """Says that this client is gone. Raises NotSaved where the disk refuses."""
        with self.writing():
            self._db.execute("DELETE FROM clients WHERE id = ?", (client,))

    def attached(self) -> int:
        """How many clients have been heard of in the last fifteen seconds."""
        since = wall() - ATTACHED_SECONDS * 1_000_000
        return int(self._db.execute("SELECT count(*) FROM clients WHERE seen > ?", (since,)).fetchone()[0])
