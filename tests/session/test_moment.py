"""The session's present: one clock for journal lines and everything told beside them."""

from pathlib import Path

import msgspec
import pytest

from tui.session import moment
from tui.session.moment import KEPT_EVERY, SECOND, Rate
from tui.session.store import Store

NOW = 1_700_000_000 * SECOND


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The wall clock's time, to be set."""
    at = [NOW]
    monkeypatch.setattr(moment, "wall", lambda: at[0])
    return at


def keep(session: Path, rate: Rate) -> None:
    (session / moment.CLOCK).parent.mkdir(exist_ok=True)
    (session / moment.CLOCK).write_bytes(msgspec.json.encode(rate))


def test_without_a_lab_it_is_the_wall_clock_s(tmp_path: Path, wall: list[int]) -> None:
    assert moment.present(tmp_path) == NOW


def test_in_a_rehearsal_an_event_carries_the_lab_s_time_as_its_journals_do(tmp_path: Path, wall: list[int]) -> None:
    keep(tmp_path, Rate(wall=NOW, lab=NOW + 3600 * SECOND, speed=20.0))
    wall[0] += 2 * SECOND
    store = Store.open(tmp_path)
    store.tell("job", "something happened")
    assert [event.time for event in store.events()] == [NOW + 3640 * SECOND]


def test_the_time_of_a_lab_that_was_killed_goes_on_as_the_wall_clock_s(tmp_path: Path, wall: list[int]) -> None:
    rate = Rate(wall=NOW, lab=NOW, speed=100.0)
    wall[0] = NOW + 2 * KEPT_EVERY
    reached = rate.now()
    assert reached == NOW + 200 * KEPT_EVERY
    wall[0] += 3600 * SECOND
    assert rate.now() == reached + 3600 * SECOND


@pytest.mark.parametrize("spoilt", ["", "{", '{"wall": "x"}', "\x00"])
def test_a_spoilt_word_of_the_lab_stops_nothing(tmp_path: Path, wall: list[int], spoilt: str) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / moment.CLOCK).write_text(spoilt)
    assert moment.present(tmp_path) == NOW
