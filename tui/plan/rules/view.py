"""A plan as its own rules see it: texts parsed once, what every rule needs at hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from tui.plan.endpoints import cluster_domain, listed
from tui.plan.golang import Network, parse_cidr, parse_ip
from tui.plan.model import Node, Plan
from tui.plan.versions import Line

Address = tuple[int, int]
"""An IP address as a number, and its bits: 32 or 128."""


@dataclass(frozen=True, slots=True)
class View:
    """A plan with its networks and addresses parsed. What does not parse is absent: its own rule reports it."""

    plan: Plan
    line: Line
    domain: str
    machine: list[Network]
    inner: list[tuple[str, Network]]
    addresses: list[list[Address | None]]
    """Each node's: none, one, or for dual stack one of each family; None where a text is no address."""

    def nodes(self, *roles: str) -> list[Node]:
        """The nodes of these roles."""
        return [node for node in self.plan.topology.nodes if node.role in roles]

    def taken(self) -> Iterator[tuple[int, Address]]:
        """Every address of a node, with the node's place."""
        for index, addresses in enumerate(self.addresses):
            yield from ((index, address) for address in addresses if address is not None)

    def in_machine_network(self, address: Address) -> bool:
        """Whether a machine network holds the address; true while none is known."""
        return not self.machine or any(network.contains(*address) for network in self.machine)

    def inner_network(self, address: Address) -> str:
        """ "cluster network" or "service network" where one of these holds the address, else ""."""
        return next((what for what, network in self.inner if network.contains(*address)), "")


def view(plan: Plan, line: Line) -> View:
    """The plan, seen."""
    network = plan.network
    inner = [("cluster network", parse_cidr(entry.cidr)) for entry in network.cluster_networks]
    inner += [("service network", parse_cidr(cidr)) for cidr in network.service_networks]
    return View(
        plan=plan,
        line=line,
        domain=cluster_domain(plan),
        machine=[found for cidr in network.machine_networks if (found := parse_cidr(cidr)) is not None],
        inner=[(what, found) for what, found in inner if found is not None],
        addresses=[[parse_ip(text) for text in listed(node.address)] for node in plan.topology.nodes],
    )


def is_loopback(address: Address) -> bool:
    """127.0.0.0/8 or ::1."""
    ip, bits = address
    return ip >> 24 == 127 if bits == 32 else ip == 1
