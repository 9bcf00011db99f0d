"""HTTP for checks: many short requests at once, each cancellable, to wherever the plan says a host really is.

aiohttp rather than requests: a full preflight waits for dozens of silent machines at the same time, and a thread per
wait can be neither cancelled nor counted on. TLS names, SNI and the Host header stay those of the real name.
"""

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Mapping

import aiohttp
from msgspec import Struct, field

from tui.text import say

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 6.0
MOST_BYTES = 4 * 1024 * 1024


class Reply(Struct, frozen=True, kw_only=True):
    """What an HTTP server said: header names in lower case, at most 4 MiB of body, `ms` the time it took.

    Without an HTTP answer `status` is 0 and `error` says why in words; `untrusted` marks a certificate problem.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    untrusted: bool = False
    ms: float = 0.0


async def ask(
    method: str,
    url: str,
    *,
    context: ssl.SSLContext,
    place: tuple[str, int] | None = None,
    headers: Mapping[str, str] | None = None,
    proxy: str = "",
    most: int = MOST_BYTES,
) -> Reply:
    """One request to `url`, contacted at `place` (host, port) where given. Redirects are the caller's to follow.

    Never raises; takes 6 s at most.
    """
    started = time.monotonic()
    target = _placed(url, place)
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            _session() as session,
            session.request(
                method,
                target,
                headers={"User-Agent": "ocp-tui", "Host": _authority(url), **(headers or {})},
                ssl=context,
                server_hostname=host_port(url)[0] if url.startswith("https:") else None,
                allow_redirects=False,
                proxy=proxy or None,
            ) as got,
        ):
            body = await _read(got, most)
            low = {name.lower(): value for name, value in got.headers.items()}
            return Reply(status=got.status, headers=low, body=body, ms=_since(started))
    except aiohttp.ClientConnectorCertificateError as error:
        why = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        return Reply(error=say("its certificate is not trusted: {why}", why=why), untrusted=True, ms=_since(started))
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        return Reply(error=_words(error), ms=_since(started))


def _words(error: Exception) -> str:
    match error:
        case TimeoutError():
            return say("no answer (timeout)")
        case aiohttp.ClientConnectorSSLError():
            return say("it does not speak TLS")
        case aiohttp.ClientConnectorDNSError():
            return say("its name cannot be found")
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return say("connection refused")
        case aiohttp.ClientConnectorError():
            return error.os_error.strerror or say("it cannot be reached")
    return say("it closed the connection or did not speak HTTP")


def _session() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(force_close=True, family=socket.AF_UNSPEC)
    return aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False, auto_decompress=False)


def host_port(url: str) -> tuple[str, int]:
    """Host and port of an http(s) URL, the port of its scheme where it names none."""
    host, colon, port = _authority(url).rpartition(":")
    if colon and port.isdigit():
        return host.strip("[]"), int(port)
    return _authority(url).strip("[]"), 443 if url.startswith("https:") else 80


def basic(user: str, password: str) -> str:
    """The Authorization header's value for a user and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _authority(url: str) -> str:
    """Host and port as the URL has them, without a user and password before them."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _placed(url: str, place: tuple[str, int] | None) -> str:
    if place is None:
        return url
    scheme, _, rest = url.partition("://")
    host = f"[{place[0]}]" if ":" in place[0] else place[0]
    return f"{scheme}://{host}:{place[1]}/{rest.partition('/')[2]}"


async def _read(got: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for chunk in got.content.iter_chunked(65536):
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
