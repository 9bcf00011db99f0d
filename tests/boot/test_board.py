"""Where a machine is, from facts as they come; what nobody saw stays unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.boot import advance, fact_of
from tui.boot.model import Fact, FactKind, NodeState, Request

UNSEEN = NodeState(node="m1", role="master")


def after(*facts: tuple[FactKind, str]) -> NodeState:
    """Where m1 is after these facts, a second between them."""
    state = UNSEEN
    for second, (kind, value) in enumerate(facts, 1):
        state = advance(state, Fact(kind=kind, node="m1", value=value, time=second * 1_000_000))
    return state


def test_a_machine_nobody_saw_is_unknown() -> None:
    assert after().state == "unknown"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([("power", "off")], "off"),
        ([("power", "on")], "on"),
        ([("request", "boot.ipxe")], "fetching"),
        ([("request", "rootfs.img"), ("request", "master.ign")], "installing"),
        ([("request", "master.ign"), ("ping", "yes")], "installing"),
        ([("request", "master.ign"), ("ping", "yes"), ("ping", "no")], "rebooting"),
        ([("request", "master.ign"), ("ping", "no"), ("ping", "yes")], "answers"),
        ([("ping", "yes")], "answers"),
        ([("ping", "no")], "unknown"),
        ([("ping", "yes"), ("ssh", "yes")], "ssh"),
        ([("ssh", "yes"), ("machine-config", "yes")], "rebooting"),
        ([("ssh", "yes"), ("joined", "yes")], "joined"),
        ([("joined", "yes"), ("ready", "yes")], "ready"),
        ([("ready", "yes")], "ready"),
        ([("ready", "yes"), ("ready", "no")], "joined"),
        ([("ready", "yes"), ("ping", "no")], "ready"),
        ([("ready", "yes"), ("power", "off")], "off"),
    ],
)
def test_facts_in_this_order_lead_there(facts: list[tuple[FactKind, str]], state: str) -> None:
    assert after(*facts).state == state


def test_booting_from_the_network_again_after_installing_names_the_boot_order() -> None:
    state = after(("request", "kernel"), ("request", "master.ign"), ("request", "kernel"))
    assert state.state == "fetching"
    assert "boot order" in state.detail


def test_a_half_fetched_ignition_file_is_no_installation() -> None:
    half = Fact(kind="request", node="m1", value="master.ign", time=1, complete=False)
    assert advance(UNSEEN, half) == UNSEEN


def test_since_is_when_the_state_began() -> None:
    first = after(("ping", "yes"))
    assert first.since == 1_000_000
    assert advance(first, Fact(kind="ping", node="m1", value="yes", time=9_000_000)) == first


@pytest.mark.parametrize("status", [403, 416, 503])
def test_a_refused_request_says_nothing_of_a_node(status: int) -> None:
    request = Request(
        id=1, node="m1", address="", file="master.ign", status=status, sent=0, total=0, started=1, ended=2
    )
    assert fact_of(request) is None


kinds = st.sampled_from(["request", "power", "ping", "ssh", "machine-config", "joined", "ready"])
values = st.sampled_from(["yes", "no", "on", "off", "kernel", "master.ign"])


@given(st.lists(st.builds(Fact, kind=kinds, node=st.just("m1"), value=values, time=st.integers(0, 99)), max_size=12))
def test_no_order_of_facts_makes_a_state_without_a_time_or_the_reverse(facts: list[Fact]) -> None:
    state = UNSEEN
    for fact in facts:
        state = advance(state, fact)
    assert (state.since is None) == (state.state == "unknown" and not state.detail)
