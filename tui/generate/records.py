"""What the helper files say, derived from the plan once: machines, names, balancers, subnets."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from msgspec import Struct

from tui.plan.endpoints import cluster_domain, full_name, listed, nodes_of
from tui.plan.model import Node, Plan

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Machine(Struct, frozen=True, kw_only=True):
    """One node as the helper files see it. `mac` is lower case with colons, "" unknown."""

    node: Node
    label: str
    name: str
    role: str
    addresses: list[Address]
    mac: str

    @property
    def ipv4(self) -> IPv4Address | None:
        """Its first IPv4 address."""
        return next((address for address in self.addresses if isinstance(address, IPv4Address)), None)


class Record(Struct, frozen=True, kw_only=True):
    """One address record; `label` is the owner name within the cluster's domain."""

    label: str
    address: Address
    reverse: bool = True

    @property
    def type(self) -> str:
        """A or AAAA."""
        return "A" if self.address.version == 4 else "AAAA"


class ReverseZone(Struct, frozen=True, kw_only=True):
    """A zone of PTR records: `records` are owner label within the zone and the full name it points at."""

    name: str
    records: list[tuple[str, str]]


class Backend(Struct, frozen=True, kw_only=True):
    """A machine behind the balancer; `place` is its address as host:port wants it, without the port."""

    name: str
    place: str
    bootstrap: bool = False


def machines(plan: Plan) -> list[Machine]:
    """The plan's nodes that have a name, in its order."""
    return [
        Machine(
            node=node,
            label=_label(plan, node),
            name=full_name(plan, node),
            role=node.role,
            addresses=parsed(listed(node.address)),
            mac=node.mac.replace("-", ":").lower(),
        )
        for node in plan.topology.nodes
        if node.name
    ]


def _label(plan: Plan, node: Node) -> str:
    name, domain = full_name(plan, node), cluster_domain(plan)
    return name.removesuffix(f".{domain}") if domain else name


def parsed(texts: list[str]) -> list[Address]:
    """Those of the texts that are addresses: a half-typed one is left out of a preview."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_address(text))
        except ValueError:
            continue
    return found


def networks(plan: Plan) -> list[Network]:
    """The machine networks that parse."""
    found = []
    for text in plan.network.machine_networks:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return found


def records(plan: Plan) -> list[Record]:
    """Every address record of the cluster's domain. The wildcard has no reverse: its names are made up by clients."""
    balancer = plan.network.load_balancer
    fixed = [("api", balancer.api, True), ("api-int", balancer.api_int, True), ("*.apps", balancer.ingress, False)]
    return [
        *(
            Record(label=label, address=address, reverse=reverse)
            for label, text, reverse in fixed
            for address in parsed(listed(text))
        ),
        *(Record(label=machine.label, address=address) for machine in machines(plan) for address in machine.addresses),
    ]


def reverse_zones(plan: Plan) -> list[ReverseZone]:
    """PTR records by zone: a /24 for IPv4, a /64 for IPv6, so that a zone never claims another subnet's names."""
    domain = cluster_domain(plan)
    zones: dict[str, list[tuple[str, str]]] = {}
    for record in records(plan):
        if not record.reverse:
            continue
        labels = record.address.reverse_pointer.split(".")
        split = 1 if record.address.version == 4 else 16
        zone = ".".join(labels[split:])
        zones.setdefault(zone, []).append((".".join(labels[:split]), f"{record.label}.{domain}"))
    return [ReverseZone(name=name, records=found) for name, found in zones.items()]


def api_backends(plan: Plan) -> list[Backend]:
    """Who answers 6443 and 22623: the bootstrap while it lives, and every control plane node."""
    return [
        Backend(name=machine.label, place=place(machine), bootstrap=machine.role == "bootstrap")
        for machine in machines(plan)
        if machine.role in {"bootstrap", "master"} and machine.addresses
    ]


def ingress_backends(plan: Plan) -> list[Backend]:
    """Who runs the routers: the workers, or the control plane nodes where there are none."""
    role = "worker" if nodes_of(plan, "worker") else "master"
    return [
        Backend(name=machine.label, place=place(machine))
        for machine in machines(plan)
        if machine.role == role and machine.addresses
    ]


def place(machine: Machine) -> str:
    """The machine's first address, ready to be followed by a colon and a port."""
    first = machine.addresses[0]
    return f"[{first}]" if first.version == 6 else str(first)
