"""The picture of who talks to whom, drawn from the plan's own names."""

import pytest
from msgspec.structs import replace

from tests.screens import made_up
from tui.plan.model import Bmc, Boot, MirrorSource, Network, Node, Plan, Proxy, Topology
from tui.plan.traffic import WIDTH, between, mirror_hosts, picture
from tui.widgets import marks


def lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


def with_network(**changes: object) -> Plan:
    plan = made_up.plan()
    return replace(plan, network=replace(plan.network, **changes))


def shaped(shape: str, *roles: str) -> Plan:
    plan = made_up.plan()
    nodes = [node for node in plan.topology.nodes if node.role in roles]
    return replace(plan, topology=replace(plan.topology, shape=shape, nodes=nodes))


def test_every_name_and_address_of_the_plan_is_in_the_picture_with_its_port() -> None:
    shown = picture(made_up.plan())
    for node in made_up.plan().topology.nodes:
        assert lines_with(shown, node.name, node.address)
    assert lines_with(shown, "api-int", "192.168.31.160", "6443, 22623")
    assert lines_with(shown, "*.apps", "192.168.31.160", "443, 80")
    assert lines_with(shown, "192.168.31.160, 192.168.31.100", "53")
    assert lines_with(shown, "ntp.shinefire.com", "123")
    assert lines_with(shown, "this bastion", "192.168.31.10", "8080")
    assert lines_with(shown, "controllers", "192.168.40.161", "443")


def test_a_mirror_stands_in_the_place_of_the_public_registries() -> None:
    assert lines_with(picture(made_up.plan()), "quay.io", "443")
    source = MirrorSource(
        source="quay.io/a", mirrors=["mirror.test:5000/ocp", "mirror.test:5000/other", "second.test/a"]
    )
    plan = with_network(mirrors=[source])
    assert mirror_hosts(plan) == [("mirror.test", "5000"), ("second.test", "443")]
    assert not lines_with(picture(plan), "quay.io")
    assert lines_with(picture(plan), "mirror.test", "5000")


def test_a_proxy_is_shown_without_its_scheme() -> None:
    shown = picture(with_network(proxy=Proxy(http="http://proxy.test:3128")))
    assert lines_with(shown, "proxy", "proxy.test", "3128")


def test_without_workers_ingress_leads_to_the_control_plane() -> None:
    shown = picture(shaped("compact", "bootstrap", "master"))
    assert lines_with(shown, "the control plane: no workers")
    assert not lines_with(shown, "Workers")


def test_a_single_node_has_neither_balancer_nor_neighbours() -> None:
    plan = shaped("sno", "master")
    shown = picture(plan)
    assert not lines_with(shown, "Load balancer")
    assert not lines_with(shown, "etcd")
    assert lines_with(shown, "api, api-int and *.apps of ocp4.shinefire.com")


def test_the_overlay_is_that_of_the_network_type() -> None:
    assert lines_with("\n".join(between(made_up.plan())), "6081 UDP")
    assert lines_with("\n".join(between(with_network(network_type="OpenShiftSDN"))), "4789 UDP")


@pytest.mark.parametrize(
    "plan",
    [
        Plan(),
        made_up.plan(),
        Plan(
            topology=Topology(
                cluster_name="a" * 60,
                base_domain="b" * 60 + ".example.com",
                nodes=[
                    Node(role="worker", name=f"w{'x' * 40}{n}", address=f"fd00:1234:5678:9abc:def0:1234:5678:{n:04x}",
                         bmc=Bmc(address=f"https://10.0.0.{n}/redfish/v1"))
                    for n in range(40)
                ],
            ),
            network=Network(name_servers=[f"fd00:1234:5678:9abc:def0:1234:5678:{n:04x}" for n in range(5)]),
            boot=Boot(listen="[fd00::1]:8080"),
        ),
    ],
    ids=["empty", "usual", "huge"],
)  # fmt: skip
def test_any_plan_fits_a_small_terminal_and_ascii(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture(plan)
    assert max(len(line) for line in shown.splitlines()) <= WIDTH
    assert len(shown.splitlines()) <= 30
    monkeypatch.setattr(marks, "plain_ascii", True)
    assert marks.drawn(shown).isascii()


def test_forty_nodes_are_counted_where_they_are_not_named() -> None:
    nodes = [Node(role="worker", name=f"w{n}", address=f"10.0.0.{n}") for n in range(40)]
    assert lines_with(picture(Plan(topology=Topology(nodes=nodes))), "and 35 more")
