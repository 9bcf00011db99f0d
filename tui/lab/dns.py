"""The lab's name server: api, api-int, *.apps, every machine, the mirror, and their PTR records, over UDP and TCP."""

import asyncio
from typing import Any, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset
from typing_extensions import override

from tui.lab.settings import DOMAIN, INSIDE, MACHINES, MIRROR, SERVICES, Settings

TTL = 60
WRONG = 250
"""Last number of the address that a wrong record gives: nobody is there."""


class Zone:
    """The records. While `wrong` is set, api-int leads astray."""

    def __init__(self, settings: Settings) -> None:
        services = settings.address(SERVICES)
        self.wrong = False
        self._astray = settings.address(WRONG)
        self._addresses = {
            f"api.{DOMAIN}.": services,
            f"api-int.{DOMAIN}.": settings.address(INSIDE),
            f"{MIRROR}.": services,
        }
        self._names: dict[str, str] = {}
        for machine in MACHINES:
            name, address = f"{machine.name}.{DOMAIN}.", settings.address(machine.octet)
            self._addresses[name] = address
            self._names[str(dns.reversename.from_address(address))] = name
        for octet, name in ((SERVICES, "api"), (INSIDE, "api-int")):
            self._names[str(dns.reversename.from_address(settings.address(octet)))] = f"{name}.{DOMAIN}."
        self._apps = services

    def address(self, name: str) -> str | None:
        """The A record of a full name with its dot, or None."""
        name = name.lower()
        if self.wrong and name == f"api-int.{DOMAIN}.":
            return self._astray
        if name.endswith(f".apps.{DOMAIN}."):
            return self._apps
        return self._addresses.get(name)

    def answer(self, data: bytes) -> bytes | None:
        """The reply to one packet; None where it is no question."""
        try:
            query = dns.message.from_wire(data)
        except Exception:  # noqa: BLE001 - dnspython has many, and whatever it is, it gets no answer
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if len(query.question) == 1:
            self._fill(reply, query.question[0])
        else:
            reply.set_rcode(dns.rcode.FORMERR)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, question: Any) -> None:
        name = question.name.to_text().lower()
        address, host = self.address(name), self._names.get(name)
        if address is None and host is None:
            ours = name.endswith(("lab.example.", "in-addr.arpa."))
            reply.set_rcode(dns.rcode.NXDOMAIN if ours else dns.rcode.REFUSED)
        elif address is not None and question.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text(question.name, TTL, "IN", "A", address))
        elif host is not None and question.rdtype == dns.rdatatype.PTR:
            reply.answer.append(dns.rrset.from_text(question.name, TTL, "IN", "PTR", host))


class _Packets(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of the class it documents.
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        reply = self._zone.answer(data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


class NameServer:
    """The zone on one place, UDP and TCP; started and stopped at will. Stopped, its port refuses."""

    def __init__(self, zone: Zone, place: tuple[str, int]) -> None:
        self.zone = zone
        self._place = place
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        """Answers from now on."""
        loop = asyncio.get_running_loop()
        if self._udp is None:
            self._udp, _ = await loop.create_datagram_endpoint(lambda: _Packets(self.zone), local_addr=self._place)
        if self._tcp is None:
            self._tcp = await asyncio.start_server(self._conversation, *self._place)

    async def stop(self) -> None:
        """Closes both ports."""
        for opened in (self._udp, self._tcp):
            if opened is not None:
                opened.close()
        self._udp = self._tcp = None

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                reply = self.zone.answer(await reader.readexactly(length))
                if reply is None:
                    break
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
