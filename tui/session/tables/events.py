"""Events: the timeline of the session log."""

from typing import Any

import msgspec

from tui.session.database import Database, decoded
from tui.session.rows import Event


class EventTable(Database):
    """Moments worth telling, oldest first."""

    def tell(self, kind: str, text: str, /, **data: Any) -> None:
        """Adds a moment to the timeline, in the session's own time as journal lines are."""
        with self.writing():
            self._db.execute(
                "INSERT INTO events (time, kind, text, data) VALUES (?, ?, ?, ?)",
                (self.clock(), kind, text, msgspec.json.encode(data)),
            )

    def events(self, after: int = 0, since: int = 0) -> list[Event]:
        """The timeline after event `after` and time `since`, oldest first."""
        rows = self._db.execute(
            "SELECT id, time, kind, text, data FROM events WHERE id > ? AND time >= ? ORDER BY id", (after, since)
        ).fetchall()
        return [Event(id=i, time=t, kind=k, text=x, data=decoded(d, dict[str, Any])) for i, t, k, x, d in rows]
