"""Who uses an address: ARP where this user may, IPv6's neighbour discovery by the kernel, ping elsewhere."""

import asyncio
import contextlib
import ipaddress
import socket
import struct

import psutil
from msgspec import Struct

ETH_ARP, REQUEST, REPLY = 0x0806, 1, 2
_PACKET = struct.Struct("!HHBBH6s4s6s4s")
SWEEP_SECONDS = 1.5
PING_SECONDS = 1
PINGS_AT_ONCE = 50


class Interface(Struct, frozen=True):
    """An interface of this machine: its name, its MAC, and the network it is in."""

    name: str
    mac: str
    network: str


def interface_for(address: str) -> Interface | None:
    """The interface whose network holds this address; None where it lies behind a router."""
    wanted = ipaddress.ip_address(address)
    family = socket.AF_INET if wanted.version == 4 else socket.AF_INET6
    for name, entries in psutil.net_if_addrs().items():
        mac = next((entry.address for entry in entries if entry.family == psutil.AF_LINK), "")
        for entry in entries:
            if entry.family != family or not entry.netmask:
                continue
            network = _network(entry.address, entry.netmask)
            if wanted in network and not network.is_loopback and network.prefixlen < network.max_prefixlen:
                return Interface(name, mac.lower(), str(network))
    return None


def _network(address: str, netmask: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """psutil's pair as a network; Python takes no IPv6 mask, and no zone."""
    own, mask = ipaddress.ip_address(address.partition("%")[0]), ipaddress.ip_address(netmask)
    return ipaddress.ip_network(f"{own}/{int(mask).bit_count()}", strict=False)


def own_addresses() -> set[str]:
    """Every address of this machine."""
    found = set()
    for entries in psutil.net_if_addrs().values():
        for entry in entries:
            with contextlib.suppress(ValueError):
                found.add(str(ipaddress.ip_address(entry.address.partition("%")[0])))
    return found


async def sweep(interface: Interface, addresses: list[str], seconds: float = SWEEP_SECONDS) -> dict[str, set[str]]:
    """The MACs that answer for each address, asked as RFC 5227 probes: from 0.0.0.0, so that nobody's cache moves.

    Raises PermissionError where raw sockets are not allowed.
    """
    found: dict[str, set[str]] = {address: set() for address in addresses}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ARP)) as link:
        link.bind((interface.name, ETH_ARP))
        link.setblocking(False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(_ask(link, interface, addresses, seconds), _listen(link, found))
    return found


async def ping(address: str) -> bool | None:
    """Whether the address answers one ping within a second; None where there is no ping to run."""
    try:
        child = await asyncio.create_subprocess_exec(
            *("ping", "-n", "-q", "-c", "1", "-W", str(PING_SECONDS), address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    await _finished(child)
    code = child.returncode or 0
    return None if code > 1 else code == 0


async def neighbour(interface: Interface, address: str) -> set[str] | None:
    """The MAC that the kernel has just learnt for an IPv6 address on this link, {} where nobody answered.

    To be asked after a `ping`, which makes the kernel look; unlike the ping's, this answer passes the other machine's
    packet filter. None where it cannot be told: no iproute2, or an old entry not yet looked at again.
    """
    command = ("ip", "-6", "neigh", "show", "to", address, "dev", interface.name)
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    words = (await _finished(child)).split()
    if child.returncode or words[-1:] in ([b"STALE"], [b"DELAY"], [b"PROBE"]):
        return None
    return {words[words.index(b"lladdr") + 1].decode()} if b"lladdr" in words and words[-1] != b"FAILED" else set()


async def _finished(child: asyncio.subprocess.Process) -> bytes:
    """What a short command prints; ended where whoever waits for it gives up."""
    try:
        return (await child.communicate())[0] or b""
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        raise


async def _ask(link: socket.socket, interface: Interface, addresses: list[str], seconds: float) -> None:
    loop, mac = asyncio.get_running_loop(), bytes.fromhex(interface.mac.replace(":", ""))
    for _ in range(2):
        for address in addresses:
            target = socket.inet_aton(address)
            body = _PACKET.pack(1, 0x0800, 6, 4, REQUEST, mac, bytes(4), bytes(6), target)
            await loop.sock_sendall(link, b"\xff" * 6 + mac + ETH_ARP.to_bytes(2) + body)
        await asyncio.sleep(seconds / 3)


async def _listen(link: socket.socket, found: dict[str, set[str]]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        frame = await loop.sock_recv(link, 2048)
        if len(frame) < 14 + _PACKET.size:
            continue
        fields = _PACKET.unpack_from(frame, 14)
        sender = socket.inet_ntoa(fields[6])
        if fields[4] == REPLY and sender in found:
            found[sender].add(fields[5].hex(":"))
