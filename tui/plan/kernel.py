"""The kernel arguments that install one node: coreos-installer's own, and the network in dracut's words.

Reference: coreos-installer's customizing-install and dracut.cmdline(7). The network arguments given here are carried
over to the installed system's first boot by the `coreos.inst` service itself.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

from tui.plan.endpoints import full_name, listed
from tui.plan.model import Node, Plan

IGNITION_FILES = {"bootstrap": "bootstrap.ign", "master": "master.ign", "worker": "worker.ign"}
SINGLE_NODE_FILE = "bootstrap-in-place-for-live-iso.ign"


def ignition_file(plan: Plan, node: Node) -> str:
    """The name of the Ignition file for this node."""
    return SINGLE_NODE_FILE if plan.topology.shape == "sno" else IGNITION_FILES[node.role]


def kernel_arguments(plan: Plan, node: Node, base_url: str) -> list[str]:
    """What this node boots the live system with; `base_url` is where Ignition and images are served, without a slash.

    Of PXE's own there is `coreos.live.rootfs_url`; a live ISO carries its root file system itself.
    """
    return [
        *([f"coreos.live.rootfs_url={base_url}/rootfs.img"] if plan.boot.method == "pxe" else []),
        *_ignition(plan, node, base_url),
        *network_arguments(plan, node),
        *_consoles(plan.boot.console),
    ]


def _ignition(plan: Plan, node: Node, base_url: str) -> list[str]:
    url = f"{base_url}/{ignition_file(plan, node)}"
    if plan.topology.shape == "sno":
        # Bootstrap in place: this one is the live system's own configuration and installs to the disk by itself.
        return ["ignition.firstboot", "ignition.platform.id=metal", f"ignition.config.url={url}"]
    return [f"coreos.inst.install_dev={node.disk}", f"coreos.inst.ignition_url={url}"]


def _consoles(text: str) -> list[str]:
    """ "ttyS0,115200n8" gives both consoles, the named one as the main; "console=" may be written or not."""
    names = [word.removeprefix("console=") for word in text.split()]
    if len(names) == 1 and names[0] != "tty0":
        names.insert(0, "tty0")
    return [f"console={name}" for name in names]


def network_arguments(plan: Plan, node: Node) -> list[str]:
    """`ip=`, `nameserver=`, `bond=` and `vlan=` for this node."""
    network = plan.network
    device, below = _devices(plan, node)
    if network.dhcp:
        addresses = [f"ip={device}:dhcp" if device else "ip=dhcp"]
        return [*addresses, *below]
    addresses = [_static(plan, node, address, device) for address in listed(node.address)]
    return [*addresses, *(f"nameserver={server}" for server in network.name_servers), *below]


def _devices(plan: Plan, node: Node) -> tuple[str, list[str]]:
    """The device that carries the address, and the arguments that make it."""
    network = plan.network
    arguments = []
    device = node.interface
    if network.bond.name and network.bond.interfaces:
        options = f"mode={network.bond.mode},miimon=100"
        if network.bond.mode in {"802.3ad", "4"}:
            options += ",xmit_hash_policy=layer3+4"
        arguments.append(f"bond={network.bond.name}:{','.join(network.bond.interfaces)}:{options}")
        device = network.bond.name
    if network.vlan is not None:
        arguments.append(f"vlan={device}.{network.vlan}:{device}")
        device = f"{device}.{network.vlan}"
    return device, arguments


def _static(plan: Plan, node: Node, address: str, device: str) -> str:
    gateway = next((text for text in listed(plan.network.gateway) if _version(text) == _version(address)), "")
    fields = [bracketed(address), "", bracketed(gateway), netmask(plan, address), full_name(plan, node), device, "none"]
    if plan.network.mtu is not None:
        fields.append(str(plan.network.mtu))
    return f"ip={':'.join(fields)}"


def netmask(plan: Plan, address: str) -> str:
    """The mask of the machine network that holds the address: a dotted quad for IPv4, the prefix length for IPv6."""
    parsed = _parsed(address)
    for text in plan.network.machine_networks:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        if parsed is not None and parsed in network:
            return str(network.netmask) if network.version == 4 else str(network.prefixlen)
    return ""


def bracketed(address: str) -> str:
    """An IPv6 address in square brackets, anything else as it is."""
    return f"[{address}]" if _version(address) == 6 else address


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def _version(address: str) -> int | None:
    parsed = _parsed(address)
    return parsed.version if parsed is not None else None
