"""Which stage the progress line names, and what it says of it."""

from tui.monitor.model import Stage
from tui.widgets.stage_bar import describe, length

MINUTE = 60_000_000


def stage(id_: str, state: str, started: int | None = None, ended: int | None = None, **more: int) -> Stage:
    return Stage(id=id_, title=id_, state=state, started=started, ended=ended, **more)  # type: ignore[arg-type]


def test_before_anything_it_says_so() -> None:
    assert describe([], 0)[1] == "nothing has started yet"


def test_a_stage_that_runs_after_another_failed_is_the_one_named() -> None:
    stages = [stage("mco", "running", started=5 * MINUTE), stage("bootstrap-complete", "failed", ended=3 * MINUTE)]
    assert "mco" in describe(stages, 6 * MINUTE)[1]


def test_a_stage_that_failed_last_is_named_with_its_tries() -> None:
    stages = [stage("release-image", "failed", MINUTE, 4 * MINUTE, attempts=14), stage("kubelet", "waiting")]
    _, words, state = describe(stages, 5 * MINUTE)
    assert words == "stage 1 of 2  release-image  failed, tried 14 times"
    assert state == "failed"


def test_a_stage_over_twice_its_usual_length_is_late_and_says_what_is_usual() -> None:
    stages = [stage("release-image", "running", started=0 * MINUTE + 1, usual=60)]
    assert describe(stages, MINUTE)[2] == "now"
    _, words, state = describe(stages, 6 * MINUTE + 1)
    assert words.endswith("6 min, usual under 1 min")
    assert state == "warning"


def test_when_all_is_done_it_is_complete() -> None:
    assert describe([stage("bootstrap-complete", "done", 1, 2)], 3)[1:] == ("complete", "done")


def test_lengths_have_two_units_at_most() -> None:
    assert [length(s) for s in (0, 59, 60, 3599, 3600, 5400, None)] == [
        "0 s", "59 s", "1 min", "59 min", "1 h 0 min", "1 h 30 min", "?",
    ]  # fmt: skip
