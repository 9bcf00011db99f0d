"""Failures without text: judged from what is known, never from what nobody looked at."""

from collections.abc import Mapping
from typing import Any

import pytest

from tui.hints.detector import Detector
from tui.hints.model import Facts, Hint
from tui.hints.rules import CATALOGUE, load_file

SECOND = 1_000_000
MINUTE = 60 * SECOND
START = 1_700_000_000 * SECOND
RULES = load_file(CATALOGUE / "state.yaml")


def stage(
    id_: str, state: str, *, started: int | None = START, ended: int | None = None, **more: Any
) -> dict[str, Any]:
    row = {"id": id_, "title": id_, "node": "", "state": state, "attempts": 1, "detail": ""}
    return {**row, "started": started, "ended": ended, **more}


def thing(kind: str, name: str, state: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "state": state, "message": f"{name} says why", "seen": START}


def nodes(**states: str) -> dict[str, Mapping[str, Any]]:
    """Nodes whose journal was read before; a state "never" is one that was lost from the start."""
    return {
        name.replace("_", "-"): {"role": "master", "state": "lost", "since": None}
        if state == "never"
        else {"role": "master", "state": state, "since": START}
        for name, state in states.items()
    }


def ticked(detector: Detector, minutes: float, facts: Facts) -> dict[tuple[str, str], Hint]:
    detector.tick(START + int(minutes * MINUTE), facts)
    return {(hint.id, hint.node): hint for hint in detector.hints() if hint.state == "active"}


def test_a_stage_that_lasts_too_long_is_a_hint_from_then_on_until_it_ends() -> None:
    detector = Detector(RULES)
    running = Facts(stages=[stage("release-image", "running")])
    assert not ticked(detector, 14.9, running)
    hint = ticked(detector, 40, running)["release-image-slow", ""]
    assert (hint.first, hint.severity) == (START + 15 * MINUTE, "warning")
    assert "for 40 minutes" in hint.cause
    done = Facts(stages=[stage("release-image", "done", ended=START + 41 * MINUTE)])
    assert not ticked(detector, 41, done)
    (over,) = detector.hints()
    assert (over.state, over.cleared) == ("cleared", START + 41 * MINUTE)


def test_a_node_that_never_showed_up_is_named() -> None:
    detector = Detector(RULES)
    facts = Facts(
        stages=[stage("mco-bootstrap", "done", ended=START)],
        nodes=nodes(m_0="unknown", m_1="unknown"),
        board={"m-0": {"state": "unknown"}, "m-1": {"state": "fetching"}},
    )
    assert not ticked(detector, 14, facts)
    assert list(ticked(detector, 16, facts)) == [("ignition-never-fetched", "m-0")]


def test_absence_is_not_concluded_from_what_nobody_looked_at() -> None:
    facts = Facts(stages=[stage("mco-bootstrap", "done", ended=START), stage("cb-manifests", "done", ended=START)])
    assert not ticked(Detector(RULES), 600, facts)


def test_no_node_is_said_only_where_the_api_was_asked() -> None:
    stages = [stage("cb-manifests", "done", ended=START)]
    detector = Detector(RULES)
    empty = Facts(stages=stages, objects=[thing("operator", "etcd", "Progressing")])
    assert ("no-node-joined", "") in ticked(detector, 30, empty)
    joined = Facts(stages=stages, objects=[thing("node", "m-0", "NotReady")])
    assert ("no-node-joined", "") not in ticked(detector, 31, joined)


@pytest.mark.parametrize(
    ("kind", "state", "id_", "minutes"),
    [
        ("csr", "pending", "csr-waiting", 5),
        ("node", "NotReady", "node-not-ready-long", 20),
        ("operator", "Degraded", "operator-ill-long", 60),
    ],
)
def test_what_the_api_shows_for_too_long_is_counted_from_when_it_was_first_seen(
    kind: str, state: str, id_: str, minutes: int
) -> None:
    detector = Detector(RULES)
    facts = Facts(objects=[thing(kind, "x", state)])
    assert not ticked(detector, 0, facts)
    assert not ticked(detector, minutes - 1, facts)
    detector = Detector(RULES, None, detector.snapshot())
    assert "x" in ticked(detector, minutes, facts)[id_, ""].cause
    another = Facts(objects=[thing(kind, "y", state)])
    assert not ticked(detector, minutes + 1, another), "each one has its own time"
    assert not ticked(detector, minutes + 2, facts), "it begins anew"


def test_rounds_are_counted() -> None:
    detector = Detector(RULES)
    assert not ticked(detector, 1, Facts(stages=[stage("cb-control-plane", "running")]))
    hints = ticked(detector, 2, Facts(stages=[stage("cb-control-plane", "running", attempts=3)]))
    assert "round 3" in hints["runbook-q5-picture-only", ""].cause
    assert not ticked(detector, 3, Facts(stages=[stage("cb-control-plane", "done", attempts=3, ended=START)]))


def test_the_bootstrap_must_not_leave_before_its_time() -> None:
    early = stage("bootstrap-removed", "done", ended=START)
    hints = ticked(Detector(RULES), 1, Facts(stages=[early, stage("bootstrap-complete", "running")]))
    assert hints["bootstrap-removed-early", ""].severity == "fatal"
    assert not ticked(Detector(RULES), 1, Facts(stages=[early, stage("bootstrap-complete", "done", ended=START)]))


def test_a_node_that_went_silent_is_named_and_forgiven() -> None:
    detector = Detector(RULES)
    ticked(detector, 0, Facts(nodes=nodes(m_0="lost", m_1="following")))
    assert list(ticked(detector, 21, Facts(nodes=nodes(m_0="lost", m_1="lost")))) == [("node-lost", "m-0")]
    assert not ticked(detector, 22, Facts(nodes=nodes(m_0="following", m_1="lost")))


def test_a_node_that_reboots_or_has_never_answered_is_not_lost() -> None:
    """A server's self-test takes a quarter of an hour; a worker that nobody has read yet is no worker that left."""
    detector = Detector(RULES)
    for minute, state in ((0, "lost"), (19, "lost"), (20, "following"), (90, "following")):
        assert not ticked(detector, minute, Facts(nodes=nodes(m_0=state, w_0="never")))


def test_an_installed_node_without_its_configuration_is_named_once_it_could_have_had_it() -> None:
    def facts(mco: str, board: str) -> Facts:
        ended = START + 30 * MINUTE if mco == "done" else None
        states = nodes(m_0="never")
        return Facts(stages=[stage("mco-bootstrap", mco, ended=ended)], nodes=states, board={"m-0": {"state": board}})

    detector = Detector(RULES)
    for minute, board in ((0, "fetching"), (2, "installing"), (29, "rebooting")):
        assert not ticked(detector, minute, facts("running", board)), "nothing to be had yet"
    assert not ticked(detector, 49, facts("done", "rebooting"))
    late = ticked(detector, 51, facts("done", "answers"))
    assert late["node-without-configuration", "m-0"].repair == "fix-record"
    assert "for 21 minutes" in late["node-without-configuration", "m-0"].cause
    assert not ticked(detector, 52, facts("done", "ssh"))
