"""The lab's time server: SNTP (RFC 4330) over UDP, from this machine's own clock."""

import asyncio
import struct
import time
from typing import Any, cast

from typing_extensions import override

_SINCE_1900 = 2_208_988_800
_FORM = struct.Struct("!BBbbIII8s8s8s8s")


def reply(packet: bytes, received: float) -> bytes | None:
    """The answer to a client's packet; None where it is none. `received` is seconds since the epoch."""
    if len(packet) < 48 or packet[0] & 7 != 3:
        return None
    version = packet[0] & 0x38
    origin = packet[40:48]
    stamp = _stamp(received)
    # Stratum 2, precision 2^-20, a root delay and dispersion of a LAN's server, reference "LAB ".
    return _FORM.pack(version | 4, 2, 6, -20, 66, 66, 0x4C414220, stamp, origin, stamp, _stamp(time.time()))


def _stamp(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("!II", (whole + _SINCE_1900) & 0xFFFFFFFF, int((seconds - whole) * 2**32))


class _Packets(asyncio.DatagramProtocol):
    _transport: asyncio.DatagramTransport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of the class it documents.
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = reply(data, time.time())
        if answer is not None:
            self._transport.sendto(answer, addr)


async def serve(place: tuple[str, int]) -> asyncio.DatagramTransport:
    """Answers on this place until the transport is closed."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(_Packets, local_addr=place)
    return transport
