"""Each scenario of the rehearsal lab as its hints tell it: the cause first, its symptoms below it, then all over.

Real processes and SSH throughout. The labs listen on the same loopback ports, so that they cannot run side by side.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.rehearsal import Rehearsal
from tui.hints.model import LOUD, Hint
from tui.session.rows import LabRow

SPEED = 90
CAUSES = {
    "dns-refused": ("bootstrap-dns-refused", "release-pull-retrying", "start-dns"),
    "api-refused": ("api-refused-watch-configmap", "bootkube-pod-status-timeout", "start-lb"),
    "apiserver-crashloop": ("kube-apiserver-crashloop", "bootkube-pod-status-timeout", "start-api"),
    "no-cni": ("cni-not-ready", "bootkube-pod-status-timeout", "fix-cni"),
    "expired-certificates": ("certs-expired-24h", "installer-bootstrap-timeout", "renew-certificates"),
    "wrong-record": ("node-without-configuration", "bootkube-pod-status-timeout", "fix-record"),
}
"""Scenario: its cause, a symptom that is as loud some minutes later, and the repair."""

pytestmark = pytest.mark.xdist_group("lab")


@pytest.fixture
def rehearsal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    scenario, speed = request.param
    rehearsal = Rehearsal(tmp_path / "session", scenario, speed)
    rehearsal.prepare()
    yield rehearsal
    rehearsal.end()


def loud(rehearsal: Rehearsal) -> list[Hint]:
    """What is shown as a problem now, the first first."""
    hints = [hint for hint in rehearsal.session.store.facts(Hint) if hint.severity in LOUD and hint.state == "active"]
    return sorted(hints, key=lambda hint: hint.rank)


@pytest.mark.parametrize(
    "rehearsal",
    [("healthy", 90), ("healthy", 60), pytest.param(("healthy", 20), marks=pytest.mark.slow)],
    indirect=True,
    ids=str,
)
def test_a_healthy_installation_shows_no_problem_at_any_time(rehearsal: Rehearsal) -> None:
    rehearsal.boot()
    shown: set[str] = set()
    ended: list[float] = []

    def over() -> bool:
        shown.update(hint.id for hint in loud(rehearsal))
        if rehearsal.stage("install-complete") == "done":
            ended.append(time.monotonic())
        return bool(ended) and ended[-1] - ended[0] > 3

    rehearsal.until(over, 150)
    assert not shown
    assert rehearsal.session.store.facts(Hint), "what is normal for a while was seen, and called so"


@pytest.mark.parametrize(
    ("rehearsal", "cause", "symptom", "repair"),
    [((scenario, SPEED), *told) for scenario, told in CAUSES.items()],
    indirect=["rehearsal"],
    ids=list(CAUSES),
)
def test_the_cause_comes_first_before_any_symptom_with_its_repair_and_is_over_after_it(
    rehearsal: Rehearsal, cause: str, symptom: str, repair: str
) -> None:
    rehearsal.boot()
    firsts: set[str] = set()

    def both() -> Hint | None:
        shown = loud(rehearsal)
        firsts.update(hint.id for hint in shown[:1])
        folded = {hint.id for hint in rehearsal.session.store.facts(Hint) if hint.state == "folded"}
        return shown[0] if shown and symptom in folded else None

    first = rehearsal.until(both)
    assert firsts == {cause}
    assert first.repair == repair
    row = rehearsal.session.store.fact(LabRow, f"repair:{repair}")
    assert row is not None
    assert row.state == "offered"

    if repair == "renew-certificates":
        assert rehearsal.do("generate").state == "done"
    rehearsal.session.store.request_repair(repair)
    rehearsal.until(lambda: cause not in {hint.id for hint in loud(rehearsal)}, 90)
    over = [hint for hint in rehearsal.session.store.facts(Hint) if hint.id == cause and hint.severity in LOUD]
    assert over
    assert all(hint.state == "cleared" and hint.cleared for hint in over)
