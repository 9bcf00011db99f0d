"""One question to an NTP server, without a thread: ntplib reads and writes the packet, asyncio carries it."""

import asyncio
import time
from typing import Literal

import ntplib
from msgspec import Struct
from typing_extensions import override

TRIES = (1.0, 1.0, 1.0)
UNSYNCHRONISED_LEAP, UNSYNCHRONISED_STRATUM = 3, 16


class Time(Struct, frozen=True, kw_only=True):
    """What a time server said. `offset` is its clock minus ours and `delay` the way there and back, in seconds.

    "closed" is an ICMP refusal. A stratum of 0 is a refusal in words, the "kiss" (RFC 5905): `kiss` says which.
    """

    kind: Literal["time", "timeout", "closed", "unreachable"]
    offset: float = 0.0
    delay: float = 0.0
    stratum: int = 0
    leap: int = 0
    kiss: str = ""
    detail: str = ""

    @property
    def synchronised(self) -> bool:
        """Whether the server itself knows the time."""
        return 0 < self.stratum < UNSYNCHRONISED_STRATUM and self.leap != UNSYNCHRONISED_LEAP


async def ask(host: str, port: int = 123) -> Time:
    """Asks thrice at most; never raises, takes 3 s at most (and the time to find the name)."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[ntplib.NTPStats] = loop.create_future()
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: _Asker(answer), remote_addr=(host, port))
    except OSError as error:
        return Time(kind="unreachable", detail=error.strerror or str(error))
    try:
        for seconds in TRIES:
            packet = ntplib.NTPPacket(mode=3, version=4, tx_timestamp=ntplib.system_to_ntp_time(time.time()))
            transport.sendto(packet.to_data())
            try:
                return _read(await asyncio.wait_for(asyncio.shield(answer), seconds))
            except TimeoutError:
                continue
        return Time(kind="timeout")
    except ConnectionRefusedError:
        return Time(kind="closed")
    except OSError as error:
        return Time(kind="unreachable", detail=error.strerror or str(error))
    finally:
        transport.close()
        answer.cancel()


class _Asker(asyncio.DatagramProtocol):
    def __init__(self, answer: "asyncio.Future[ntplib.NTPStats]") -> None:
        self._answer = answer

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        received = ntplib.system_to_ntp_time(time.time())
        stats = ntplib.NTPStats()
        try:
            stats.from_data(data)
        except ntplib.NTPException:
            return
        stats.dest_timestamp = received
        if not self._answer.done() and stats.mode == 4:
            self._answer.set_result(stats)

    @override
    def error_received(self, exc: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(exc)


def _read(stats: ntplib.NTPStats) -> Time:
    kiss = ""
    if stats.stratum == 0:
        kiss = int(stats.ref_id).to_bytes(4).decode("ascii", "replace").rstrip("\0")
    return Time(kind="time", offset=stats.offset, delay=stats.delay, stratum=stats.stratum, leap=stats.leap, kiss=kiss)
