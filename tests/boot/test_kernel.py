"""Kernel arguments as dracut and coreos-installer read them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.boot import ignition_file, kernel_arguments
from tui.plan.kernel import network_arguments
from tui.plan.model import Bond, Boot, Network, Node, Plan, Topology

URL = "http://10.10.10.1:8080/path"
NODE = Node(role="master", name="core0", address="10.10.10.2", interface="enp1s0", disk="/dev/sda")


def plan(**network: Any) -> Plan:
    defaults = {"machine_networks": ["10.10.10.0/24"], "gateway": "10.10.10.254", "name_servers": ["4.4.4.41"]}
    return Plan(
        topology=Topology(cluster_name="c", base_domain="example.com", nodes=[NODE]),
        network=Network(**{**defaults, **network}),
    )


def test_a_static_address_is_the_documented_line() -> None:
    """The example of the OpenShift documentation, "Networking options for RHCOS"."""
    assert network_arguments(plan(), replace(NODE, name="core0.example.com")) == [
        "ip=10.10.10.2::10.10.10.254:255.255.255.0:core0.example.com:enp1s0:none",
        "nameserver=4.4.4.41",
    ]


def test_dhcp_names_the_interface_where_it_is_known() -> None:
    assert network_arguments(plan(dhcp=True), NODE) == ["ip=enp1s0:dhcp"]
    assert network_arguments(plan(dhcp=True), replace(NODE, interface="")) == ["ip=dhcp"]


def test_ipv6_stands_in_brackets_with_a_prefix_length() -> None:
    six = plan(machine_networks=["2001:db8::/64"], gateway="2001:db8::1", name_servers=["2001:db8::53"])
    assert network_arguments(six, replace(NODE, address="2001:db8::2"))[0] == (
        "ip=[2001:db8::2]::[2001:db8::1]:64:core0.c.example.com:enp1s0:none"
    )


def test_dual_stack_has_a_line_a_family_each_with_its_own_gateway() -> None:
    both = plan(machine_networks=["10.10.10.0/24", "2001:db8::/64"], gateway="10.10.10.254, 2001:db8::1")
    lines = network_arguments(both, replace(NODE, address="10.10.10.2,2001:db8::2"))
    assert lines[0].startswith("ip=10.10.10.2::10.10.10.254:255.255.255.0:")
    assert lines[1].startswith("ip=[2001:db8::2]::[2001:db8::1]:64:")


def test_a_vlan_on_a_bond_carries_the_address() -> None:
    bonded = plan(bond=Bond(name="bond0", interfaces=["em1", "em2"], mode="802.3ad"), vlan=100)
    address, _, bond, vlan = network_arguments(bonded, NODE)
    assert address.endswith(":bond0.100:none")
    assert bond == "bond=bond0:em1,em2:mode=802.3ad,miimon=100,xmit_hash_policy=layer3+4"
    assert vlan == "vlan=bond0.100:bond0"


def test_an_mtu_follows_the_address() -> None:
    assert network_arguments(plan(mtu=9000), NODE)[0].endswith(":enp1s0:none:9000")


@pytest.mark.parametrize(("method", "first"), [("iso", "coreos.inst.install_dev"), ("pxe", "coreos.live.rootfs_url")])
def test_only_a_network_boot_is_told_where_its_root_is(method: Any, first: str) -> None:
    arguments = kernel_arguments(replace(plan(), boot=Boot(method=method)), NODE, URL)
    assert arguments[0].startswith(first)
    assert f"coreos.inst.ignition_url={URL}/master.ign" in arguments


def test_a_single_node_boots_its_live_config_and_names_no_disk() -> None:
    single = replace(plan(), topology=replace(plan().topology, shape="sno"))
    arguments = kernel_arguments(single, NODE, URL)
    assert f"ignition.config.url={URL}/{ignition_file(single, NODE)}" in arguments
    assert not any(argument.startswith("coreos.inst.") for argument in arguments)


@pytest.mark.parametrize("console", ["ttyS0,115200n8", "console=ttyS0,115200n8", "tty0 ttyS0,115200n8"])
def test_the_named_console_is_the_main_one(console: str) -> None:
    arguments = kernel_arguments(replace(plan(), boot=Boot(console=console)), NODE, URL)
    assert arguments[-2:] == ["console=tty0", "console=ttyS0,115200n8"]


octet = st.integers(1, 254)


@given(octet, octet, st.integers(8, 30), st.booleans(), st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True))
def test_every_static_line_has_seven_fields_and_fits(a: int, b: int, prefix: int, bonded: bool, name: str) -> None:
    bond = Bond(name="bond0", interfaces=["em1", "em2"]) if bonded else Bond()
    made = plan(machine_networks=[f"10.0.0.0/{prefix}"], gateway="10.0.0.1", bond=bond)
    arguments = kernel_arguments(made, replace(NODE, name=name, address=f"10.0.{a}.{b}"), URL)
    line = next(argument for argument in arguments if argument.startswith("ip="))
    assert re.fullmatch(r"ip=[\d.]+::10\.0\.0\.1:[\d.]*:[a-z0-9.-]+:(enp1s0|bond0):none", line)
    assert len(" ".join(arguments)) < 2048, "x86 kernels cut a longer command line"
