"""One name server, asked over one UDP socket however many questions are open, or over TCP."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.reversename
from msgspec import Struct
from typing_extensions import override

from tui.text import say

Kind = Literal["answer", "empty", "nxdomain", "refused", "servfail", "other", "timeout", "closed", "unreachable"]
TRIES = (1.0, 1.0, 1.0)
"""Seconds waited after each sending of a UDP question; datagrams may be lost."""
AT_ONCE = 100
"""Open questions to one server: more would overflow a socket's buffer, here or there."""

_RCODES: dict[int, Kind] = {
    dns.rcode.NOERROR: "empty",
    dns.rcode.NXDOMAIN: "nxdomain",
    dns.rcode.REFUSED: "refused",
    dns.rcode.SERVFAIL: "servfail",
}


class Answer(Struct, frozen=True, kw_only=True):
    """What one name server said to one question.

    `values` are addresses or names (no final dot), sorted; `aliases` the CNAMEs on the way; `ms` the time it took.
    "closed" is an ICMP or TCP refusal: nothing listens there. "refused" is the server's own REFUSED.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ms: float = 0.0
    detail: str = ""

    @property
    def silent(self) -> bool:
        """Whether no name server spoke at all."""
        return self.kind in ("timeout", "closed", "unreachable")

    def said(self) -> str:
        """What came back, in words."""
        alias = " → ".join(self.aliases)
        key = f"{self.kind} by alias" if alias and self.kind in ("answer", "empty") else self.kind
        return say(
            _WORDS.get(key, "{detail}"),
            values=", ".join(self.values),
            alias=alias,
            took=f"{self.ms:.0f} ms",
            seconds=f"{self.ms / 1000:.0f} s",
            detail=self.detail,
        )


_WORDS = {
    "answer": "{values} in {took}",
    "answer by alias": "{values} by way of CNAME {alias} in {took}",
    "empty": "no record of this type (NOERROR, empty) in {took}",
    "empty by alias": "only a CNAME to {alias}, which leads to no such record",
    "nxdomain": "no such name (NXDOMAIN) in {took}",
    "refused": "REFUSED, the server will not answer this asker, in {took}",
    "servfail": "SERVFAIL, the server could not find out, in {took}",
    "timeout": "no answer within {seconds} (timeout)",
    "closed": "connection refused, nothing listens on that port",
    "unreachable": "it cannot be reached ({detail})",
}


Exchange = Callable[[dns.message.Message], Awaitable[dns.message.Message]]


class NameServer(asyncio.DatagramProtocol):
    """A name server at an address and port. Use it within one event loop; `close` it afterwards."""

    def __init__(self, address: str, port: int = 53) -> None:
        self.address, self.port = address, port
        self._open: dict[int, asyncio.Future[dns.message.Message]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._opening, self._slots = asyncio.Lock(), asyncio.Semaphore(AT_ONCE)

    async def ask(self, name: str, kind: str = "A") -> Answer:
        """Asks over UDP, thrice at most, and over TCP where the answer was cut short; never raises."""
        async with self._slots:
            return await self._answer(self._over_udp, name, kind)

    async def ask_tcp(self, name: str, kind: str = "A") -> Answer:
        """Asks over TCP; never raises."""
        return await self._answer(self._over_tcp, name, kind)

    def close(self) -> None:
        """Closes the socket."""
        if self._transport is not None:
            self._transport.close()

    async def _answer(self, exchange: Exchange, name: str, kind: str) -> Answer:
        started = time.monotonic()
        try:
            question = dns.message.make_query(dns.name.from_text(name), dns.rdatatype.from_text(kind))
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return Answer(kind="other", detail=say("{name} is not a name DNS can carry", name=name))
        try:
            response = await exchange(question)
        except (TimeoutError, dns.exception.Timeout):
            return Answer(kind="timeout", ms=_since(started))
        except (ConnectionError, EOFError):
            return Answer(kind="closed", ms=_since(started))
        except OSError as error:
            return Answer(kind="unreachable", ms=_since(started), detail=error.strerror or str(error))
        except (dns.exception.DNSException, ValueError):
            return Answer(kind="other", ms=_since(started), detail=say("what came back is not DNS"))
        return read(response, kind, _since(started))

    async def _over_tcp(self, question: dns.message.Message) -> dns.message.Message:
        return await dns.asyncquery.tcp(question, self.address, timeout=sum(TRIES), port=self.port)

    async def _over_udp(self, question: dns.message.Message) -> dns.message.Message:
        async with self._opening:
            if self._transport is None:
                loop = asyncio.get_running_loop()
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, remote_addr=(self.address, self.port)
                )
        while question.id in self._open:
            question.id = random.randrange(1, 65536)  # noqa: S311 - tells our own open questions apart, keeps no secret
        waiting = self._open[question.id] = asyncio.get_running_loop().create_future()
        try:
            for seconds in TRIES:
                self._transport.sendto(question.to_wire())
                with suppress(TimeoutError):
                    response = await asyncio.wait_for(asyncio.shield(waiting), seconds)
                    return await self._over_tcp(question) if response.flags & dns.flags.TC else response
            raise TimeoutError
        finally:
            del self._open[question.id]
            waiting.cancel()

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        """Hands an answer to the question it belongs to; what is not DNS is dropped, as a resolver would."""
        with suppress(dns.exception.DNSException, ValueError):
            response = dns.message.from_wire(data, ignore_trailing=True)
            waiting = self._open.get(response.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(response)

    @override
    def error_received(self, exc: Exception) -> None:
        """An ICMP error: it says so of the place, so of every open question."""
        for waiting in self._open.values():
            if not waiting.done():
                waiting.set_exception(exc)
                waiting.exception()  # looked at, should the asker have gone meanwhile


def read(response: dns.message.Message, kind: str, ms: float) -> Answer:
    """A response as an answer to a question of this record type."""
    code = _RCODES.get(response.rcode(), "other")
    if code not in ("empty", "nxdomain") or not isinstance(response, dns.message.QueryMessage):
        detail = say("the server said {code}", code=dns.rcode.to_text(response.rcode()))
        return Answer(kind=code, ms=ms, detail=detail)
    try:
        chain = response.resolve_chaining()
    except (dns.exception.DNSException, dns.message.NotQueryResponse):
        return Answer(kind="other", ms=ms, detail=say("the server gave an answer that contradicts itself"))
    aliases = tuple(_plain(rdata.target) for alias in chain.cnames for rdata in alias)
    if chain.answer is None:
        return Answer(kind=code, aliases=aliases, ms=ms)
    wanted = (_plain(r.target) if kind == "PTR" else r.to_text() for r in chain.answer)
    return Answer(kind="answer", values=tuple(sorted(wanted)), aliases=aliases, ms=ms)


def reverse(address: str) -> str:
    """The name under which an address's PTR record stands."""
    return _plain(dns.reversename.from_address(address))


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
