"""Rules on step 1: the shape and the machines."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from tui.plan import versions
from tui.plan.endpoints import full_name
from tui.plan.golang import address_text, is_subdomain
from tui.plan.model import Node
from tui.plan.rules.table import Found, rule
from tui.plan.rules.view import View, is_loopback
from tui.text import say

plan_rule = partial(rule, about="plan")

_MAC = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_INTERFACE = re.compile(r"[A-Za-z0-9_.@-]{1,15}", re.ASCII)


def _at(index: int, field: str) -> str:
    return f"topology.nodes[{index}].{field}"


def _twice(view: View, field: str, value: Callable[[Node], str], what: str) -> Iterator[Found]:
    seen: dict[str, int] = {}
    for index, node in enumerate(view.plan.topology.nodes):
        key = value(node)
        if key and key in seen:
            yield Found(_at(index, field), say(what, number=seen[key] + 1))
        seen.setdefault(key, index)


@plan_rule("version", "An OpenShift version is chosen.", "Enter a version such as 4.15.23.")
def version(view: View) -> Iterator[Found]:
    text = view.plan.topology.version
    if not text:
        yield Found("topology.version", say("No OpenShift version is chosen; the newest rules are used meanwhile."))
        return
    try:
        versions.parse(text)
    except versions.NotAVersion as error:
        yield Found("topology.version", str(error))


@plan_rule("version-nearest", "The version is one whose rules are known.", "Expect differences.", severity="warning")
def version_nearest(view: View) -> Iterator[Found]:
    try:
        _, warning = versions.nearest(versions.parse(view.plan.topology.version))
    except versions.NotAVersion:
        return
    if warning:
        yield Found("topology.version", warning)


@plan_rule(
    "shape",
    "ha has three or more control plane nodes, compact the same and no workers, sno one node and nothing else.",
    "Choose the shape that fits, or add and delete nodes.",
)
def shape(view: View) -> Iterator[Found]:
    chosen, control, workers = view.plan.topology.shape, len(view.nodes("master")), len(view.nodes("worker"))
    if chosen == "sno" and (control != 1 or workers):
        what = say("A single node is chosen; there are {control} control plane nodes and {workers} workers.",
                   control=control, workers=workers)  # fmt: skip
        yield Found("topology.shape", what)
    if chosen != "sno" and 0 < control < 2:
        yield Found("topology.shape", say("One control plane node is planned: that is the shape sno."))
    if chosen == "compact" and workers:
        yield Found("topology.shape", say("The shape compact has no workers; {workers} are planned.", workers=workers))


@plan_rule("bootstrap", "Other shapes than sno have one bootstrap machine.", "Add one node with the role bootstrap.")
def bootstrap(view: View) -> Iterator[Found]:
    count = len(view.nodes("bootstrap"))
    if view.plan.topology.shape == "sno":
        if count:
            yield Found("topology.nodes", say("A single node is its own bootstrap."), say("Delete the bootstrap node."))
    elif count == 0:
        yield Found("topology.nodes", say("There is no bootstrap machine, which starts the control plane."))
    elif count > 1:
        yield Found("topology.nodes", say("There is more than one bootstrap machine."), say("Keep one."))


@plan_rule(
    "workers-none",
    "Without workers the control plane runs the workloads, and *.apps points at it.",
    "Add two or more workers, or choose the shape compact.",
    severity="warning",
)
def workers_none(view: View) -> Iterator[Found]:
    if view.plan.topology.shape == "ha" and len(view.nodes("master")) >= 2 and not view.nodes("worker"):
        what = say("No workers are planned: the control plane will be schedulable and must receive *.apps.")
        yield Found("topology.nodes", what)


@plan_rule(
    "shape-compact",
    "Compact: the control plane runs the workloads too, and *.apps points at it.",
    "Give the control plane nodes the memory of workers.",
    severity="info",
)
def shape_compact(view: View) -> Iterator[Found]:
    if view.plan.topology.shape == "compact":
        yield Found("topology.shape", say("The control plane will be schedulable; the balancer sends *.apps to it."))


@plan_rule(
    "shape-sno",
    "Single node: it is installed in place, without a bootstrap machine, and is the whole cluster.",
    "Point api, api-int and *.apps at the node.",
    severity="info",
)
def shape_sno(view: View) -> Iterator[Found]:
    if view.plan.topology.shape == "sno":
        what = say(
            "The node boots once as its own bootstrap, then from its disk; every update of it stops the cluster."
        )
        yield Found("topology.shape", what)


@plan_rule("workers-one", "One worker is a trap.", "Plan none, or two and more.", severity="warning")
def workers_one(view: View) -> Iterator[Found]:
    if len(view.nodes("worker")) == 1:
        what = say("With one worker the routers have nowhere else to go: its loss or update stops *.apps.")
        yield Found("topology.nodes", what)


@plan_rule(
    "node-name", "Each node has a lower-case DNS name of its own.", "Use letters, digits and '-', such as worker-01."
)
def node_name(view: View) -> Iterator[Found]:
    for index, node in enumerate(view.plan.topology.nodes):
        name = full_name(view.plan, node)
        if not node.name:
            yield Found(_at(index, "name"), say("The node has no name."))
        elif node.name.split(".")[0] == "localhost":
            yield Found(_at(index, "name"), say("localhost is the name every node has when it has none."))
        elif not is_subdomain(node.name) or not all(_LABEL.fullmatch(label) for label in node.name.split(".")):
            yield Found(_at(index, "name"), say("This is not a host name in lower case."))
        elif any(len(label) > 63 for label in node.name.split(".")):
            yield Found(_at(index, "name"), say("A part of the name is longer than 63 characters."))
        elif len(name) > 253:
            yield Found(_at(index, "name"), say("With the cluster's domain the name is longer than 253 characters."))


@plan_rule("node-name-long", "Linux host names end at 64 characters.", "Shorten the names.", severity="warning")
def node_name_long(view: View) -> Iterator[Found]:
    for index, node in enumerate(view.plan.topology.nodes):
        if 64 < len(full_name(view.plan, node)) <= 253:
            yield Found(
                _at(index, "name"), say("With the cluster's domain the host name is longer than 64 characters.")
            )


@plan_rule("node-name-twice", "No two nodes have one name.", "Rename one of them.")
def node_name_twice(view: View) -> Iterator[Found]:
    what = "Node {number} has the same name."
    yield from _twice(view, "name", lambda n: full_name(view.plan, n).lower() if n.name else "", what)


@plan_rule(
    "node-address",
    "Each node has an IP address (for dual stack one of each family), or addresses come from DHCP.",
    "Enter the node's address.",
)
def node_address(view: View) -> Iterator[Found]:
    for index, addresses in enumerate(view.addresses):
        known = [address for address in addresses if address is not None]
        if not addresses and not view.plan.network.dhcp:
            yield Found(_at(index, "address"), say("The node has no address."))
        elif len(known) < len(addresses):
            yield Found(_at(index, "address"), say("This is not an IP address."))
        elif any(is_loopback(address) for address in known) and not view.plan.lab:
            yield Found(_at(index, "address"), say("A loopback address reaches no other machine."))
        elif len({bits for _, bits in known}) < len(known):
            what = say("These are two addresses of one family; a node has one, or one of each.")
            yield Found(_at(index, "address"), what)


@plan_rule("node-address-twice", "No two nodes have one address.", "Give one of them another address.")
def node_address_twice(view: View) -> Iterator[Found]:
    seen: dict[tuple[int, int], int] = {}
    for index, address in view.taken():
        if seen.setdefault(address, index) != index:
            shown = address_text(*address)
            what = say("Node {number} has the same address, {address}.", number=seen[address] + 1, address=shown)
            yield Found(_at(index, "address"), what)


@plan_rule(
    "node-address-network",
    "Each node's address is a host's address in one of the machine networks.",
    "Correct the address, or the machine network.",
)
def node_address_network(view: View) -> Iterator[Found]:
    for index, address in view.taken():
        shown = address_text(*address)
        home = next((network for network in view.machine if network.contains(*address)), None)
        if home is None and view.machine:
            yield Found(_at(index, "address"), say("{address} is in none of the machine networks.", address=shown))
        elif (
            home
            and home.is_v4
            and home.prefix < 31
            and address[0] in {home.base, home.base | 2 ** (32 - home.prefix) - 1}
        ):
            what = say("{address} is the first or last address of {network}, which no host has.",
                       address=shown, network=home.name)  # fmt: skip
            yield Found(_at(index, "address"), what)
        elif view.inner_network(address):
            what = say("{address} lies in the {inner}.", address=shown, inner=view.inner_network(address))
            yield Found(_at(index, "address"), what)


@plan_rule(
    "node-mac", "A MAC address is six pairs of hexadecimal digits, of one machine.", "Copy it from the BMC or label."
)
def node_mac(view: View) -> Iterator[Found]:
    for index, node in enumerate(view.plan.topology.nodes):
        if not node.mac:
            continue
        if not _MAC.fullmatch(node.mac):
            yield Found(_at(index, "mac"), say("This is not a MAC address such as 52:54:00:12:34:56."))
        elif int(node.mac[:2], 16) & 1:
            yield Found(_at(index, "mac"), say("This is a multicast address, which no network card has."))
        elif set(node.mac) <= {"0", ":", "-"}:
            yield Found(_at(index, "mac"), say("An address of zeros belongs to no network card."))


@plan_rule(
    "node-mac-needed",
    "Nodes that DHCP or PXE serves are known by their MAC address.",
    "Enter the MAC address of the interface that boots.",
    severity="warning",
)
def node_mac_needed(view: View) -> Iterator[Found]:
    if view.plan.network.dhcp or view.plan.boot.method == "pxe":
        for index, node in enumerate(view.plan.topology.nodes):
            if not node.mac:
                yield Found(_at(index, "mac"), say("Without its MAC address the node cannot be told from others."))


@plan_rule("node-mac-twice", "No two nodes have one MAC address.", "Correct one of them.")
def node_mac_twice(view: View) -> Iterator[Found]:
    what = "Node {number} has the same MAC address."
    yield from _twice(view, "mac", lambda n: n.mac.lower().replace("-", ":"), what)


@plan_rule(
    "node-interface", "An interface name is at most 15 characters, without spaces.", "Enter it as ip link shows it."
)
def node_interface(view: View) -> Iterator[Found]:
    for index, node in enumerate(view.plan.topology.nodes):
        if node.interface and not _INTERFACE.fullmatch(node.interface):
            yield Found(_at(index, "interface"), say("This is not the name of a network interface."))


@plan_rule(
    "node-disk",
    "Each node has a disk to install on, as a path below /dev/.",
    "Enter /dev/sda, or a /dev/disk/by-id/ path.",
)
def node_disk(view: View) -> Iterator[Found]:
    single = view.plan.topology.shape == "sno"
    for index, node in enumerate(view.plan.topology.nodes):
        if not node.disk and not (single and node.role == "master"):
            yield Found(_at(index, "disk"), say("No disk is named to install on."))
        elif node.disk and not re.fullmatch(r"/dev/[A-Za-z0-9_./:@+-]+", node.disk):
            yield Found(_at(index, "disk"), say("This is not a path below /dev/."))


@plan_rule("node-bmc", "Booting by Redfish takes each node's BMC, its user and its password.", "Enter the BMC's data.")
def node_bmc(view: View) -> Iterator[Found]:
    if view.plan.boot.method != "redfish":
        return
    for index, node in enumerate(view.plan.topology.nodes):
        for field in ("address", "user", "password"):
            if not getattr(node.bmc, field):
                yield Found(_at(index, f"bmc.{field}"), say("It is needed to boot this node by Redfish."))


@plan_rule(
    "cluster-network-nodes",
    "The cluster networks have a share for every node.",
    "Use a larger cluster network or a greater hostPrefix.",
)
def cluster_network_nodes(view: View) -> Iterator[Found]:
    count = len(view.nodes("master", "worker"))
    shares = 0
    for entry, (_, network) in zip(view.plan.network.cluster_networks, view.inner, strict=False):
        shares += 2 ** min(max(entry.host_prefix - network.prefix, 0), 32)
    if view.inner and view.inner[0][0] == "cluster network" and 0 < shares < count:
        what = say(
            "The cluster networks have {shares} shares, and {count} nodes are planned.", shares=shares, count=count
        )
        yield Found("network.cluster_networks[0].host_prefix", what)
