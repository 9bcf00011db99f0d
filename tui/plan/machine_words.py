"""How the fields of a machine look, and their one spelling in a plan. Every reader gives "" for what does not fit."""

import ipaddress
import re
from collections.abc import Iterable

from msgspec import Struct

from tui.plan.model import Bmc, Node, Role

_MAC = re.compile(
    r"[0-9a-f]{1,2}([:-])(?:[0-9a-f]{1,2}\1){4}[0-9a-f]{1,2}"
    r"|[0-9a-f]{4}([.:-])[0-9a-f]{4}\2[0-9a-f]{4}"
    r"|[0-9a-f]{12}",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?")
_INTERFACE = re.compile(
    r"(?:en[opsx]\w+|eth\d+|em\d+|p\d+p\d+|ib\w*\d|bond\d+|br\d+|team\d+|enc[0-9a-f]+|eno\w+)(?:\.\d+)?"
)
_DEVICE = re.compile(r"(?:s|v|xv|h)d[a-z]|nvme\d+n\d+|dasd[a-z]|mmcblk\d+")
_DISK = re.compile(r"/dev/[A-Za-z0-9._:+@/-]{1,200}")
_BMC = re.compile(
    r"(?:[a-z][a-z0-9+-]{1,30}://)?(?:\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]{0,200})?"
)
_ROLE_WORDS: dict[str, Role] = {
    **dict.fromkeys(("bootstrap", "boot"), "bootstrap"),
    **dict.fromkeys(("master", "masters", "controlplane", "control", "controller", "cp"), "master"),
    **dict.fromkeys(("worker", "workers", "compute", "node", "infra", "storage"), "worker"),
}
_ROLE_IN_NAME = re.compile(
    r"(?:^|[-_])(?:(bootstrap|boot)|(master|control-?plane|control|ctrl|cp)|(worker|compute|infra|storage))(?![a-z]{4,})"
)
"""A role as a part of a name: master01, ocp4-control-plane-1, okd-compute-2; not storagebox, bootcamp."""


class Machine(Struct, frozen=True, kw_only=True):
    """A machine as some file knows it: "" for what the file does not say. `bmc_password` is the secret itself."""

    role: Role | str = ""
    name: str = ""
    address: str = ""
    mac: str = ""
    interface: str = ""
    disk: str = ""
    bmc: str = ""
    bmc_user: str = ""
    bmc_password: str = ""

    def node(self) -> Node:
        """The plan's node; a machine whose role nobody told is a worker. The password stays out."""
        role: Role = {"bootstrap": "bootstrap", "master": "master"}.get(self.role, "worker")  # type: ignore[assignment]
        return Node(
            role=role,
            name=self.name,
            address=self.address,
            mac=self.mac,
            interface=self.interface,
            disk=self.disk,
            bmc=Bmc(address=self.bmc, user=self.bmc_user),
        )


def bmc_secret(name: str, number: int) -> str:
    """The secret file for the BMC password of a machine, by its name or else its place in the plan (from 0)."""
    return f"bmc-{re.sub('[^A-Za-z0-9._-]', '-', name or str(number))[:80]}"


def mac(text: str) -> str:
    """`52:54:00:a1:b2:01` for any usual spelling: colons, dashes, Cisco's dots, none, leading zeros left out."""
    if not _MAC.fullmatch(text):
        return ""
    parts = re.split(r"[:-]", text)
    digits = "".join(part.zfill(2) for part in parts) if len(parts) == 6 else re.sub(r"[.:-]", "", text)
    digits = digits.lower()
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def address(text: str) -> str:
    """The IP address in a text, with or without a prefix length or brackets, in its usual spelling."""
    bare = text.strip("[]")
    if "%" in bare:
        return ""
    try:
        return str(ipaddress.ip_interface(bare).ip) if "/" in bare else str(ipaddress.ip_address(bare))
    except ValueError:
        return ""


def network(text: str, mask: str = "") -> str:
    """The network in `A/LENGTH`, or in an address and a mask."""
    try:
        return (
            str(ipaddress.ip_network(f"{text}/{mask}" if mask else text, strict=False)) if mask or "/" in text else ""
        )
    except ValueError:
        return ""


def name(text: str) -> str:
    """A host's name in lower case, without the root's dot."""
    lowered = text.lower()
    return lowered.rstrip(".") if len(text) <= 253 and _NAME.fullmatch(lowered) else ""


def interface(text: str) -> str:
    """The name of a network interface, where it is one of the usual ones."""
    return text if len(text) <= 15 and _INTERFACE.fullmatch(text) else ""


def disk(text: str) -> str:
    """A device's path; a bare `sda` gets its /dev/."""
    if _DEVICE.fullmatch(text):
        return f"/dev/{text}"
    return text if _DISK.fullmatch(text) and ".." not in text else ""


def bmc(text: str) -> str:
    """A management controller's place: host, host:port or URL, without credentials."""
    return text if _BMC.fullmatch(text) else ""


def role(text: str) -> Role | str:
    """The role that a word names, in OpenShift's own or usual words: worker, compute, control plane, cp…"""
    return _ROLE_WORDS.get(re.sub(r"[\s_-]", "", text.lower()), "")


def role_of_name(text: str) -> Role | str:
    """The role that a machine's name suggests, "" where it suggests none."""
    match = _ROLE_IN_NAME.search(text.lower().partition(".")[0])
    if match is None:
        return ""
    return "bootstrap" if match[1] else "master" if match[2] else "worker"


def is_ip(text: str) -> bool:
    """Whether a text is an IP address."""
    return bool(address(text))


def preferred(addresses: Iterable[str]) -> str:
    """One of several addresses for the plan: an IPv4 one where there is one."""
    known = [found for found in map(address, addresses) if found]
    return next((one for one in known if "." in one), known[0] if known else "")
