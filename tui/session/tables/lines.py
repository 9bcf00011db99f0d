"""Lines: every journal as it came, only ever added to."""

from collections.abc import Iterable
from typing import Any

from tui.lines import Line
from tui.session.database import Database
from tui.session.rows import StoredLine

_LINE = "id, source, time, node, unit, identifier, priority, pid, boot, twin, text"


class LineTable(Database):
    """A line's id is its place in the order of arrival, over all sources."""

    def last_line(self) -> int:
        """The id of the newest line; 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM lines").fetchone()[0])

    def add_lines(self, lines: Iterable[Line]) -> None:
        """Adds lines under the ids in their `number`."""
        with self.writing():
            self._db.executemany(
                f"INSERT INTO lines ({_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                [
                    (
                        x.number,
                        x.source,
                        x.time,
                        x.node,
                        x.unit,
                        x.identifier,
                        x.priority,
                        x.pid,
                        x.boot,
                        x.twin,
                        x.text,
                    )
                    for x in lines
                ],
            )

    def lines(
        self,
        sources: Iterable[str] = (),
        *,
        before: int | None = None,
        after: int | None = None,
        above: int = 0,
        containing: str = "",
        errors: bool = False,
        unit: str = "",
        most: int = 200,
    ) -> list[StoredLine]:
        """Up to `most` lines in order of arrival: the last ones, those just before id `before`, or just after `after`.

        `sources` empty means all; `above` leaves out what came up to that id. `containing` is a plain text, case
        ignored; `errors` keeps priority 3 and worse.
        """
        where, values = ["id > ?"], [str(above)]
        names = list(sources)
        if names:
            where.append(f"source IN ({', '.join('?' * len(names))})")
            values += names
        if before is not None:
            where.append("id < ?")
            values.append(str(before))
        if after is not None:
            where.append("id > ?")
            values.append(str(after))
        if containing:
            where.append("instr(lower(text), lower(?)) > 0")
            values.append(containing)
        if errors:
            where.append("priority <= 3")
        if unit:
            where.append("unit = ?")
            values.append(unit)
        order = "ASC" if after is not None else "DESC"
        rows = self._db.execute(
            f"SELECT {_LINE} FROM lines WHERE {' AND '.join(where)} ORDER BY id {order} LIMIT ?",  # noqa: S608 - only ? and our own words
            (*values, most),
        ).fetchall()
        lines = [_line(row) for row in rows]
        return lines if order == "ASC" else lines[::-1]

    def line_at(self, sources: Iterable[str], time: int) -> int | None:
        """The id of the first line at or after an instant by the nodes' own clocks; None where there is none."""
        names = list(sources)
        only = f"source IN ({', '.join('?' * len(names))}) AND" if names else ""
        row = self._db.execute(f"SELECT min(id) FROM lines WHERE {only} time >= ?", (*names, time)).fetchone()  # noqa: S608
        return row[0] if row and row[0] is not None else None

    def line_counts(self) -> dict[str, int]:
        """How many lines each source has."""
        return dict(self._db.execute("SELECT source, count(*) FROM lines GROUP BY source").fetchall())


def _line(row: tuple[Any, ...]) -> StoredLine:
    id_, source, time_, node, unit, identifier, priority, pid, boot, twin, text = row
    return StoredLine(id_, source, time_, node, unit, identifier, priority, pid, boot, bool(twin), text)
