"""Names and places that follow from the plan."""

import ipaddress
from contextlib import suppress

from tui.plan.model import Node, Plan


def cluster_domain(plan: Plan) -> str:
    """`NAME.BASE`, or "" while either is undecided."""
    topology = plan.topology
    if not (topology.cluster_name and topology.base_domain):
        return ""
    return f"{topology.cluster_name}.{topology.base_domain}".rstrip(".")


def full_name(plan: Plan, node: Node) -> str:
    """The node's host name with the cluster's domain."""
    domain = cluster_domain(plan)
    return node.name if "." in node.name or not domain else f"{node.name}.{domain}"


def endpoint(plan: Plan, host: str, port: int) -> tuple[str, int]:
    """Where `host`:`port` really answers: the plan's override, else itself. Of a dual-stack node's two addresses the
    first is asked. An override's IPv6 address is in square brackets."""
    host = next(iter(listed(host)), "")
    place = plan.endpoints.get(authority(host, port))
    if place is None:
        return host, port
    real_host, _, real_port = place.rpartition(":")
    return real_host.strip("[]"), int(real_port)


def authority(host: str, port: int) -> str:
    """HOST:PORT as people and URLs write it: an IPv6 address in square brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listed(text: str) -> list[str]:
    """The addresses in a field: one, or for dual stack one of each family, comma or space between."""
    return text.replace(",", " ").split()


def addresses(text: str) -> list[str]:
    """The IP addresses in a field (one, or one of each family) as servers write them; what is none is left out."""
    found = []
    for word in listed(text):
        with suppress(ValueError):
            found.append(str(ipaddress.ip_address(word)))
    return found


def families(plan: Plan) -> tuple[int, ...]:
    """The IP versions the machines speak, the first one first: (4,), (6,), (4, 6). What is undecided is (4,)."""
    found: dict[int, None] = {}
    nodes = [address for node in plan.topology.nodes for address in addresses(node.address)]
    for text in [*plan.network.machine_networks, *nodes]:
        with suppress(ValueError):
            found[ipaddress.ip_network(text, strict=False).version] = None
    return tuple(found) or (4,)


def nodes_of(plan: Plan, *roles: str) -> list[Node]:
    """The plan's nodes of these roles, in its order."""
    return [node for node in plan.topology.nodes if node.role in roles]


def mirror_hosts(plan: Plan) -> list[str]:
    """The mirror registries as pull secrets name them, host or host:port, each once."""
    places = [mirror.partition("/")[0] for source in plan.network.mirrors for mirror in source.mirrors]
    return list(dict.fromkeys(place for place in places if place))
