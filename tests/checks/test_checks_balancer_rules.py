"""What a balancer's port says, judged by phase and shape, without any server."""

from typing import get_args

import pytest
from msgspec.structs import replace

from tui.checks import asking
from tui.checks.balancer import Door, ask, judge, said
from tui.checks.model import CheckState, Phase
from tui.checks.world import World
from tui.links import tls
from tui.plan.model import LoadBalancer, Network, Node, Plan, Topology

PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="example.test",
        nodes=[Node(role="bootstrap", name="b0"), Node(role="master", name="m0", address="10.0.0.10")],
    ),
    network=Network(load_balancer=LoadBalancer(api="10.0.0.5", ingress="10.0.0.6")),
)
ALONE = replace(PLAN, topology=replace(PLAN.topology, shape="sno"), network=Network())


def _state(kind: tls.Kind, phase: Phase, plan: Plan = PLAN, number: int = 6443) -> CheckState:
    door = Door("10.0.0.5", ("10.0.0.5", number))
    return judge(plan, phase, number=number, name="api", greeting=tls.Greeting(kind=kind), door=door).state


@pytest.mark.parametrize(
    ("kind", "before", "during", "after"),
    [
        ("closed", "ok", "warning", "failed"),
        ("silent", "ok", "warning", "failed"),
        ("refused", "failed", "failed", "failed"),
        ("filtered", "failed", "failed", "failed"),
        ("unreachable", "failed", "failed", "failed"),
        ("http", "failed", "failed", "failed"),
        ("garbled", "failed", "failed", "failed"),
    ],
)
def test_a_balancer_without_backend_is_right_before_boot_and_wrong_after(
    kind: tls.Kind, before: CheckState, during: CheckState, after: CheckState
) -> None:
    found = [_state(kind, phase) for phase in get_args(Phase)]
    assert found == [before, during, after]


def test_plain_http_is_right_on_port_80_once_nodes_are_there() -> None:
    assert _state("http", "after-bootstrap", number=80) == "ok"
    assert _state("http", "before-boot", number=80) == "warning"


def test_a_single_node_is_not_asked_before_it_is_there_and_may_take_its_time() -> None:
    assert not [q for q in asking.questions(ALONE, "before-boot") if q.id.startswith("lb.")]
    asked = {q.id for q in asking.questions(ALONE, "bootstrapping") if q.id.startswith("lb.")}
    assert asked == {"lb.6443", "lb.443", "lb.80"}
    assert _state("refused", "bootstrapping", ALONE) == "warning"
    assert _state("refused", "after-bootstrap", ALONE) == "failed"


def test_every_way_of_answering_has_its_own_words() -> None:
    kinds = [kind for kind in get_args(tls.Kind) if kind != "tls"]
    assert len({said(tls.Greeting(kind=kind, reason="x")) for kind in kinds}) == len(kinds)


async def test_a_single_node_of_both_families_may_take_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object, **__: object) -> tls.Greeting:
        return tls.Greeting(kind="refused")

    monkeypatch.setattr(tls, "greet", refused)
    node = Node(role="master", name="m0", address="10.0.0.10, fd00::10")
    plan = replace(ALONE, topology=replace(ALONE.topology, nodes=[node]))
    found = await ask(World(plan, "bootstrapping", lambda _: b""), "api", 6443)
    assert {host: finding.state for host, finding in found.items()} == {"10.0.0.10": "warning", "fd00::10": "warning"}
    found = await ask(World(plan, "after-bootstrap", lambda _: b""), "api", 6443)
    assert {finding.state for finding in found.values()} == {"failed"}
