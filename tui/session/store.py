"""The session database: the one thing between screens and engine.

Everyone opens a `Store` of their own. Transactions are short; a writer takes the next revision, a reader asks what
changed since the one it knows. Nothing here imports an engine or a screen.
"""

import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tui.lines import Line
from tui.session import schema
from tui.session.errors import NotSaved, SessionUnusable
from tui.session.facts import key_of, kind_of
from tui.session.rows import UNFINISHED, Event, Job, JobState, LabRow, Repair, StoredLine
from tui.text import say

ATTACHED_SECONDS = 15
Fact = TypeVar("Fact", bound=msgspec.Struct)

_JOB = "id, kind, arguments, state, message, done, total, result, created, started, ended, rev"
_DAMAGED = ("no such table", "no such column", "Could not decode", "malformed")
_LINE = "id, source, time, node, unit, identifier, priority, pid, boot, twin, text"


def now() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


class Store:
    """One connection to a session's database (or, with ":memory:", to one that nobody else sees)."""

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
    def open(cls, directory: Path) -> "Store":
        """The database of the session in this directory."""
        return cls(directory / "session.db")

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

    # --- facts -------------------------------------------------------------------------------------------------

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
        return [_decoded(body, kind) for (body,) in rows]

    def fact(self, kind: type[Fact], key: str = "") -> Fact | None:
        """The fact of this kind and name."""
        row = self._db.execute("SELECT body FROM facts WHERE kind = ? AND key = ?", (kind_of(kind), key)).fetchone()
        return _decoded(row[0], kind) if row else None

    def forget(self, kind: type[msgspec.Struct], key: str | None = None) -> None:
        """Removes one fact, or with key None all of its kind."""
        with self.writing():
            if key is None:
                self._db.execute("DELETE FROM facts WHERE kind = ?", (kind_of(kind),))
            else:
                self._db.execute("DELETE FROM facts WHERE kind = ? AND key = ?", (kind_of(kind), key))

    def changed_kinds(self, since: int) -> set[str]:
        """The kinds of facts (and "job") that have rows newer than revision `since`."""
        rows = self._db.execute("SELECT DISTINCT kind FROM facts WHERE rev > ?", (since,)).fetchall()
        job = self._db.execute("SELECT 1 FROM jobs WHERE rev > ? LIMIT 1", (since,)).fetchone()
        return {kind for (kind,) in rows} | ({"job"} if job else set())

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

    # --- jobs --------------------------------------------------------------------------------------------------

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
                (kind, encoded, now(), rev),
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

    # --- lines -------------------------------------------------------------------------------------------------

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

    # --- events ------------------------------------------------------------------------------------------------

    def tell(self, kind: str, text: str, /, **data: Any) -> None:
        """Adds a moment to the timeline."""
        with self.writing():
            self._db.execute(
                "INSERT INTO events (time, kind, text, data) VALUES (?, ?, ?, ?)",
                (now(), kind, text, msgspec.json.encode(data)),
            )

    def events(self, after: int = 0, since: int = 0) -> list[Event]:
        """The timeline after event `after` and time `since`, oldest first."""
        rows = self._db.execute(
            "SELECT id, time, kind, text, data FROM events WHERE id > ? AND time >= ? ORDER BY id", (after, since)
        ).fetchall()
        return [Event(id=i, time=t, kind=k, text=x, data=_decoded(d, dict[str, Any])) for i, t, k, x, d in rows]

    # --- clients -----------------------------------------------------------------------------------------------

    def heartbeat(self, client: str, pid: int, place: str) -> None:
        """Says that this client is attached. Raises NotSaved where the disk refuses."""
        with self.writing():
            self._db.execute(
                "INSERT INTO clients VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen = excluded.seen",
                (client, pid, place, now()),
            )

    def leave(self, client: str) -> None:
        """Says that this client is gone. Raises NotSaved where the disk refuses."""
        with self.writing():
            self._db.execute("DELETE FROM clients WHERE id = ?", (client,))

    def attached(self) -> int:
        """How many clients have been heard of in the last fifteen seconds."""
        since = now() - ATTACHED_SECONDS * 1_000_000
        return int(self._db.execute("SELECT count(*) FROM clients WHERE seen > ?", (since,)).fetchone()[0])

    # --- the lab's world ---------------------------------------------------------------------------------------

    def lab_world(self) -> list[LabRow]:
        """What runs in the lab."""
        return self.facts(LabRow)

    def set_lab(self, id: str, title: str, state: str, detail: str = "") -> None:  # noqa: A002 - the row's own name
        """The lab's word on one thing of its world."""
        self.put(LabRow(id=id, title=title, state=state, detail=detail))

    def request_repair(self, id: str) -> None:  # noqa: A002
        """The person asks the lab for a repair."""
        self.put(Repair(id=id, asked=now()))

    def take_repairs(self) -> list[str]:
        """Repairs asked for and not yet taken; they count as taken from now on."""
        asked = [repair for repair in self.facts(Repair) if repair.taken is None]
        self.put(*(msgspec.structs.replace(repair, taken=now()) for repair in asked))
        return [repair.id for repair in asked]

    # --- secrets learnt late -----------------------------------------------------------------------------------

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
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _job(row: tuple[Any, ...]) -> Job:
    id_, kind, arguments, state, message, done, total, result, created, started, ended, rev = row
    return Job(
        id=id_,
        kind=kind,
        arguments=_decoded(arguments, dict[str, Any]),
        state=state,
        message=message,
        done=done,
        total=total,
        result=_decoded(result, dict[str, Any] | None) if result else None,
        created=created,
        started=started,
        ended=ended,
        rev=rev,
    )


def _line(row: tuple[Any, ...]) -> StoredLine:
    id_, source, time_, node, unit, identifier, priority, pid, boot, twin, text = row
    return StoredLine(id_, source, time_, node, unit, identifier, priority, pid, boot, bool(twin), text)


def _decoded(body: bytes, kind: Any) -> Any:
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
