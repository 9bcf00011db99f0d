"""Addresses in use, made for real: two network namespaces joined by a cable, the checks running in one of them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.peers.servers import speaks_six
from tui.plan.model import Network, Node, Plan, Topology

pytestmark = pytest.mark.peers

NODE_MAC, OTHER_MAC = "02:00:00:00:00:30", "02:00:00:00:00:99"
PROGRAM = """
import asyncio, json, pathlib, sys
import msgspec
from tui import checks
from tui.plan.model import Plan

async def main():
    plan = msgspec.json.decode(pathlib.Path(sys.argv[1]).read_bytes(), type=Plan)
    run = checks.run(plan, phase=sys.argv[2], secret=lambda name: b"", only=["address", "gateway"])
    print(json.dumps([[r.id, r.subject, r.state, r.evidence] async for r in run]))

asyncio.run(main())
"""


def ip(*words: str) -> None:
    """Runs iproute2."""
    subprocess.run(["ip", *words], capture_output=True, check=True)


class Cable:
    """Two namespaces: `here` is the bastion at 10.98.0.1, `there` the rest of the network."""

    def __init__(self, tag: str) -> None:
        self.here, self.there, self._tag = f"here{tag}", f"there{tag}", tag

    def connect(self) -> None:
        """Makes namespaces and cable."""
        for name in (self.here, self.there):
            ip("netns", "add", name)
        ends = f"h{self._tag}", f"t{self._tag}"
        ip("link", "add", ends[0], "netns", self.here, "type", "veth", "peer", "name", ends[1], "netns", self.there)
        ip("-n", self.there, "link", "set", ends[1], "address", OTHER_MAC)
        ip("-n", self.here, "address", "add", "10.98.0.1/24", "dev", ends[0])
        if speaks_six():
            ip("-n", self.here, "address", "add", "fd00:98::1/64", "dev", ends[0], "nodad")
        for name, end in ((self.here, ends[0]), (self.there, ends[1])):
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", end, "up")

    def use(self, address: str) -> None:
        """Another machine takes this address."""
        length, more = ("64", ["nodad"]) if ":" in address else ("24", [])
        ip("-n", self.there, "address", "add", f"{address}/{length}", "dev", f"t{self._tag}", *more)

    def be_mute(self) -> None:
        """The other machine answers no ping, as behind a packet filter; its neighbours still find it."""
        setting = "net.ipv6.icmp.echo_ignore_all=1"
        ip("netns", "exec", self.there, "sysctl", "-q", "-w", setting)

    def set_mac(self, mac: str) -> None:
        """The other machine's MAC."""
        ip("-n", self.there, "link", "set", f"t{self._tag}", "address", mac)

    def ask(
        self, plan: Plan, directory: Path, phase: str = "before-boot", *, may_arp: bool = True
    ) -> dict[str, list[str]]:
        """The results by subject, asked from the bastion's namespace; raw sockets only where it `may_arp`."""
        path = directory / "plan.json"
        path.write_bytes(msgspec.json.encode(plan))
        command = ["ip", "netns", "exec", self.here]
        command += ["setpriv", "--securebits=+noroot", "--inh-caps=-all"] if not may_arp else []
        command += [sys.executable, "-c", PROGRAM, str(path), phase]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return {row[1]: row for row in json.loads(done.stdout)}

    def cut(self) -> None:
        """Takes everything away."""
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


@pytest.fixture(name="cable")
def cable_fixture() -> Iterator[Cable]:
    """A cable that is gone after the test."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    cable = Cable(f"{os.getpid() % 100000}")
    try:
        cable.connect()
        yield cable
    finally:
        cable.cut()


PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="peers.test",
        nodes=[
            Node(role="master", name="master-0", address="10.98.0.30", mac=NODE_MAC),
            Node(role="master", name="master-1", address="10.98.0.31"),
        ],
    ),
    network=Network(machine_networks=["10.98.0.0/24"], gateway="10.98.0.254"),
)


def test_a_free_address_is_ok_and_a_missing_gateway_failed(cable: Cable, tmp_path: Path) -> None:
    found = cable.ask(PLAN, tmp_path)
    assert {found[name][2] for name in ("master-0", "master-1")} == {"ok"}
    assert found["10.98.0.254"][2] == "failed"


def test_an_address_in_use_is_failed_with_the_mac_that_answers(cable: Cable, tmp_path: Path) -> None:
    cable.use("10.98.0.30")
    cable.use("10.98.0.254")
    found = cable.ask(PLAN, tmp_path)
    assert found["master-0"][2] == "failed"
    assert OTHER_MAC in found["master-0"][3]
    assert found["master-1"][2] == "ok"
    assert found["10.98.0.254"][2] == "ok"


def test_a_node_that_is_on_already_is_a_warning_before_boot_and_right_after(cable: Cable, tmp_path: Path) -> None:
    cable.set_mac(NODE_MAC)
    cable.use("10.98.0.30")
    assert cable.ask(PLAN, tmp_path)["master-0"][2] == "warning"
    assert cable.ask(PLAN, tmp_path, "bootstrapping")["master-0"][2] == "ok"


def test_an_address_of_the_bastion_itself_is_taken(cable: Cable, tmp_path: Path) -> None:
    plan = Plan(
        topology=Topology(nodes=[Node(role="master", name="master-0", address="10.98.0.1")]), network=PLAN.network
    )
    assert cable.ask(plan, tmp_path)["master-0"][2] == "failed"


def test_without_the_right_to_arp_ping_asks(cable: Cable, tmp_path: Path) -> None:
    if shutil.which("ping") is None or shutil.which("setpriv") is None:
        pytest.skip("ping or setpriv is not installed")
    cable.use("10.98.0.30")
    found = cable.ask(PLAN, tmp_path, may_arp=False)
    assert found["master-0"][2] == "failed"
    assert "ping" in found["master-0"][3]
    later = cable.ask(PLAN, tmp_path, "bootstrapping", may_arp=False)
    assert "master-0" not in later, "by then it may well be the node, and ping does not tell"
    assert later["master-1"][2] == "ok"


DUAL = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="peers.test",
        nodes=[
            Node(role="master", name="master-0", address="10.98.0.30, fd00:98::30", mac=NODE_MAC),
            Node(role="master", name="master-1", address="10.98.0.31, fd00:98:0:0::31"),
        ],
    ),
    network=Network(machine_networks=["10.98.0.0/24", "fd00:98::/64"], gateway="10.98.0.254, fd00:98::fe"),
)
six = pytest.mark.skipif(not speaks_six(), reason="this kernel has no IPv6")


@six
def test_two_addresses_a_node_are_each_free_and_in_a_network(cable: Cable, tmp_path: Path) -> None:
    cable.use("fd00:98::fe")
    found = cable.ask(DUAL, tmp_path)
    assert (found["all nodes"][2], "4 addresses" in found["all nodes"][3]) == ("ok", True)
    places = ("10.98.0.30", "fd00:98::30")
    assert {found[f"master-0 {address}"][2] for address in places} == {"ok"}
    assert "neighbour discovery" in found["master-0 fd00:98::30"][3]
    assert (found["10.98.0.254"][2], found["fd00:98::fe"][2]) == ("failed", "ok")


@six
@pytest.mark.parametrize("mute", [False, True])
def test_a_second_address_in_use_is_found_even_where_no_ping_is_answered(
    cable: Cable, tmp_path: Path, mute: bool
) -> None:
    cable.use("fd00:98::30")
    if mute:
        cable.be_mute()
    found = cable.ask(DUAL, tmp_path, may_arp=False)
    assert (found["master-0 fd00:98::30"][2], OTHER_MAC in found["master-0 fd00:98::30"][3]) == ("failed", True)
    assert found["master-0 10.98.0.30"][2] == "ok"
    assert found["master-1 fd00:98:0:0::31"][2] == "ok"


@six
def test_the_nodes_own_mac_on_its_second_address_is_right_after_boot(cable: Cable, tmp_path: Path) -> None:
    cable.set_mac(NODE_MAC)
    cable.use("fd00:98::30")
    assert cable.ask(DUAL, tmp_path)["master-0 fd00:98::30"][2] == "warning"
    assert cable.ask(DUAL, tmp_path, "bootstrapping")["master-0 fd00:98::30"][2] == "ok"


@six
@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("10.98.0.31, fd00:98:0:0:0::30", "more than once"),
        ("10.98.0.31, fd00:97::31", "fd00:97::31 is not in"),
        ("10.97.0.31, fd00:98::31", "10.97.0.31 is not in"),
    ],
)
def test_one_wrong_address_of_two_is_named(cable: Cable, tmp_path: Path, address: str, word: str) -> None:
    nodes = [DUAL.topology.nodes[0], msgspec.structs.replace(DUAL.topology.nodes[1], address=address)]
    topology = msgspec.structs.replace(DUAL.topology, nodes=nodes)
    found = cable.ask(msgspec.structs.replace(DUAL, topology=topology), tmp_path)["all nodes"]
    assert (found[2], word in found[3], "10.98.0.30" in found[3]) == ("failed", True, False)


@six
def test_machines_of_ipv6_alone_are_judged_as_those_of_ipv4(cable: Cable, tmp_path: Path) -> None:
    nodes = [
        Node(role="master", name="master-0", address="fd00:98::30"),
        Node(role="master", name="m1", address="fd00:98::1"),
    ]
    plan = Plan(
        topology=Topology(nodes=nodes), network=Network(machine_networks=["fd00:98::/64"], gateway="fd00:98::fe")
    )
    found = cable.ask(plan, tmp_path)
    assert (found["all nodes"][2], found["master-0"][2], found["m1"][2]) == ("ok", "ok", "failed")
    assert (found["fd00:98::fe"][2], "neighbour discovery" in found["fd00:98::fe"][3]) == ("failed", True)
