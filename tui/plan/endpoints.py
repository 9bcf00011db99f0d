"""Names and places that follow from the plan."""

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
    first is asked."""
    host = next(iter(host.replace(",", " ").split()), "")
    place = plan.endpoints.get(f"{host}:{port}")
    if place is None:
        return host, port
    real_host, _, real_port = place.rpartition(":")
    return real_host.strip("[]"), int(real_port)


def nodes_of(plan: Plan, *roles: str) -> list[Node]:
    """The plan's nodes of these roles, in its order."""
    return [node for node in plan.topology.nodes if node.role in roles]
