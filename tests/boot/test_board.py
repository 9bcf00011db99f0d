"""Where a machine is, from facts as they come; what nobody saw stays unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.boot import Board, fact_of
from tui.boot.model import Fact, FactKind, Request
from tui.plan.model import Node, Plan, Topology

PLAN = Plan(topology=Topology(nodes=[Node(role="master", name="m1"), Node(role="worker", name="w1")]))


def told(*facts: tuple[FactKind, str]) -> str:
    """The state of m1 after these facts, a second between them."""
    board = Board(PLAN)
    for second, (kind, value) in enumerate(facts, 1):
        board.feed(Fact(kind=kind, node="m1", value=value, time=second * 1_000_000))
    return board.states()[0].state


def test_a_machine_nobody_saw_is_unknown() -> None:
    assert told() == "unknown"


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
    assert told(*facts) == state


def test_booting_from_the_network_again_after_installing_names_the_boot_order() -> None:
    board = Board(PLAN)
    for time, name in enumerate(["kernel", "master.ign", "kernel"]):
        board.feed(Fact(kind="request", node="m1", value=name, time=time))
    assert "boot order" in board.states()[0].detail


def test_a_half_fetched_ignition_file_is_no_installation() -> None:
    board = Board(PLAN)
    assert board.feed(Fact(kind="request", node="m1", value="master.ign", time=1, complete=False)) is None


def test_since_is_when_the_state_began_and_only_changes_are_given() -> None:
    board = Board(PLAN)
    first = board.feed(Fact(kind="ping", node="m1", value="yes", time=5))
    assert first is not None
    assert first.since == 5
    assert board.feed(Fact(kind="ping", node="m1", value="yes", time=9)) is None
    assert board.feed(Fact(kind="ping", node="nobody", value="yes", time=9)) is None


@pytest.mark.parametrize("status", [403, 416, 503])
def test_a_refused_request_says_nothing_of_a_node(status: int) -> None:
    request = Request(
        id=1, node="m1", address="", file="master.ign", status=status, sent=0, total=0, started=1, ended=2
    )
    assert fact_of(request) is None


kinds = st.sampled_from(["request", "power", "ping", "ssh", "machine-config", "joined", "ready"])
values = st.sampled_from(["yes", "no", "on", "off", "kernel", "master.ign"])


@given(st.lists(st.builds(Fact, kind=kinds, node=st.just("m1"), value=values, time=st.integers(0, 99)), max_size=12))
def test_no_order_of_facts_moves_another_node_or_forgets_the_first(facts: list[Fact]) -> None:
    board = Board(PLAN)
    for fact in facts:
        board.feed(fact)
    first, other = board.states()
    assert other.state == "unknown"
    assert (first.since is None) == (first.state == "unknown" and "cluster" not in first.detail)
