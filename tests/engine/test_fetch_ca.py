"""An authority's certificate as an endpoint shows it: fetched, told, and decided by nobody but the person."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tests.peers.pki import Authority
from tui.engine.jobs import RUNNERS
from tui.engine.jobs.fetch_ca import place
from tui.engine.work import Desk, Refused, Work
from tui.plan.model import Plan
from tui.session.session import Session


@asynccontextmanager
async def server(pair: tuple[Path, Path], *above: str, version: ssl.TLSVersion | None = None) -> AsyncIterator[int]:
    """A TLS server that shows its certificate and those above it; gives its port."""
    certificate, key = pair
    certificate.write_text("".join([certificate.read_text(), *above]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if version is not None:
        context.maximum_version = version
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def fetch(path: Path, host: str, endpoints: dict[str, str] | None = None) -> dict[str, Any]:
    """Runs the job as the engine does."""
    session = Session(path)
    session.replace(Plan(endpoints=endpoints or {}))
    number = session.store.request("fetch-ca", host=host)
    job = session.store.job(number)
    assert job is not None
    desk = Desk(session.directory)
    result = await RUNNERS["fetch-ca"](Work(desk, job))
    assert desk.plan.pull_secret.trust_bundle == "", "nothing is decided"
    return result


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_topmost_certificate_shown_is_told_with_its_fingerprint(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    authority = Authority("Machine room CA")
    pair = authority.issue(tmp_path / "pki", "mirror.test")
    async with server(pair, authority.pem, version=version) as port:
        told = await fetch(tmp_path / "s", "mirror.test:5000", {"mirror.test:5000": f"127.0.0.1:{port}"})
    assert told["subject"] == told["issuer"] == "CN=Machine room CA"
    assert told["fingerprint"].replace(":", "").lower() == authority.certificate.fingerprint(SHA256()).hex()
    assert told["not_after"] == int(authority.certificate.not_valid_after_utc.timestamp()) * 1_000_000
    assert x509.load_pem_x509_certificate(told["pem"].encode()) == authority.certificate
    assert (told["host"], told["authority"], told["faults"]) == ("mirror.test:5000", True, [])


async def test_a_server_that_shows_only_itself_is_told_as_no_authority(tmp_path: Path) -> None:
    pair = Authority("Machine room CA").issue(tmp_path / "pki", "127.0.0.1")
    async with server(pair) as port:
        told = await fetch(tmp_path / "s", f"127.0.0.1:{port}")
    assert told["authority"] is False
    assert (told["subject"], told["issuer"]) == ("CN=127.0.0.1", "CN=Machine room CA")
    assert "not that of its authority" in told["faults"][0]


async def test_an_endpoint_without_tls_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Refused, match="it speaks HTTP without TLS there"):
            await fetch(tmp_path / "s", f"127.0.0.1:{port}")
    with pytest.raises(Refused, match="nothing listens there"):
        await fetch(tmp_path / "s", f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ("mirror.test:5000", ("mirror.test", 5000)),
        (" mirror.test ", ("mirror.test", 443)),
        ("[fd00::5]:8443", ("fd00::5", 8443)),
        ("[fd00::5]", ("fd00::5", 443)),
        ("fd00::5", ("fd00::5", 443)),
    ],
)
def test_a_host_and_port_are_read_as_a_person_writes_them(named: str, wanted: tuple[str, int]) -> None:
    assert place(named) == wanted


@pytest.mark.parametrize("named", ["", ":5000", "https://mirror.test", "mirror.test:0", "mirror.test:port", "a b:1"])
def test_what_is_no_host_and_port_is_refused(named: str) -> None:
    with pytest.raises(Refused):
        place(named)
