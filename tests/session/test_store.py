"""The database between screens and engine."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from tui.checks.model import Result
from tui.hints.model import Hint
from tui.lines import Line
from tui.session import schema
from tui.session.errors import NotSaved, SessionUnusable
from tui.session.rows import LabRow, NodeRow
from tui.session.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "session.db")


def lines(count: int, first: int = 1, source: str = "bootstrap", text: str = "line") -> list[Line]:
    return [Line(text=f"{text} {n}", source=source, number=n) for n in range(first, first + count)]


def test_a_reader_learns_only_what_changed_since_the_revision_it_knows(store: Store) -> None:
    store.put(LabRow(id="dns", title="DNS", state="up"), LabRow(id="lb", title="LB", state="up"))
    known = store.revision()
    store.put(LabRow(id="dns", title="DNS", state="down"))
    assert [row.id for row in store.facts(LabRow, since=known)] == ["dns"]
    assert store.changed_kinds(known) == {"lab"}


def test_a_fact_that_says_nothing_new_is_no_change(store: Store) -> None:
    row = NodeRow(name="master-0", link="following")
    store.put(row)
    known = store.revision()
    store.put(row)
    assert store.changed_kinds(known) == set()


def test_another_connection_sees_that_something_was_written(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "session.db"), Store(tmp_path / "session.db")
    before = two.data_version()
    one.tell("job", "something happened")
    assert two.data_version() != before
    assert [event.text for event in two.events()] == ["something happened"]


def test_the_same_job_asked_for_twice_while_it_is_unfinished_is_one_job(store: Store) -> None:
    first = store.request("check", only=["dns.api"])
    assert store.request("check", only=["dns.api"]) == first
    assert store.request("check", only=["dns.apps"]) != first
    store.set_job(first, state="done")
    assert store.request("check", only=["dns.api"]) != first


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_is_asked_to_end(store: Store) -> None:
    queued, running = store.request("check"), store.request("generate")
    store.set_job(running, state="running")
    store.cancel(queued)
    store.cancel(running)
    assert [job.state for job in store.jobs()] == ["cancelled", "cancelling"]


def test_a_window_of_lines_is_the_last_ones_or_those_beside_a_line(store: Store) -> None:
    store.add_lines(lines(50))
    assert [x.id for x in store.lines(["bootstrap"], most=3)] == [48, 49, 50]
    assert [x.id for x in store.lines(["bootstrap"], before=10, most=3)] == [7, 8, 9]
    assert [x.id for x in store.lines(["bootstrap"], after=10, most=3)] == [11, 12, 13]
    assert [x.id for x in store.lines(["bootstrap"], above=48)] == [49, 50]


def test_lines_are_found_by_text_source_unit_and_priority(store: Store) -> None:
    store.add_lines(
        [
            Line(text="Pulling quay.io", source="a", number=1, unit="release-image"),
            Line(text="Error: refused", source="a", number=2, priority=3),
            Line(text="error: REFUSED", source="b", number=3, priority=6),
        ]
    )
    assert [x.id for x in store.lines(containing="refused")] == [2, 3]
    assert [x.id for x in store.lines(["a"], containing="refused")] == [2]
    assert [x.id for x in store.lines(errors=True)] == [2]
    assert [x.id for x in store.lines(unit="release-image")] == [1]


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def half_done() -> None:
        with store.writing():
            store.add_lines(lines(2))
            store.put(LabRow(id="dns", title="DNS", state="up"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert store.last_line() == 0
    assert store.lab_world() == []


def test_a_secret_learnt_late_is_gone_from_everything_stored(store: Store, tmp_path: Path) -> None:
    secret = "hunter2-canary-9431"
    store.add_lines([Line(text=f"password is {secret}", source="a", number=1)])
    store.tell("job", f"failed with {secret}")
    store.put(Hint(id="x", title="t", severity="error", cause=f"because {secret}"))
    store.set_job(store.request("generate"), message=f"said {secret}")
    store.redact([secret], "[redacted]")
    store.close()
    for path in tmp_path.glob("session.db*"):
        assert secret.encode() not in path.read_bytes(), path


def test_repairs_are_taken_once(store: Store) -> None:
    store.request_repair("start-dns")
    assert store.take_repairs() == ["start-dns"]
    assert store.take_repairs() == []


def test_an_overriding_reason_is_part_of_the_check(store: Store) -> None:
    store.put(Result(id="dns.api", subject="a", state="failed", evidence="e", step="network", overridden="known"))
    assert [result.overridden for result in store.facts(Result)] == ["known"]


def test_a_damaged_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(SessionUnusable, match=r"damaged.*move session\.db away"):
        Store(path)


def test_a_newer_database_is_refused_with_both_schemas_named(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    Store(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    raw.close()
    with pytest.raises(SessionUnusable, match=f"schema is {schema.VERSION + 1}, this one knows {schema.VERSION}"):
        Store(path)


def test_a_full_disk_is_said_in_a_sentence_and_loses_nothing_stored(tmp_path: Path) -> None:
    store = Store(tmp_path / "session.db")
    store.add_lines(lines(10))
    store._db.execute("PRAGMA max_page_count = 40")
    with pytest.raises(NotSaved, match="cannot be written"):
        store.add_lines(lines(5000, first=11, text="x" * 200))
    assert store.last_line() == 10


def test_the_database_is_for_its_owner_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "session.db")
    store.tell("job", "x")
    for path in tmp_path.glob("session.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_late_secret_leaves_what_judges_keep_readable(store: Store) -> None:
    state = {"line": "the password is canary-9920", "count": 3}
    store.keep("judge", msgspec.msgpack.encode(state))
    store.redact(["canary-9920"], "[redacted]")
    assert msgspec.msgpack.decode(store.kept("judge")) == {"line": "the password is ***********", "count": 3}
