"""Who talks to whom, and on which port: a plan as a picture of text, and the list that a firewall's keeper wants.

Only characters that have an ASCII stand-in are drawn. Ports between nodes are those of OpenShift's documentation for
user-provisioned infrastructure.
"""

from collections.abc import Iterable

from tui.plan import endpoints
from tui.plan.endpoints import cluster_domain, nodes_of
from tui.plan.model import Node, Plan
from tui.text import say

WIDTH = 74
MOST_NODES = 5
"""Nodes named in each column before the rest is counted."""


def picture(plan: Plan) -> str:
    """The plan's machines, servers and balancer with the ports between them; at most `WIDTH` cells wide."""
    lone = plan.topology.shape == "sno"
    parts = [
        say("You and the cluster's users"),
        _arrow("6443", "443", "80"),
        *(_lone(plan) if lone else [*_balancer(plan), *_pools(plan)]),
        _arrow(say("every node asks")),
        *_asked(plan),
        *_bastion(plan),
        *(() if lone else (_rule(say("Between nodes")), *between(plan))),
    ]
    return "\n".join(part.rstrip()[:WIDTH] for part in parts)


def _arrow(*ports: str) -> str:
    return f"   ↓ {', '.join(ports)}"


def _rule(title: str, width: int = WIDTH) -> str:
    return f"── {title} ".ljust(width, "─")


def _balancer(plan: Plan) -> list[str]:
    balancer = plan.network.load_balancer
    rows = [
        ("api", balancer.api, "6443"),
        ("api-int", balancer.api_int, say("6443, 22623 (nodes only)")),
        ("*.apps", balancer.ingress, "443, 80"),
    ]
    return [_rule(say("Load balancer of {domain}", domain=_domain(plan))), *_columns(rows)]


def _domain(plan: Plan) -> str:
    return cluster_domain(plan) or say("NAME.DOMAIN")


def _pools(plan: Plan) -> list[str]:
    """Bootstrap and control plane on the left, whoever runs the routers on the right."""
    control = nodes_of(plan, "bootstrap", "master")
    workers = nodes_of(plan, "worker")
    half = WIDTH // 2
    left = [_arrow("6443", "22623"), _rule(say("Control plane"), half - 2), *_named(control)]
    right = [_arrow("443", "80")]
    right += [_rule(say("Workers"), half), *_named(workers)] if workers else [say("   the control plane: no workers")]
    return _beside(left, right, half)


def _lone(plan: Plan) -> list[str]:
    title = say("api, api-int and *.apps of {domain}: the node itself", domain=_domain(plan))
    return [_rule(title), *_named(nodes_of(plan, "master"))]


def _named(nodes: list[Node]) -> list[str]:
    rows = [(node.name.partition(".")[0] or "-", node.address or say("by DHCP"), "") for node in nodes[:MOST_NODES]]
    more = [say("  and {count} more", count=len(nodes) - MOST_NODES)] if len(nodes) > MOST_NODES else []
    return [*_columns(rows), *more] if rows else [say("  none yet")]


def _asked(plan: Plan) -> list[str]:
    network = plan.network
    mirrors = mirror_hosts(plan)
    outside = not mirrors and network.connected is not False
    rows = [
        (say("name servers"), _listed(network.name_servers), say("53 UDP and TCP")),
        (say("time"), _listed(network.ntp_servers) or say("the nodes' own default"), say("123 UDP")),
        *((say("mirror"), host, port) for host, port in mirrors),
        *([(say("registry"), "quay.io, registry.redhat.io", "443")] if outside else []),
    ]
    proxy = network.proxy.https or network.proxy.http
    rows += [(say("proxy"), *_split(proxy.partition("://")[2].rstrip("/"), "80"))] if proxy else []
    bastion, port = _split(plan.boot.listen, "8080")
    return _columns([*rows, (say("this bastion"), bastion, say("{port} Ignition, images", port=port))])


def _bastion(plan: Plan) -> list[str]:
    controllers = [node.bmc.address.partition("://")[2].partition("/")[0] or node.bmc.address
                   for node in plan.topology.nodes if node.bmc.address]  # fmt: skip
    asks = [(say("nodes"), say("journals, over SSH"), "22"), ("api", say("progress"), "6443")]
    if controllers:
        asks.append((say("controllers"), _listed(controllers, 2), "443"))
    return [_rule(say("This bastion asks all of the above, and")), *_columns(asks)]


def between(plan: Plan) -> list[str]:
    """The ports nodes need among themselves, for whoever keeps a firewall there."""
    overlay = say("4789 UDP (VXLAN)") if plan.network.network_type == "OpenShiftSDN" else say("6081 UDP (Geneve)")
    rows = [
        (say("all"), say("kubelet, services, metrics"), "10250-10259, 9000-9999, 1936"),
        ("", say("pods"), f"{overlay}, 30000-32767"),
    ]
    if len(nodes_of(plan, "master")) > 1:
        rows.append((say("control plane"), "etcd", "2379-2380"))
    return _columns(rows)


def mirror_hosts(plan: Plan) -> list[tuple[str, str]]:
    """Each mirror registry once, as host and port."""
    return [_split(place, "443") for place in endpoints.mirror_hosts(plan)]


def _split(place: str, port: str) -> tuple[str, str]:
    """HOST:PORT in two, with the usual port where none is said."""
    host, colon, number = place.rpartition(":")
    return (host, number) if colon and number.isdigit() else (place, port)


def _listed(names: list[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return say("{shown} and {count} more", shown=shown, count=len(names) - most) if len(names) > most else shown


def _columns(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Name, address and port, each column as wide as its widest."""
    rows = [(name, address or say("not decided"), port) for name, address, port in rows]
    first, second = (max((len(row[at]) for row in rows), default=0) for at in (0, 1))
    return [f"  {name:<{first}}  {address:<{second}}  {port}" for name, address, port in rows]


def _beside(left: list[str], right: list[str], width: int) -> list[str]:
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [f"{one[: width - 2].rstrip():<{width}}{other}" for one, other in zip(left, right, strict=True)]
