"""Machine, cluster and service networks: addresses, sizes, overlaps."""

from collections.abc import Iterator

from tui.plan.golang import Network
from tui.plan.rules.config import OVN, Config, Entry, network_of
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

PODS_PER_NODE = 250
"""The kubelet's usual limit."""


_DOCKER = network_of("172.17.0.0/16")


def all_entries(config: Config) -> list[Entry]:
    """Machine, service and cluster networks, in the order the installer judges them."""
    return [*config.machine, *config.service, *config.cluster]


def cidr_path(entry: Entry) -> str:
    """The installer names a cluster network's fault at its cidr, the others' at the entry."""
    return f"{entry.path}.cidr" if entry.path.startswith("networking.clusterNetwork") else entry.path


def is_faulty(network: Network) -> bool:
    """Whether the installer calls it no network address: unspecified, or with host bits set."""
    return bool(network.bits) and (network.ip == 0 or network.ip != network.base)


def is_skipped(config: Config, entry: Entry) -> bool:
    """From 4.19 the installer looks no further into an entry whose address is wrong."""
    return config.line >= (4, 19) and (is_faulty(entry.network) or _too_large_service(config, entry))


@refusal(
    "network-address",
    "Each network is written by its own address, without host bits, and is not 0.0.0.0 or ::.",
    "Write the network's first address before the slash.",
)
def network_address(config: Config) -> Iterator[Found]:
    for entry in all_entries(config):
        network = entry.network
        if not is_faulty(network):
            continue
        if network.ip == 0:
            yield Found(cidr_path(entry), say("The network's address is all zero."))
        else:
            right = Network(network.base, network.prefix, network.bits).name
            what = say("{given} has host bits set.", given=network.name)
            yield Found(cidr_path(entry), what, say("Write {right}.", right=right))


def _too_large_service(config: Config, entry: Entry) -> bool:
    network = entry.network
    if not entry.path.startswith("networking.serviceNetwork") or config.line < (4, 8) or is_faulty(network):
        return False
    return (network.bits == 32 and network.prefix < 12) or (network.bits == 128 and network.prefix < 108)


@refusal(
    "service-network-size",
    "A service network is at most a /12 (IPv4) or a /108 (IPv6).",
    "Use a /16 for IPv4, a /112 for IPv6.",
    since=(4, 8),
)
def service_network_size(config: Config) -> Iterator[Found]:
    for entry in config.service:
        if _too_large_service(config, entry):
            yield Found(entry.path, say("{given} is too large a service network.", given=entry.network.name))


def _clash(config: Config, entry: Entry, others: list[Entry], what: str) -> Iterator[Found]:
    for other in others:
        if not is_skipped(config, entry) and entry.network.overlaps(other.network):
            yield Found(
                cidr_path(entry), say(what, given=entry.network.name, other=other.network.name, path=other.path), ""
            )


@refusal(
    "machine-network-overlap",
    "Machine networks do not overlap each other.",
    "Name each machine network once; where one contains the other, keep the larger.",
)
def machine_network_overlap(config: Config) -> Iterator[Found]:
    for index, entry in enumerate(config.machine):
        yield from _clash(config, entry, config.machine[:index], "{given} overlaps {other}, the network at {path}.")


@refusal(
    "service-network-overlap",
    "A service network overlaps no machine network and no other service network.",
    "Choose a service network that is used nowhere else, such as 172.30.0.0/16.",
)
def service_network_overlap(config: Config) -> Iterator[Found]:
    for index, entry in enumerate(config.service):
        others = config.machine + config.service[:index]
        yield from _clash(config, entry, others, "The service network {given} overlaps {other}, at {path}.")


@refusal(
    "cluster-network-overlap",
    "A cluster network overlaps no machine, service or other cluster network.",
    "Choose a cluster network that is used nowhere else, such as 10.128.0.0/14.",
)
def cluster_network_overlap(config: Config) -> Iterator[Found]:
    for index, entry in enumerate(config.cluster):
        others = config.machine + config.service + config.cluster[:index]
        yield from _clash(config, entry, others, "The cluster network {given} overlaps {other}, at {path}.")


def _prefix_matters(config: Config, entry: Entry) -> bool:
    using = {OVN, "OpenShiftSDN"} if config.line < (4, 15) else {OVN}
    return config.network_type in using or entry.host_prefix != 0


@refusal("host-prefix-negative", "hostPrefix is not negative.", "Use 23 for IPv4, 64 for IPv6.")
def host_prefix_negative(config: Config) -> Iterator[Found]:
    for entry in config.cluster:
        if entry.host_prefix < 0 and not is_skipped(config, entry):
            yield Found(f"{entry.path}.hostPrefix", say("hostPrefix is negative."))


@refusal(
    "host-prefix-size",
    "One node's share (hostPrefix) is no larger than the cluster network itself.",
    "Use a hostPrefix greater than the network's own prefix, such as 23 for a /14.",
)
def host_prefix_size(config: Config) -> Iterator[Found]:
    for entry in config.cluster:
        network = entry.network
        judged = _prefix_matters(config, entry) and not is_skipped(config, entry)
        if judged and not (config.line >= (4, 19) and entry.host_prefix < 0) and entry.host_prefix < network.prefix:
            what = say(
                "hostPrefix {prefix} gives each node more addresses than {given} has.",
                prefix=entry.host_prefix,
                given=network.name,
            )
            yield Found(f"{entry.path}.hostPrefix", what)


@refusal("host-prefix-ipv6", "hostPrefix of an IPv6 cluster network is exactly 64.", "Write hostPrefix: 64.")
def host_prefix_ipv6(config: Config) -> Iterator[Found]:
    for entry in config.cluster:
        wrong = (
            entry.network.bits == 128 and entry.host_prefix >= max(entry.network.prefix, 0) and entry.host_prefix != 64
        )
        if wrong and _prefix_matters(config, entry) and not is_skipped(config, entry):
            yield Found(f"{entry.path}.hostPrefix", say("The IPv6 hostPrefix is {given}.", given=entry.host_prefix))


@refusal(
    "host-prefix-equal",
    "All IPv4 cluster networks have the same hostPrefix.",
    "Give each IPv4 cluster network the same hostPrefix.",
    since=(4, 19),
)
def host_prefix_equal(config: Config) -> Iterator[Found]:
    for index, entry in enumerate(config.cluster):
        judged = entry.network.is_v4 and entry.host_prefix >= entry.network.prefix and _prefix_matters(config, entry)
        others = [other for other in config.cluster[:index] if other.network.is_v4]
        if judged and not is_skipped(config, entry) and any(o.host_prefix != entry.host_prefix for o in others):
            yield Found(f"{entry.path}.hostPrefix", say("An earlier IPv4 cluster network has another hostPrefix."))


@rule(
    "host-prefix-tiny",
    "The network operator takes no hostPrefix beyond 30 (IPv4), and the installer does not say so.",
    "Use 23, which gives each node 510 pod addresses.",
)
def host_prefix_tiny(config: Config) -> Iterator[Found]:
    for entry in config.cluster:
        if entry.network.is_v4 and entry.host_prefix > 30:
            what = say("hostPrefix {given} leaves a node no pod addresses.", given=entry.host_prefix)
            yield Found(f"{entry.path}.hostPrefix", what)


@rule(
    "host-prefix-small",
    "A node's share has room for the 250 pods that a node runs.",
    "Use hostPrefix 23.",
    severity="warning",
)
def host_prefix_small(config: Config) -> Iterator[Found]:
    for entry in config.cluster:
        pods = 2 ** (32 - entry.host_prefix) - 2 if 0 < entry.host_prefix <= 30 else PODS_PER_NODE
        if entry.network.is_v4 and pods <= PODS_PER_NODE + 4 and 24 <= entry.host_prefix <= 30:
            what = say(
                "hostPrefix {given} gives each node {pods} addresses; the kubelet starts up to {most} pods.",
                given=entry.host_prefix,
                pods=pods,
                most=PODS_PER_NODE,
            )
            yield Found(f"{entry.path}.hostPrefix", what)


@rule(
    "service-network-tiny",
    "The service network holds at least the API's address (.1) and the cluster DNS (.10).",
    "Use 172.30.0.0/16 or another network of that size.",
)
def service_network_tiny(config: Config) -> Iterator[Found]:
    for entry in config.service:
        if entry.network.bits and entry.network.bits - entry.network.prefix < 4:
            what = say("{given} has no tenth address, which the cluster DNS takes.", given=entry.network.name)
            yield Found(entry.path, what)


@rule(
    "service-network-small",
    "A service network smaller than a /22 is soon used up: the platform itself takes more than a hundred services.",
    "Use a /16.",
    severity="warning",
)
def service_network_small(config: Config) -> Iterator[Found]:
    for entry in config.service:
        if 4 <= entry.network.bits - entry.network.prefix < 10:
            yield Found(entry.path, say("{given} has few addresses for services.", given=entry.network.name))


@rule(
    "machine-network-single",
    "A machine network is the subnet the nodes are in, not one address.",
    "Write the subnet of the nodes, such as 192.168.10.0/24.",
    severity="warning",
)
def machine_network_single(config: Config) -> Iterator[Found]:
    for entry in config.machine:
        if entry.network.bits and entry.network.prefix >= entry.network.bits - 1:
            yield Found(entry.path, say("{given} has no room for the nodes.", given=entry.network.name))


@rule(
    "machine-network-missing",
    "The machine network is written down: left out, the installer takes 10.0.0.0/16.",
    "Write networking.machineNetwork with the subnet of the nodes.",
    severity="warning",
)
def machine_network_missing(config: Config) -> Iterator[Found]:
    given = config.section("networking") or {}
    if not given.get("machineNetwork") and not given.get("machineCIDR"):
        what = say("No machine network is given: the installer takes 10.0.0.0/16, for noProxy and node addresses too.")
        yield Found("networking.machineNetwork", what)


@rule(
    "network-defaulted",
    "Cluster and service networks are written down rather than left to the installer.",
    "Write the network, so that nobody is surprised later.",
    severity="warning",
)
def network_defaulted(config: Config) -> Iterator[Found]:
    given = config.section("networking") or {}
    if not (given.get("clusterNetwork") or given.get("clusterNetworks")):
        yield Found("networking.clusterNetwork", say("The installer takes 10.128.0.0/14 with hostPrefix 23."))
    if not (given.get("serviceNetwork") or given.get("serviceCIDR")):
        yield Found("networking.serviceNetwork", say("The installer takes 172.30.0.0/16."))


@rule("network-empty", "Each entry of a network list has its network.", "Write its cidr, or delete the entry.")
def network_empty(config: Config) -> Iterator[Found]:
    for entry in all_entries(config):
        if not entry.network.bits:
            yield Found(cidr_path(entry), say("This entry names no network."))


@rule(
    "docker-bridge",
    "No network overlaps 172.17.0.0/16, the container bridge of many hosts.",
    "Choose another network if any host of yours runs Docker.",
    severity="warning",
)
def docker_bridge(config: Config) -> Iterator[Found]:
    for entry in all_entries(config):
        if entry.network.overlaps(_DOCKER):
            what = say("{given} overlaps 172.17.0.0/16, Docker's usual bridge network.", given=entry.network.name)
            yield Found(cidr_path(entry), what)
