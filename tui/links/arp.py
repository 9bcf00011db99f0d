"""Who uses an address: ARP where this user may, ping elsewhere."""

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
    """The interface whose network holds this IPv4 address; None where it lies behind a router."""
    wanted = ipaddress.ip_address(address)
    for name, entries in psutil.net_if_addrs().items():
        mac = next((entry.address for entry in entries if entry.family == psutil.AF_LINK), "")
        for entry in entries:
            if entry.family != socket.AF_INET or not entry.netmask:
                continue
            network = ipaddress.ip_network(f"{entry.address}/{entry.netmask}", strict=False)
            if wanted in network and not network.is_loopback and network.prefixlen < 32:
                return Interface(name, mac.lower(), str(network))
    return None


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
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        raise
    return None if code > 1 else code == 0


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
