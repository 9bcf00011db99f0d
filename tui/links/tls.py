"""What answers at a port: asked by a TCP connection and a TLS handshake whose raw bytes we see.

The handshake runs over memory buffers, so that "closed without a word", "spoke HTTP" and "not trusted because…" can
be told apart, which a wrapped socket hides.
"""

import asyncio
import ssl
import time
from contextlib import suppress
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Kind = Literal["tls", "untrusted", "http", "garbled", "closed", "silent", "refused", "filtered", "unreachable"]

CONNECT_SECONDS = 3.0
SPEAK_SECONDS = 3.0


class Greeting(Struct, frozen=True, kw_only=True):
    """How a port answered.

    Without a connection: "refused" (nothing listens), "filtered" (no answer at all), "unreachable".
    With one: "closed" (hung up without a word), "silent", "http", "garbled" (some other protocol), "tls",
    and "untrusted" (TLS, but its certificate was refused: `reason` is OpenSSL's, `code` its number).
    `certificate` is the server's own, DER, where the handshake ended well. `ms` is the time of it all.
    """

    kind: Kind
    certificate: bytes = b""
    reason: str = ""
    code: int = 0
    ms: float = 0.0


def blind() -> ssl.SSLContext:
    """A context that trusts anybody: for looking at a certificate, never for sending a secret."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def greet(host: str, port: int, *, name: str = "", context: ssl.SSLContext | None = None) -> Greeting:
    """Connects and says hello over TLS as a client of `name`. Never raises, never takes longer than 6 s."""
    started = time.monotonic()
    streams = await _connect(host, port)
    if isinstance(streams, Greeting):
        return replace(streams, ms=_since(started))
    tls = _Handshake(context or blind(), name or host)
    try:
        async with asyncio.timeout(SPEAK_SECONDS):
            kind = await tls.run(*streams)
    except TimeoutError:
        kind = "silent"
    except OSError:
        kind = "closed"
    finally:
        await _hang_up(streams[1])
    return Greeting(kind=kind, certificate=tls.certificate, reason=tls.reason, code=tls.code, ms=_since(started))


async def greet_plain(host: str, port: int, *, name: str) -> Greeting:
    """Connects and asks for / over plain HTTP; `reason` is the status line. Never raises, never longer than 6 s."""
    started = time.monotonic()
    streams = await _connect(host, port)
    if isinstance(streams, Greeting):
        return replace(streams, ms=_since(started))
    reader, writer = streams
    try:
        async with asyncio.timeout(SPEAK_SECONDS):
            writer.write(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            greeting = _plain(await reader.read(4096))
    except TimeoutError:
        greeting = Greeting(kind="silent")
    except OSError:
        greeting = Greeting(kind="closed")
    finally:
        await _hang_up(writer)
    return replace(greeting, ms=_since(started))


async def _connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | Greeting:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(host, port)
    except TimeoutError:
        return Greeting(kind="filtered")
    except ConnectionRefusedError:
        return Greeting(kind="refused")
    except OSError as error:
        return Greeting(kind="unreachable", reason=error.strerror or str(error))


def _plain(first: bytes) -> Greeting:
    if not first:
        return Greeting(kind="closed")
    if not first.startswith(b"HTTP/"):
        return Greeting(kind="garbled")
    return Greeting(kind="http", reason=first.split(b"\r\n", 1)[0].decode("ascii", "replace"))


class _Handshake:
    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        self.certificate, self.reason, self.code = b"", "", 0

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Kind:
        first = b""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                self.reason, self.code = error.verify_message, error.verify_code
                return "untrusted"
            except ssl.SSLError as error:
                self.reason = error.reason or ""
                return "http" if first.startswith(b"HTTP/") else "garbled"
            else:
                self.certificate = self._tls.getpeercert(binary_form=True) or b""
                return "tls"
            writer.write(self._out.read())
            await writer.drain()
            data = await reader.read(65536)
            if not data:
                return "closed"
            first = first or data
            self._in.write(data)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
