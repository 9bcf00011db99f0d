"""The API client against a TLS server: who is trusted, how it fails, and that no credential shows."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.links.api_server import NAME, Authority, Server
from tui.links.kubernetes import Api, ApiFailed, gather, load_kubeconfig


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def failure(server: Server, seconds: float = 5) -> ApiFailed:
    with pytest.raises(ApiFailed) as raised:
        async with server.api(seconds) as api:
            await api.get("/version")
    return raised.value


async def test_the_clients_certificate_is_shown_and_the_servers_name_is_checked_wherever_it_answers(
    server: Server,
) -> None:
    async with server.api() as api:
        assert await api.get("/x") == {"user": "system:admin", "host": f"{NAME}:6443", "token": None}


async def test_a_token_works_as_well(server: Server) -> None:
    server.kubeconfig(token="sha256~abcdefghijklmnopqrstuvwxyz")
    async with server.api() as api:
        assert (await api.get("/x"))["token"] == "Bearer sha256~abcdefghijklmnopqrstuvwxyz"


async def test_another_authority_is_not_trusted(server: Server) -> None:
    server.kubeconfig(Authority())
    failed = await failure(server)
    assert failed.kind == "certificate"
    assert "another set of Ignition files" in str(failed)
    assert not failed.answered


async def test_nothing_listening_refuses(server: Server) -> None:
    await server.stop()
    failed = await failure(server)
    assert failed.kind == "refused"
    assert f"127.0.0.1:{server.port}" in str(failed)
    assert NAME in str(failed)


async def test_a_silent_server_is_given_up_in_time(server: Server) -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    server.handler = silent
    before = time.monotonic()
    assert (await failure(server, 0.3)).kind == "silent"
    assert time.monotonic() - before < 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "unauthorized"), (403, "unauthorized"), (404, "not-found"), (409, "conflict"), (503, "unavailable")],
)
async def test_a_no_of_the_api_is_told_in_its_own_words(server: Server, status: int, kind: str) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"kind": "Status", "message": "because of this"}, status=status)

    server.handler = refuse
    failed = await failure(server)
    assert (failed.kind, failed.answered) == (kind, True)
    assert "because of this" in str(failed)


async def test_what_is_no_json_is_no_answer(server: Server) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>a balancer's page</html>")

    server.handler = page
    assert (await failure(server)).kind == "broken"


async def test_a_name_that_does_not_resolve_is_a_matter_of_dns(server: Server) -> None:
    with pytest.raises(ApiFailed) as raised:
        async with Api(load_kubeconfig(server.path), lambda *_: ("no-such-host.invalid", 6443)) as api:
            await api.get("/version")
    assert raised.value.kind == "unknown-name"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "[1, 2]",
        "current-context: admin",
        "clusters: []\ncontexts: []\nusers: []\ncurrent-context: gone",
        "a: [",
        """
clusters: [{name: c, cluster: {server: 'https://x:6443', certificate-authority-data: '%%%'}}]
contexts: [{name: a, context: {cluster: c, user: u}}]
users: [{name: u, user: {}}]
current-context: a
""",
    ],
)
def test_what_is_no_kubeconfig_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(ApiFailed, match="is no kubeconfig"):
        load_kubeconfig(tmp_path / "k")


def test_a_kubeconfig_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ApiFailed, match="No such file"):
        load_kubeconfig(tmp_path / "absent")


async def test_certificates_that_cannot_be_read_are_said(server: Server) -> None:
    text = server.path.read_text().replace("client-key-data: ", "client-key-data: QUFB")
    server.path.write_text(text)
    failed = await failure(server)
    assert failed.kind == "kubeconfig"
    assert "Ignition files" in str(failed)


def test_no_representation_shows_a_credential(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.kubeconfig(token="sha256~secretsecretsecret")
    assert "secret" not in repr(load_kubeconfig(server.path))
    assert "secret" not in str(load_kubeconfig(server.path))


async def test_gather_puts_failures_in_the_place_of_answers_and_lets_errors_through() -> None:
    async def answer() -> dict[str, int]:
        return {"a": 1}

    async def fail() -> dict[str, int]:
        raise ApiFailed("silent", "no answer")

    async def crash() -> dict[str, int]:
        raise ZeroDivisionError

    answers = await gather({"one": answer(), "two": fail()})
    assert answers["one"] == {"a": 1}
    assert answers["two"].kind == "silent"
    with pytest.raises(ZeroDivisionError):
        await gather({"one": answer(), "two": crash()})
