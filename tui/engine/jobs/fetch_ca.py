"""Job "fetch-ca" {host}: what certificate stands at the top of the chain that HOST:PORT shows. It decides nothing."""

import asyncio
import ssl
from contextlib import suppress
from typing import Any

from tui.engine.work import Refused, Work
from tui.links import tls
from tui.plan.endpoints import endpoint
from tui.plan.trust import analyse
from tui.session.store import now
from tui.text import say

_WHY = {
    "refused": say("nothing listens there"),
    "filtered": say("it does not answer: a firewall, or a wrong address"),
    "silent": say("it takes the connection and says nothing"),
    "closed": say("it hangs up without a word"),
    "http": say("it speaks HTTP without TLS there"),
    "garbled": say("it speaks something else than TLS there"),
}


async def run(work: Work) -> dict[str, Any]:
    """Gives host, subject, issuer, fingerprint (SHA-256), not_after (microseconds since the epoch, UTC), authority,
    faults (sentences) and pem of the topmost certificate; whether to trust it is for the person to say.
    """
    named = str(work.arguments.get("host") or "")
    host, port = place(named)
    work.progress(say("Asking {host} for its certificates…", host=named))
    real_host, real_port = endpoint(work.desk.plan, host, port)
    greeting = await tls.greet(real_host, real_port, name=host)
    if greeting.kind != "tls":
        why = _WHY.get(greeting.kind) or greeting.reason
        raise Refused(say("{host} shows no certificate: {why}. See whether the port is right.", host=named, why=why))
    chain = await shown_chain(real_host, real_port, host) or [greeting.certificate]
    pem = ssl.DER_cert_to_PEM_cert(chain[-1])
    told = analyse(pem, now())
    if not told.certificates:
        raise Refused(say("{host} shows a certificate that cannot be read. Ask whoever runs it.", host=named))
    top = told.certificates[0]
    work.progress(say("{host} shows {subject}, {print}", host=named, subject=top.subject, print=top.fingerprint))
    return {
        "host": named,
        "subject": top.subject,
        "issuer": top.issuer,
        "fingerprint": top.fingerprint,
        "not_after": top.not_after,
        "authority": top.authority,
        "faults": [fault.message for fault in told.faults],
        "pem": pem,
    }


def place(named: str) -> tuple[str, int]:
    """HOST:PORT, HOST, or [IPV6]:PORT as host and port; 443 where none is said. Raises Refused."""
    host, colon, port = named.strip().rpartition(":")
    if not colon or "]" in port or (host.count(":") and not host.endswith("]")):
        host, port = named.strip(), "443"
    host = host.strip("[]")
    if not host or "/" in host or any(letter.isspace() for letter in host):
        raise Refused(say("“{named}” is no HOST:PORT, such as mirror.example.com:5000.", named=named))
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Refused(say("“{port}” is no port: a number from 1 to 65535 stands behind the host.", port=port))
    return host, int(port)


async def shown_chain(host: str, port: int, name: str) -> list[bytes]:
    """The certificates an endpoint shows, its own first (DER), whoever signed them; [] where it hangs up meanwhile."""
    try:
        async with asyncio.timeout(tls.SPEAK_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=tls.blind(), server_hostname=name)
    except (OSError, TimeoutError):
        return []
    try:
        return _chain(writer.get_extra_info("ssl_object"))
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


def _chain(connection: Any) -> list[bytes]:
    if hasattr(connection, "get_unverified_chain"):
        return list(connection.get_unverified_chain())
    # Public from Python 3.13 on; before, the same method is on the object inside.
    shown = connection._sslobj.get_unverified_chain() or []  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in shown]
