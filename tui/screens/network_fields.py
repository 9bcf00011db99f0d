"""The fields of the network step, and what a cluster network has room for."""

import ipaddress
from collections.abc import Callable

from tui.plan.model import ClusterNetwork, Plan
from tui.screens.spec import Field, Table
from tui.text import say

NO_PROXY, CLUSTER, CREDENTIALS = "network.proxy.no_proxy", "network.cluster_networks", "network.proxy.credentials"
_NETWORKING = ("install-config.yaml", r"^networking:")
_KERNEL = ("boot/kernel-arguments.txt", "")


def shares(network: ClusterNetwork) -> tuple[int, int] | None:
    """How many nodes a cluster network has room for, and how many pods each node's share; None where it is wrong."""
    try:
        parsed = ipaddress.ip_network(network.cidr, strict=False)
    except ValueError:
        return None
    bits = parsed.max_prefixlen - network.host_prefix
    if not parsed.prefixlen <= network.host_prefix <= parsed.max_prefixlen:
        return None
    return 2 ** (network.host_prefix - parsed.prefixlen), max(2**bits - 2, 0)


def _room(number: int) -> Callable[[Plan], str]:
    def room(plan: Plan) -> str:
        networks = plan.network.cluster_networks
        found = shares(networks[number]) if number < len(networks) else None
        return say("{nodes} nodes", nodes=found[0]) if found else ""

    return room


def arithmetic(plan: Plan) -> list[str]:
    """What the host prefixes come to, a sentence for each cluster network."""
    told = []
    for network in plan.network.cluster_networks:
        found = shares(network)
        if found:
            pods = found[1] if found[1] < 100_000 else say("more than enough")
            words = "{cidr} cut at /{prefix}: room for {nodes} nodes, {pods} pod addresses each."
            told.append(say(words, cidr=network.cidr, prefix=network.host_prefix, nodes=found[0], pods=pods))
    return told


_FIRST: Table = (
    Field(
        path="network.machine_networks",
        label=say("Machine network"),
        widget="list",
        what=say("The subnet the machines themselves are in."),
        example="192.168.31.0/24",
        where=say("The address and prefix of an interface in that network: ip -br addr on any machine there."),
        leads=say("Nodes pick their address from it, and it is never sent through a proxy."),
        shows=_NETWORKING,
    ),
)


def _cluster_network(number: int) -> tuple[Field, Field]:
    """The line of one cluster network."""
    more = number > 0
    return (
        Field(
            path=f"{CLUSTER}[{number}].cidr",
            label="" if more else say("Cluster network"),
            width=18,
            empty=say("another") if more else "",
            what=say("For dual stack: the pods' addresses of the other family, IPv4 first.")
            if more
            else say("Addresses for pods. They never leave the cluster, so any free private range will do."),
            example="fd01::/48" if more else "10.128.0.0/14",
            where=say("Enter behind the last one gives a line for another; an emptied one is none."),
            leads=say("With dual stack the machine and the service network need both families too."),
            shows=_NETWORKING,
        ),
        Field(
            path=f"{CLUSTER}[{number}].host_prefix",
            label="",
            before=say("host prefix"),
            width=3,
            empty="-",
            what=say("How large each node's share of the cluster network is: 23 gives 510 pods a node, 64 is IPv6's."),
            example="23",
            beside=_room(number),
            shows=_NETWORKING,
        ),
    )


_REST: Table = (
    Field(
        path="network.service_networks",
        label=say("Service network"),
        widget="list",
        what=say("Addresses for services inside the cluster; nothing outside it may use them."),
        example="172.30.0.0/16",
        shows=_NETWORKING,
    ),
    Field(
        path="network.network_type",
        label=say("Network type"),
        widget="choice",
        choices=("OVNKubernetes", "OpenShiftSDN"),
        what=say("The cluster's network plugin. OpenShiftSDN ends with 4.14."),
        shows=_NETWORKING,
    ),
    (
        Field(
            path="network.dhcp",
            label=say("Addresses by"),
            before="DHCP",
            widget="yes",
            width=8,
            what=say("Whether DHCP gives the machines their addresses, or the kernel arguments do."),
            leads=say("With no, each machine's ip= argument carries its address, gateway and name."),
            shows=_KERNEL,
        ),
        Field(
            path="network.dhcp_range",
            label="",
            before=say("range"),
            width=34,
            empty=say("FIRST-LAST, with DHCP only"),
            what=say("Who the file server admits where addresses come from DHCP."),
            example="192.168.31.160-192.168.31.190",
        ),
    ),
    Field(
        path="network.gateway",
        label=say("Gateway"),
        what=say("The router of the machine network; for dual stack IPv4, then IPv6."),
        example="192.168.31.1",
        where=say("ip route show default, on any machine there."),
        checks=("gateway.",),
        shows=_KERNEL,
    ),
    Field(
        path="network.name_servers",
        label=say("Name servers"),
        widget="list",
        what=say("Every node asks these servers, in this order. Give those that nodes reach, not the bastion's own."),
        example="192.168.31.100",
        where=say("Whoever runs DNS for the base domain knows; /etc/resolv.conf on a machine in that network."),
        leads=say("Nodes that cannot ask them cannot pull the release image: the commonest failure of all."),
        checks=("dns.",),
        shows=_KERNEL,
    ),
    Field(
        path="network.search_domain",
        label=say("Search domain"),
        empty=say("none"),
        what=say("Appended to short names. Best left empty: a wildcard in it answers for names it should not."),
        example="shinefire.com",
    ),
    Field(
        path="network.ntp_servers",
        label=say("NTP"),
        widget="list",
        empty=say("none: the nodes' own default"),
        what=say("Time servers for the nodes. Certificates of a node whose clock is wrong are refused."),
        example="ntp.shinefire.com",
        checks=("clock.ntp",),
        shows=("chrony.conf", ""),
    ),
    Field(
        path="network.load_balancer.api",
        label=say("Load balancer api"),
        what=say("The address behind api.CLUSTER.DOMAIN: port 6443 to the control plane nodes and the bootstrap."),
        example="192.168.31.160",
        checks=("lb.6443",),
        about="api.",
        shows=("load-balancer/haproxy.cfg", "6443"),
    ),
    Field(
        path="network.load_balancer.api_int",
        label=say("          api-int"),
        what=say("The address behind api-int: ports 6443 and 22623, for the nodes only. Often the same."),
        example="192.168.31.160",
        checks=("lb.6443", "lb.22623"),
        about="api-int.",
        shows=("load-balancer/haproxy.cfg", "22623"),
    ),
    Field(
        path="network.load_balancer.ingress",
        label=say("          ingress"),
        what=say("The address behind *.apps: ports 80 and 443 to the workers, or where there are none to the masters."),
        example="192.168.31.160",
        checks=("lb.443", "lb.80"),
        about=".apps.",
        shows=("load-balancer/haproxy.cfg", "443"),
    ),
    Field(
        path="network.load_balancer.stats",
        label=say("          stats"),
        empty=say("none"),
        what=say("haproxy's own page or socket, where you may read it: it knows which backends are up."),
        example="http://192.168.31.160:9000/stats",
        checks=("lb.backends",),
    ),
    Field(
        path="network.connected",
        label=say("Reaches quay.io"),
        widget="yes",
        width=12,
        what=say("Whether this site may pull from quay.io itself, or by the proxy. Until yes, nobody asks it."),
        where=say("curl -I https://quay.io/v2/ on a machine of that network, if you may."),
        leads=say("With no, the nodes pull from mirrors, which you name below."),
        checks=("registry.", "dns.mirror"),
    ),
    Field(
        path="network.mirrors",
        label=say("Mirrors"),
        widget="list",
        width=56,
        empty=say("none: SOURCE MIRROR, or paste your mirror tool's output"),
        what=say("A source repository and where its copies are: SOURCE MIRROR, from your mirror tool's output."),
        example="quay.io/openshift-release-dev/ocp-release mirror.example.com:5000/ocp/release",
        leads=say("Both the release and the component repository are needed; they work for digests only."),
        checks=("registry.", "dns.mirror"),
        shows=("install-config.yaml", r"^image(Digest|Content)Sources"),
    ),
    say("Rarely needed"),
    (
        Field(
            path="network.mtu",
            label=say("MTU"),
            width=7,
            empty="1500",
            what=say("The machines' interface MTU, where it is not 1500."),
        ),
        Field(
            path="network.vlan",
            label="",
            before="VLAN",
            width=6,
            empty=say("none"),
            what=say("A tagged VLAN's number."),
        ),
    ),
    (
        Field(
            path="network.bond.name",
            label=say("Bond"),
            width=8,
            empty=say("none"),
            what=say("A bonded interface's name."),
        ),
        Field(
            path="network.bond.interfaces",
            label="",
            before=say("of"),
            width=16,
            empty="-",
            what=say("The interfaces it bonds."),
            example="eno1, eno2",
        ),
        Field(path="network.bond.mode", label="", before=say("mode"), width=16, what=say("The bonding mode.")),
    ),
    Field(
        path="network.proxy.http",
        label=say("Proxy http"),
        empty=say("none"),
        width=44,
        what=say("A proxy between cluster and internet, without user and password in it."),
        example="http://proxy.example.com:3128",
        shows=("install-config.yaml", r"^proxy:"),
    ),
    Field(
        path="network.proxy.https",
        label=say("      https"),
        empty=say("none"),
        width=44,
        what=say("The proxy for https."),
        example="http://proxy.example.com:3128",
        shows=("install-config.yaml", r"^proxy:"),
    ),
    Field(
        path=CREDENTIALS,
        label=say("      account"),
        widget="password",
        kept_in="proxy-credentials",
        empty=say("none: Enter to type USER:PASSWORD"),
        width=44,
        what=say("USER:PASSWORD for the proxy, as they are; encoded for you, kept in a 0600 file, never shown."),
        example="installer:…",
        leads=say("They go into install-config.yaml and every node, which is where a proxy's account has to be."),
        shows=("install-config.yaml", r"^proxy:"),
    ),
    Field(
        path="network.proxy.no_proxy",
        label=say("      not for"),
        widget="list",
        empty=say("none"),
        width=44,
        what=say(
            "Domains, networks and addresses reached without it: the mirror and the cluster's domain belong here."
        ),
        leads=say("The installer adds loopback, .svc, .cluster.local, api-int and all networks of the plan by itself."),
        example=".ocp4.shinefire.com",
        shows=("install-config.yaml", r"^proxy:"),
    ),
)


def table(plan: Plan, *, adding: bool = False) -> Table:
    """The form for a plan: a line a cluster network, and a blank one while one is added or dual stack wants it."""
    network = plan.network
    families = max(len(network.machine_networks), len(network.service_networks))
    held = len(network.cluster_networks)
    lines = max(held + adding, min(families, 2), 1)
    return (*_FIRST, *map(_cluster_network, range(lines)), *_REST)
