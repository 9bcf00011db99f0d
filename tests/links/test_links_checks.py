"""The small clients against servers that misbehave: on real sockets, byte for byte."""

import asyncio
import base64
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import dns.flags
import dns.message
import dns.rrset
import pytest
from aiohttp import web
from typing_extensions import override

from tui.links import http, ntp, redfish, tls
from tui.links.dns import NameServer
from tui.links.registry import Registry

HOST = "127.0.0.1"


class Udp(asyncio.DatagramProtocol):
    """Answers every datagram by what the test's function makes of it."""

    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self._answer = answer

    @override
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        for part in self._answer(data):
            self._transport.sendto(part, addr)  # type: ignore[arg-type]


@asynccontextmanager
async def udp(answer: Callable[[bytes], list[bytes]]) -> AsyncIterator[int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Udp(answer), local_addr=(HOST, 0))
    yield transport.get_extra_info("sockname")[1]
    transport.close()


@asynccontextmanager
async def tcp(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]) -> AsyncIterator[int]:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await serve(reader, writer)  # type: ignore[misc]
        writer.close()

    server = await asyncio.start_server(guarded, HOST, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def _answered(data: bytes, address: str = "10.0.0.1") -> bytes:
    query = dns.message.from_wire(data)
    response = dns.message.make_response(query)
    response.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", address))
    return response.to_wire()


async def test_junk_and_answers_to_other_questions_are_not_believed() -> None:
    def answer(data: bytes) -> list[bytes]:
        other = bytes([data[0] ^ 255]) + data[1:]
        return [b"", b"\x00", b"junk" * 100, _answered(other, "10.6.6.6"), data, _answered(data)]

    async with udp(answer) as port:
        server = NameServer(HOST, port)
        found = await server.ask("api.example.test")
        server.close()
    assert found.kind == "other" or found.values == ("10.0.0.1",)
    assert "10.6.6.6" not in found.values


async def test_a_lost_datagram_is_asked_again() -> None:
    seen: list[bytes] = []

    def answer(data: bytes) -> list[bytes]:
        seen.append(data)
        return [_answered(data)] if len(seen) > 1 else []

    async with udp(answer) as port:
        server = NameServer(HOST, port)
        assert (await server.ask("api.example.test")).values == ("10.0.0.1",)
        server.close()
    assert len(seen) == 2


async def test_hundreds_of_questions_share_one_socket_and_get_their_own_answers() -> None:
    def answer(data: bytes) -> list[bytes]:
        number = int(str(dns.message.from_wire(data).question[0].name).split(".", 1)[0][1:])
        return [_answered(data, f"10.0.{number // 256}.{number % 256}")]

    async with udp(answer) as port:
        server = NameServer(HOST, port)
        found = await asyncio.gather(*(server.ask(f"n{n}.example.test") for n in range(300)))
        server.close()
    assert [a.values for a in found] == [(f"10.0.{n // 256}.{n % 256}",) for n in range(300)]


async def test_a_truncated_answer_is_asked_again_over_tcp() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        wire = _answered(data, "10.0.0.2")
        writer.write(len(wire).to_bytes(2) + wire)
        await writer.drain()

    def cut(data: bytes) -> list[bytes]:
        response = dns.message.make_response(dns.message.from_wire(data))
        response.flags |= dns.flags.TC
        return [response.to_wire()]

    async with tcp(serve) as port:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Udp(cut), local_addr=(HOST, port))
        server = NameServer(HOST, port)
        assert (await server.ask("api.example.test")).values == ("10.0.0.2",)
        server.close()
        transport.close()


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "x..y", ".".join(["a" * 60] * 6)])
async def test_a_name_that_dns_cannot_carry_is_said_so(name: str) -> None:
    server = NameServer(HOST, 9)
    assert (await server.ask(name)).kind == "other"
    assert (await server.ask_tcp(name)).kind == "other"


async def test_an_address_that_cannot_be_reached_is_not_a_timeout() -> None:
    broadcast = "255.255.255.255"  # no kernel sends there unasked
    server = NameServer(broadcast)
    assert (await server.ask("api.example.test")).kind == "unreachable"
    assert (await ntp.ask(broadcast)).kind == "unreachable"


async def test_a_time_servers_refusal_in_words_is_read() -> None:
    def kiss(data: bytes) -> list[bytes]:
        packet = bytearray(48)
        packet[0], packet[1] = 0xE4, 0
        packet[12:16] = b"RATE"
        packet[24:32] = data[40:48]
        return [b"junk", bytes(packet)]

    async with udp(kiss) as port:
        found = await ntp.ask(HOST, port)
    assert (found.kiss, found.synchronised) == ("RATE", False)


async def test_a_port_that_accepts_and_says_nothing_is_silent_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "SPEAK_SECONDS", 0.2)
    release = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await release.wait()

    async with tcp(serve) as port:
        assert (await tls.greet(HOST, port)).kind == "silent"
        assert (await tls.greet_plain(HOST, port, name="x")).kind == "silent"
        release.set()


@pytest.mark.parametrize(
    ("spoken", "kind"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "http"), (b"SSH-2.0-x\r\n", "garbled"), (b"", "closed")]
)
async def test_what_is_not_tls_is_told_apart(spoken: bytes, kind: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(spoken)
        await writer.drain()

    async with tcp(serve) as port:
        assert (await tls.greet(HOST, port)).kind == kind


async def test_a_reset_connection_is_closed() -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with tcp(serve) as port:
        assert (await tls.greet(HOST, port)).kind == "closed"


async def test_a_body_without_end_is_cut() -> None:
    async def endless(_request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(_request)
        with suppress(ConnectionError):
            for _ in range(1000):
                await response.write(b"x" * 65536)
        return response

    async with _web(endless) as port:
        reply = await http.ask("GET", f"http://{HOST}:{port}/", context=tls.blind(), most=100_000)
    assert (reply.status, len(reply.body)) == (200, 100_000)


async def test_an_account_is_not_carried_to_the_host_a_registry_redirects_to() -> None:
    """Blobs are often redirected to a store elsewhere, which must not see the registry's password."""
    seen: list[str | None] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"blob")

    async with _web(elsewhere) as other:
        sent: list[tuple[str, dict[str, str]]] = []
        registry = Registry("mirror.test", context=tls.blind(), place=(HOST, other), account=("u", "secret-word"))

        async def fake(method: str, url: str, **how: object) -> http.Reply:
            headers = dict(how["headers"])  # type: ignore[call-overload]
            sent.append((url, headers))
            if "mirror.test" not in url:
                return http.Reply(status=200, body=b"blob")
            if "Authorization" not in headers:
                return http.Reply(status=401, headers={"www-authenticate": 'Basic realm="x"'})
            return http.Reply(status=307, headers={"location": "https://store.elsewhere.test/blob"})

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(http, "ask", fake)
            said = await registry.blob("a", "sha256:0", 1000)
    assert said.kind == "ok"
    basic = base64.b64encode(b"u:secret-word").decode()
    assert [basic in headers.get("Authorization", "") for _, headers in sent] == [False, True, False]


async def test_a_token_service_without_tls_never_gets_the_account() -> None:
    sent: list[str] = []

    async def fake(_method: str, url: str, **_how: object) -> http.Reply:
        sent.append(url)
        return http.Reply(status=401, headers={"www-authenticate": 'Bearer realm="http://evil.test/token"'})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "ask", fake)
        said = await Registry("m.test", context=tls.blind(), place=None, account=("u", "p")).enter()
    assert said.kind == "unreachable"
    assert all("evil" not in url for url in sent)


@pytest.mark.parametrize(
    ("address", "base", "place"),
    [
        ("10.0.0.1", "https://10.0.0.1", ("10.0.0.1", 443)),
        ("10.0.0.1:8443", "https://10.0.0.1:8443", ("10.0.0.1", 8443)),
        ("http://bmc.test/redfish/v1/Systems/1", "http://bmc.test", ("bmc.test", 80)),
        ("https://[fd00::1]:444/x", "https://[fd00::1]:444", ("fd00::1", 444)),
    ],
)
def test_a_bmc_is_a_host_a_host_and_port_or_a_url(address: str, base: str, place: tuple[str, int]) -> None:
    assert (redfish.base_url(address), http.host_port(base)) == (base, place)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"RedfishVersion": "1.0"}', b'{"Systems": 7}'])
async def test_a_web_page_is_not_a_bmc(body: bytes) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=body)

    async with _web(page) as port:
        found = await redfish.look(f"http://{HOST}:{port}", "", "", context=tls.blind(), place=(HOST, port))
    assert found.kind == "strange"


@asynccontextmanager
async def _web(handler: Callable[[web.Request], object]) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    yield site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    await runner.cleanup()
