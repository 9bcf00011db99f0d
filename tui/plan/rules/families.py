"""Network types, and IPv4, IPv6 and both together."""

from collections.abc import Iterator

from tui.plan.rules.config import KURYR, OVN, SDN, Config, Entry
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

_LISTS = {"machine": "machineNetwork", "service": "serviceNetwork", "cluster": "clusterNetwork"}


def _lists(config: Config) -> dict[str, list[Entry]]:
    return {f"networking.{key}": getattr(config, name) for name, key in _LISTS.items()}


def _families(entries: list[Entry]) -> tuple[bool, bool]:
    return any(e.network.is_v4 for e in entries), any(not e.network.is_v4 for e in entries)


def _is_dual(config: Config) -> bool:
    return all(_families(config.service))


@refusal(
    "network-type-gone",
    "OpenShiftSDN and Kuryr cannot be installed any more.",
    "Use OVNKubernetes.",
    since=(4, 15),
)
def network_type_gone(config: Config) -> Iterator[Found]:
    name = config.network_type
    if name in {SDN, KURYR} or (config.line >= (4, 16) and name.lower() == KURYR.lower()):
        yield Found("networking.networkType", say("This network type was removed in 4.15."))


@refusal(
    "network-type-single-node",
    "A single node (bootstrapInPlace) is not installed with OpenShiftSDN.",
    "Use OVNKubernetes.",
    since=(4, 11),
    until=(4, 14),
)
def network_type_single_node(config: Config) -> Iterator[Found]:
    if config.single_node and config.network_type == SDN:
        yield Found("networking.networkType", say("OpenShiftSDN does not work on a single node in this version."))


@refusal(
    "network-type-ipv6",
    "OpenShiftSDN carries no IPv6.",
    "Use OVNKubernetes, or IPv4 alone.",
    until=(4, 14),
)
def network_type_ipv6(config: Config) -> Iterator[Found]:
    if config.network_type == SDN and _families(config.service)[1]:
        yield Found("networking.networkType", say("There are IPv6 networks, and OpenShiftSDN cannot carry them."))


@rule(
    "network-type-unknown",
    "Any word is accepted as network type; only OVNKubernetes (and OpenShiftSDN up to 4.14) comes with OpenShift.",
    "Write OVNKubernetes, or add the other provider's manifests before creating the Ignition configs.",
    severity="warning",
)
def network_type_unknown(config: Config) -> Iterator[Found]:
    if config.network_type not in {OVN, SDN}:
        what = say("OpenShift does not bring this network type: without its own manifests no node becomes ready.")
        yield Found("networking.networkType", what)


@refusal("service-network-count", "There is one service network, or one of each family.", "Keep one service network.")
def service_network_count(config: Config) -> Iterator[Found]:
    has_v4, has_v6 = _families(config.service)
    if has_v4 and has_v6 and len(config.service) != 2:
        yield Found("networking.serviceNetwork", say("Dual stack takes exactly two service networks."))
    elif has_v4 and not has_v6 and len(config.service) > 1:
        yield Found("networking.serviceNetwork", say("There is more than one IPv4 service network."))


@refusal(
    "dual-stack-lists",
    "With two service networks of both families, the machine and cluster networks have both families too.",
    "Add a network of the missing family, or use one family everywhere.",
)
def dual_stack_lists(config: Config) -> Iterator[Found]:
    if _is_dual(config):
        for path, entries in _lists(config).items():
            has_v4, has_v6 = _families(entries)
            if not (has_v4 and has_v6):
                missing = "IPv6" if has_v4 else "IPv4"
                yield Found(path, say("This is a dual-stack plan, and no {family} network is here.", family=missing))


@refusal(
    "dual-stack-order",
    "In dual stack each list names an IPv4 network first.",
    "Put the IPv4 network first in each list.",
    since=(4, 8),
)
def dual_stack_order(config: Config) -> Iterator[Found]:
    if _is_dual(config):
        for path, entries in _lists(config).items():
            if all(_families(entries)) and not entries[0].network.is_v4:
                yield Found(path, say("An IPv6 network comes before the IPv4 one."))


@rule(
    "family-mismatch",
    "Cluster and service networks are of the same families: the network operator insists, the installer does not.",
    "Give both lists networks of the same families.",
)
def family_mismatch(config: Config) -> Iterator[Found]:
    known = all(e.network.bits for e in config.cluster + config.service)
    if known and not _is_dual(config) and _families(config.cluster) != _families(config.service):
        what = say("Cluster and service networks are of different address families; the network operator will refuse.")
        yield Found("networking.clusterNetwork", what)


@rule(
    "machine-family",
    "The machine networks are of the families that the service networks are of.",
    "Name the machine network of the service network's family.",
    severity="warning",
)
def machine_family(config: Config) -> Iterator[Found]:
    known = all(e.network.bits for e in config.machine + config.service)
    if known and not _is_dual(config) and _families(config.machine) != _families(config.service):
        yield Found("networking.machineNetwork", say("Machine and service networks are of different families."))


@refusal(
    "cluster-network-mtu",
    "clusterNetworkMTU is for AWS alone.",
    "Delete clusterNetworkMTU; on your own machines the MTU is set by a manifest.",
    since=(4, 15),
)
def cluster_network_mtu(config: Config) -> Iterator[Found]:
    if config.platform != "aws" and (config.section("networking") or {}).get("clusterNetworkMTU"):
        yield Found("networking.clusterNetworkMTU", say("The cluster network's MTU cannot be set here."))
