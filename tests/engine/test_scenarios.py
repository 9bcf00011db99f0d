"""Each scenario of the rehearsal lab as its hints tell it: the cause first, by itself, with its repair, then over.

Real processes and SSH throughout. The labs listen on the same loopback ports, so that they cannot run side by side.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.rehearsal import Rehearsal
from tui.hints.model import LOUD, Hint
from tui.session.rows import LabRow

SPEED = 90
CAUSES = {
    "api-refused": ("api-refused-watch-configmap", "start-lb"),
    "apiserver-crashloop": ("kube-apiserver-crashloop", "start-api"),
    "no-cni": ("cni-not-ready", "fix-cni"),
    "expired-certificates": ("certs-expired-24h", "renew-certificates"),
    "wrong-record": ("node-without-configuration", "fix-record"),
}

pytestmark = pytest.mark.xdist_group("lab")


@pytest.fixture
def rehearsal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path / "session", request.param, SPEED)
    rehearsal.prepare()
    yield rehearsal
    rehearsal.end()


def loud(rehearsal: Rehearsal) -> list[Hint]:
    """What is shown as a problem now, the first first."""
    hints = [hint for hint in rehearsal.session.store.facts(Hint) if hint.severity in LOUD and hint.state == "active"]
    return sorted(hints, key=lambda hint: hint.rank)


def first_of(hints: list[Hint], cause: str) -> list[Hint]:
    """The first hint where it is the cause. A symptom that rose some seconds earlier must have gone behind it."""
    return hints[:1] if hints and hints[0].id == cause else []


@pytest.mark.parametrize("rehearsal", ["healthy"], indirect=True)
def test_a_healthy_installation_shows_no_problem_at_any_time(rehearsal: Rehearsal) -> None:
    rehearsal.boot()
    shown: set[str] = set()

    def complete() -> bool:
        shown.update(hint.id for hint in loud(rehearsal))
        return rehearsal.stage("install-complete") == "done"

    rehearsal.until(complete)
    assert not shown
    assert rehearsal.session.store.facts(Hint), "what is normal for a while was seen, and called so"


@pytest.mark.parametrize(
    ("rehearsal", "cause", "repair"),
    [(scenario, cause, repair) for scenario, (cause, repair) in CAUSES.items()],
    indirect=["rehearsal"],
    ids=list(CAUSES),
)
def test_the_cause_comes_first_with_its_repair_and_is_over_after_it(
    rehearsal: Rehearsal, cause: str, repair: str
) -> None:
    rehearsal.boot()
    first = rehearsal.until(lambda: next(iter(first_of(loud(rehearsal), cause)), None))
    assert first.repair == repair
    row = rehearsal.session.store.fact(LabRow, f"repair:{repair}")
    assert row is not None
    assert row.state == "offered"

    if repair == "renew-certificates":
        assert rehearsal.do("generate").state == "done"
    rehearsal.session.store.request_repair(repair)
    rehearsal.until(lambda: cause not in {hint.id for hint in loud(rehearsal)})
    over = [hint for hint in rehearsal.session.store.facts(Hint) if hint.id == cause and hint.severity in LOUD]
    assert over
    assert all(hint.state == "cleared" and hint.cleared for hint in over)
