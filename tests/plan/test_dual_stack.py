"""A plan of both families: each node one address of each, judged as one of a single family is."""

import pytest

from tests.screens import made_up
from tui.plan import fields
from tui.plan.endpoints import endpoint
from tui.plan.host import in_fips_mode
from tui.plan.model import ClusterNetwork, Plan
from tui.plan.proxy import added_no_proxy
from tui.plan.rules import judge


def dual(**changes: object) -> Plan:
    """The made-up cluster in both families; `changes` are of its first control plane node."""
    plan = fields.replace(made_up.plan(), "topology.version", "4.15.3")
    plan = fields.replace(plan, "network.machine_networks", ["192.168.31.0/24", "fd00:31::/64"])
    networks = [ClusterNetwork(), ClusterNetwork(cidr="fd01::/48", host_prefix=64)]
    plan = fields.replace(plan, "network.cluster_networks", networks)
    plan = fields.replace(plan, "network.service_networks", ["172.30.0.0/16", "fd02::/112"])
    plan = fields.replace(plan, "network.gateway", "192.168.31.1, fd00:31::1")
    for number, node in enumerate(plan.topology.nodes):
        both = f"{node.address}, fd00:31::{node.address.rpartition('.')[2]}"
        plan = fields.replace(plan, f"topology.nodes[{number}].address", both)
    for name, value in changes.items():
        plan = fields.replace(plan, f"topology.nodes[1].{name}", value)
    return plan


def test_a_dual_stack_plan_has_no_problem() -> None:
    assert [problem for problem in judge(dual()) if problem.severity == "error"] == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("192.168.31.161, 192.168.31.171", "node-address"),
        ("192.168.31.161, fd00:31:", "node-address"),
        ("192.168.31.161, fd00:32::161", "node-address-network"),
        ("192.168.31.161, fd00:31::162", "node-address-twice"),
        ("192.168.31.161, fd02::5", "node-address-network"),
        ("192.168.31.161, ::1", "node-address"),
    ],
)
def test_each_address_of_a_node_is_judged(address: str, found: str) -> None:
    assert found in [problem.id for problem in judge(dual(address=address)) if problem.severity == "error"]


def test_each_gateway_is_judged() -> None:
    plan = fields.replace(dual(), "network.gateway", "192.168.31.1, fd00:99::1")
    assert [problem.id for problem in judge(plan) if problem.severity == "error"] == ["gateway"]
    plan = fields.replace(dual(), "network.gateway", "192.168.31.1, fd00:31::162")
    assert [problem.message for problem in judge(plan) if problem.id == "gateway"] == ["A node has this address."]


def test_a_node_of_both_families_is_reached_by_its_first_address() -> None:
    assert endpoint(dual(), dual().topology.nodes[1].address, 22) == ("192.168.31.161", 22)


def test_what_the_installer_adds_to_no_proxy_is_known() -> None:
    added = added_no_proxy(dual())
    assert {".svc", ".cluster.local", "localhost", "api-int.ocp4.shinefire.com", "fd01::/48", "172.30.0.0/16"} <= {
        *added
    }


@pytest.mark.parametrize(("state", "mode"), [("1\n", True), ("0\n", False), (None, False)])
def test_fips_mode_is_what_the_kernel_says(tmp_path: object, state: str | None, mode: bool) -> None:
    file = tmp_path / "fips_enabled"  # type: ignore[operator]
    if state is not None:
        file.write_text(state)
    assert in_fips_mode(file) is mode
