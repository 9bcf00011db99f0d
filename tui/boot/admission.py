"""Who may fetch what from the file server: an Ignition file holds the pull secret, so it goes to its own node only.

A node of a fixed address is known by it. With DHCP the plan knows no more than the range that the person named: who
comes from there may be any of the machines, and gets any of the files.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from tui.plan.endpoints import endpoint, listed
from tui.plan.kernel import ignition_file
from tui.plan.model import Node, Plan
from tui.text import say

Address = IPv4Address | IPv6Address
ISO = "live.iso"
"""What a controller mounts: the only thing that it fetches itself."""


class Admission:
    """The plan's answer to whoever comes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._nodes = _places(plan)
        self._controllers = _controllers(plan)
        self._range = _range(plan)

    def who(self, peer: Address | None) -> str:
        """The name of the node, or of the node whose controller it is, at this address; "" where nobody is planned."""
        found = (self._nodes.get(peer) or self._controllers.get(peer)) if peer is not None else None
        return found[0].name if found else ""

    def refusal(self, peer: Address | None, file: str) -> str | None:
        """Why this address does not get this file, in words for the person at the bastion; None where it does."""
        if peer is None or not (self._within(peer) or peer in self._nodes or peer in self._controllers):
            return say("no machine is planned at this address")
        if self._within(peer) or (not file.endswith(".ign") and peer in self._nodes):
            return None
        if peer in self._nodes:
            own = sorted({ignition_file(self._plan, node) for node in self._nodes[peer]})
            return None if file in own else say("its own is {own}", own=", ".join(own))
        return None if file == ISO else say("a controller gets {iso} only", iso=ISO)

    def _within(self, peer: Address) -> bool:
        if self._range is None:
            return False
        low, high = self._range
        return low.version == peer.version and int(low) <= int(peer) <= int(high)


def anybody(plan: Plan) -> str:
    """A warning where whoever has an address of a range may fetch every file; "" where each node gets its own."""
    if _range(plan) is None:
        return ""
    return say("Anyone in {range} may fetch every file.", range=plan.network.dhcp_range)


def _places(plan: Plan) -> dict[Address, list[Node]]:
    """The nodes by the planned addresses, and by where they really are."""
    found: dict[Address, list[Node]] = {}
    for node in plan.topology.nodes:
        places = [place for one in listed(node.address) for place in (endpoint(plan, one, 22)[0], one)]
        for address in {address for address in map(_address, places) if address is not None}:
            found.setdefault(address, []).append(node)
    return found


def _controllers(plan: Plan) -> dict[Address, list[Node]]:
    """Controllers fetch the ISO that they mount."""
    found: dict[Address, list[Node]] = {}
    for node in plan.topology.nodes if plan.boot.method == "redfish" else ():
        address = _address(_host(node.bmc.address))
        if address is not None:
            found.setdefault(address, []).append(node)
    return found


def _host(address: str) -> str:
    """The host in a controller's address: host, host:port or a URL; "" in one that is half typed."""
    try:
        return urlsplit(f"//{address.rpartition('//')[2]}").hostname or ""
    except ValueError:
        return ""


def _range(plan: Plan) -> tuple[Address, Address] | None:
    first, _, last = plan.network.dhcp_range.partition("-")
    low, high = _address(first.strip()), _address(last.strip())
    if not plan.network.dhcp or low is None or high is None or low.version != high.version:
        return None
    return low, high


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
