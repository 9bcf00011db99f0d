"""The site's plan in both families, or in IPv6 alone."""

import pytest
from msgspec.structs import replace

from tests.peers.servers import speaks_six
from tests.peers.site import BALANCER, FIRST, NODES, Site
from tui.plan.model import LoadBalancer

BALANCER6, FIRST6 = "fd00:99::5", "fd00:99::2"
needs_six = pytest.mark.skipif(not speaks_six(), reason="this kernel has no IPv6 on loopback")


def six(address: str) -> str:
    """The IPv6 address beside an IPv4 address of the site."""
    return f"fd00:99::{address.rpartition('.')[2]}"


def dual(site: Site) -> None:
    """The site's plan in both families."""
    nodes = [replace(node, address=f"{node.address}, {six(node.address)}") for node in NODES]
    both = f"{BALANCER}, {BALANCER6}"
    site.plan = replace(site.plan, topology=replace(site.plan.topology, nodes=nodes))
    site.network(
        machine_networks=["10.99.0.0/24", "fd00:99::/64"],
        name_servers=[FIRST, FIRST6],
        load_balancer=LoadBalancer(api=both, api_int=both, ingress=both),
    )


def only_six(site: Site) -> None:
    """The site's plan in IPv6 alone."""
    nodes = [replace(node, address=six(node.address)) for node in NODES]
    site.plan = replace(site.plan, topology=replace(site.plan.topology, nodes=nodes))
    site.network(
        machine_networks=["fd00:99::/64"],
        name_servers=[FIRST6],
        load_balancer=LoadBalancer(api=BALANCER6, api_int=BALANCER6, ingress=BALANCER6),
    )
