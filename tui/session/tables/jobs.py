"""Jobs: asked for by clients, done by the engine."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tui.session.database import Database, decoded
from tui.session.moment import wall
from tui.session.rows import UNFINISHED, Job, JobState

_JOB = "id, kind, arguments, state, message, done, total, result, created, started, ended, rev"


class JobTable(Database):
    """Clients ask for jobs and for their end; the engine says how far each is and what came of it."""

    def request(self, kind: str, **arguments: Any) -> int:
        """Asks the engine for a job. The same job asked for twice while it is unfinished is one job. Gives its id."""
        encoded = msgspec.json.encode(arguments)
        with self.writing() as rev:
            same = self._db.execute(
                "SELECT id FROM jobs WHERE kind = ? AND arguments = ? AND state IN ('queued', 'running')",
                (kind, encoded),
            ).fetchone()
            if same:
                return int(same[0])
            cursor = self._db.execute(
                "INSERT INTO jobs (kind, arguments, state, created, rev) VALUES (?, ?, 'queued', ?, ?)",
                (kind, encoded, wall(), rev),
            )
            return int(cursor.lastrowid or 0)

    def cancel(self, job: int) -> None:
        """Asks the engine to end a job; one it has not begun ends at once."""
        with self.writing() as rev:
            self._db.execute(
                "UPDATE jobs SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE 'cancelling' END, rev = ?"
                " WHERE id = ? AND state IN ('queued', 'running')",
                (rev, job),
            )

    def set_job(self, job: int, **columns: Any) -> None:
        """The engine's word on a job: state, message, done, total, result, started, ended."""
        if "result" in columns:
            columns["result"] = msgspec.json.encode(columns["result"])
        names = ", ".join(f"{name} = ?" for name in columns)
        with self.writing() as rev:
            self._db.execute(f"UPDATE jobs SET {names}, rev = ? WHERE id = ?", (*columns.values(), rev, job))  # noqa: S608 - column names are ours

    def jobs(self, since: int = -1, states: Iterable[JobState] | None = None) -> list[Job]:
        """Jobs changed after revision `since`, oldest first; with `states` only those in one of them."""
        rows = self._db.execute(f"SELECT {_JOB} FROM jobs WHERE rev > ? ORDER BY id", (since,)).fetchall()  # noqa: S608
        jobs = [_job(row) for row in rows]
        return jobs if states is None else [job for job in jobs if job.state in tuple(states)]

    def job(self, job: int) -> Job | None:
        """One job by its id."""
        row = self._db.execute(f"SELECT {_JOB} FROM jobs WHERE id = ?", (job,)).fetchone()  # noqa: S608
        return _job(row) if row else None

    def unfinished(self) -> list[Job]:
        """Jobs that the engine still owes an answer."""
        return self.jobs(states=UNFINISHED)


def _job(row: tuple[Any, ...]) -> Job:
    id_, kind, arguments, state, message, done, total, result, created, started, ended, rev = row
    return Job(
        id=id_,
        kind=kind,
        arguments=decoded(arguments, dict[str, Any]),
        state=state,
        message=message,
        done=done,
        total=total,
        result=decoded(result, dict[str, Any] | None) if result else None,
        created=created,
        started=started,
        ended=ended,
        rev=rev,
    )
