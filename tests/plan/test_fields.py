"""A field by its path: get, replace, parse, and every path of a plan."""

from typing import Any

import pytest

from tui.plan import fields
from tui.plan.model import ClusterNetwork, MirrorSource, Network, Node, Plan, Topology


def plan() -> Plan:
    return Plan(
        topology=Topology(cluster_name="ocp", nodes=[Node(role="master", name="m0"), Node(role="worker", name="w0")]),
        network=Network(name_servers=["192.168.1.5", "192.168.1.6"]),
        endpoints={"192.168.1.5:53": "127.0.0.1:15353"},
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("topology.cluster_name", "ocp"),
        ("network.name_servers[1]", "192.168.1.6"),
        ("topology.nodes[1].name", "w0"),
        ("topology.nodes[0].bmc.verify_tls", True),
        ('endpoints["192.168.1.5:53"]', "127.0.0.1:15353"),
    ],
)
def test_a_path_finds_its_value(path: str, value: object) -> None:
    assert fields.get(plan(), path) == value


@pytest.mark.parametrize("path", ["network.nmae", "topology.nodes[7].name", "network.gateway.x", "", "a b", "lab[0]"])
def test_a_path_that_names_nothing_is_refused(path: str) -> None:
    if path == "":
        assert fields.get(plan(), path) == plan()
        return
    with pytest.raises(fields.NoSuchField):
        fields.get(plan(), path)


def test_a_replacement_changes_its_field_and_shares_the_rest() -> None:
    before = plan()
    after = fields.replace(before, "topology.nodes[1].address", "192.168.1.20")
    assert after.topology.nodes[1].address == "192.168.1.20"
    assert before.topology.nodes[1].address == ""
    assert after.topology.nodes[0] is before.topology.nodes[0]
    assert after.network is before.network


def test_the_index_past_the_end_appends_and_remove_takes_out() -> None:
    longer = fields.replace(plan(), "network.name_servers[2]", "192.168.1.7")
    assert longer.network.name_servers == ["192.168.1.5", "192.168.1.6", "192.168.1.7"]
    assert fields.remove(longer, "network.name_servers[0]").network.name_servers == ["192.168.1.6", "192.168.1.7"]
    assert fields.remove(longer, 'endpoints["192.168.1.5:53"]').endpoints == {}


def test_every_path_of_a_plan_can_be_read_typed_and_written_back() -> None:
    full = plan()
    found = fields.paths(full)
    assert "network.gateway" in found
    assert "topology.nodes[1].bmc.address" in found
    assert "network.cluster_networks[0].host_prefix" in found
    assert "schema" not in found
    for path in found:
        value = fields.get(full, path)
        assert fields.parse(path, fields.text(value)) == value, path
        assert fields.decoded(path, fields.encoded(value)) == value, path
        assert fields.replace(full, path, value) == full


@pytest.mark.parametrize(
    ("path", "typed", "value"),
    [
        ("network.mtu", " 9000 ", 9000),
        ("network.mtu", "", None),
        ("network.dhcp", "Yes", True),
        ("topology.shape", "SNO", "sno"),
        ("network.name_servers", "192.168.1.5, 192.168.1.6 ", ["192.168.1.5", "192.168.1.6"]),
        ("network.cluster_networks[0].host_prefix", "/23", 23),
        (
            "network.cluster_networks",
            "10.128.0.0/14 23\nfd01::/48 64",
            [ClusterNetwork(cidr="10.128.0.0/14", host_prefix=23), ClusterNetwork(cidr="fd01::/48", host_prefix=64)],
        ),
        (
            "network.mirrors",
            "quay.io/a b.example/c d/e",
            [MirrorSource(source="quay.io/a", mirrors=["b.example/c", "d/e"])],
        ),
        ("endpoints", "a:53=127.0.0.1:5353", {"a:53": "127.0.0.1:5353"}),
    ],
)
def test_typed_text_becomes_the_type_of_its_field(path: str, typed: str, value: Any) -> None:
    assert fields.parse(path, typed) == value


@pytest.mark.parametrize(
    ("path", "typed", "says"),
    [
        ("network.mtu", "many", "whole number"),
        ("network.dhcp", "perhaps", "yes or no"),
        ("topology.shape", "huge", "ha, compact, sno"),
        ("network.cluster_networks", "10.128.0.0/14", "host prefix"),
        ("topology.nodes", "x", "several fields"),
        ("endpoints", "a:53", "HOST:PORT=HOST:PORT"),
    ],
)
def test_text_of_another_type_gets_a_sentence(path: str, typed: str, says: str) -> None:
    with pytest.raises(fields.NotThatType, match=says):
        fields.parse(path, typed)
