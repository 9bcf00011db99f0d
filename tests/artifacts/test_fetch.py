"""Fetching from places the person named: resumed, cancelled, refused, and nowhere else."""

import asyncio
import hashlib
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from tui.artifacts import fetch
from tui.lab.authority import issue
from tui.links.download import NotFetched, download, shown, text
from tui.plan.model import Plan

BODY = bytes(range(256)) * 20_000


class Origin:
    """A web server whose manners a test sets, and which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.tag = '"one"'
        self.body = BODY
        self.cut_after: int | None = None
        self.elsewhere = ""
        self.drops = False
        self.root: Path | None = None
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, request.headers.get("Range", "")))
        if self.root is not None:
            path = self.root / request.match_info["name"]
            return web.FileResponse(path) if path.is_file() else web.Response(status=404)
        if self.elsewhere:
            raise web.HTTPFound(self.elsewhere)
        start = 0
        if request.headers.get("If-Range") == self.tag and "Range" in request.headers:
            start = request.http_range.start or 0
            if start >= len(self.body):
                return web.Response(status=416)
        response = web.StreamResponse(status=206 if start else 200, headers={"ETag": self.tag})
        response.content_length = len(self.body) - start
        await response.prepare(request)
        end = len(self.body) if self.cut_after is None else start + self.cut_after
        step = 10_000 if self.drops else len(self.body)
        for place in range(start, end, step):
            await response.write(self.body[place : min(place + step, end)])
            await asyncio.sleep(0)
        if self.cut_after is not None and request.transport is not None:
            await asyncio.sleep(0.05)
            request.transport.abort()
        return response


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    made = Origin()
    app = web.Application()
    app.router.add_get("/{name:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def damage(path: str) -> None:
    with open(path, "r+b") as file:
        file.write(b"x")


def ignore(_done: int, _total: int | None) -> None:
    return


async def test_a_file_arrives_whole_and_tells_how_far_it_is(origin: Origin, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    await download(f"{origin.url}/file", tmp_path / "file", lambda *told: heard.append(told))
    assert (tmp_path / "file").read_bytes() == BODY
    assert heard[-1] == (len(BODY), len(BODY))
    assert os.listdir(tmp_path) == ["file"]


async def test_what_broke_off_goes_on_where_it_was(origin: Origin, tmp_path: Path) -> None:
    origin.cut_after = 2_000_000
    with pytest.raises(NotFetched, match=r"broke off after .* it goes on from there"):
        await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert not (tmp_path / "file").exists()
    have = (tmp_path / "file.part").stat().st_size
    assert 0 < have < len(BODY)
    origin.cut_after = None
    await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert origin.asked[-1] == ("/file", f"bytes={have}-")
    assert (tmp_path / "file").read_bytes() == BODY


async def test_a_file_that_changed_meanwhile_starts_anew(origin: Origin, tmp_path: Path) -> None:
    origin.cut_after = 2_000_000
    with pytest.raises(NotFetched):
        await download(f"{origin.url}/file", tmp_path / "file", ignore)
    origin.cut_after, origin.tag, origin.body = None, '"two"', BODY[::-1]
    await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert (tmp_path / "file").read_bytes() == BODY[::-1]


async def test_a_list_that_comes_in_drops_is_read_to_its_end(origin: Origin) -> None:
    origin.body, origin.drops = b"".join(b"%064d  name-%d\n" % (n, n) for n in range(5000)), True
    assert (await text(f"{origin.url}/sha256sum.txt")).encode() == origin.body


async def test_a_list_without_an_end_is_a_sentence(origin: Origin) -> None:
    origin.body = BODY
    with pytest.raises(NotFetched, match="far too long"):
        await text(f"{origin.url}/sha256sum.txt")


async def test_a_part_that_does_not_belong_to_the_file_is_thrown_away(origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(BODY + b"more than there is")
    (tmp_path / "file.part.tag").write_text(origin.tag)
    await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert (tmp_path / "file").read_bytes() == BODY
    assert [wanted for _, wanted in origin.asked] == [f"bytes={len(BODY) + 18}-", ""]


@pytest.mark.parametrize(
    ("hosts", "trusted", "says"),
    [
        (("127.0.0.1",), True, ""),
        (("127.0.0.1",), False, "unable to get local issuer certificate"),
        (("files.example.com",), True, "IP address mismatch"),
    ],
)
async def test_a_private_authority_is_trusted_through_the_plan_s_bundle(
    hosts: tuple[str, ...], trusted: bool, says: str, origin: Origin, tmp_path: Path
) -> None:
    root = issue("site authority", authority=True)
    server = issue("files", signer=root, hosts=hosts)
    (tmp_path / "server.pem").write_text(server.certificate + server.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    app = web.Application()
    app.router.add_get("/{name:.*}", origin.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        url = f"https://127.0.0.1:{runner.addresses[0][1]}/file"
        bundle = root.certificate if trusted else ""
        if says:
            with pytest.raises(NotFetched, match=f"not trusted: {says}"):
                await download(url, tmp_path / "file", ignore, bundle=bundle)
        else:
            await download(url, tmp_path / "file", ignore, bundle=bundle)
            assert (tmp_path / "file").read_bytes() == BODY
    finally:
        await runner.cleanup()


async def test_a_trust_bundle_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="trust bundle cannot be read"):
        await download("https://127.0.0.1:1/x", tmp_path / "x", ignore, bundle="-----BEGIN CERTIFICATE-----\nx")


async def test_cancelling_keeps_what_came(origin: Origin, tmp_path: Path) -> None:
    begun = asyncio.Event()
    origin.body = BODY * 10

    def told(_done: int, _total: int | None) -> None:
        begun.set()

    running = asyncio.create_task(download(f"{origin.url}/file", tmp_path / "file", told))
    await asyncio.wait_for(begun.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "file.part").stat().st_size > 0
    await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert hashlib.sha256((tmp_path / "file").read_bytes()).digest() == hashlib.sha256(BODY * 10).digest()


async def test_a_redirect_to_another_host_is_refused_by_name(origin: Origin, tmp_path: Path) -> None:
    origin.elsewhere = "http://cdn.example.com/file?signature=secret"
    with pytest.raises(NotFetched, match=r"sends us on to http://cdn\.example\.com/file, which nobody named") as caught:
        await download(f"{origin.url}/file", tmp_path / "file", ignore)
    assert "secret" not in str(caught.value)


async def test_a_full_disk_is_said_before_it_is_full(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.links.download.shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(NotFetched, match="needs 6 MB more"):
        await download(f"{origin.url}/file", tmp_path / "file", ignore)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/x", "cannot be reached"),
        ("http://no-such-host.invalid/x", "cannot be found"),
        ("http:///x", "not a URL"),
    ],
)
async def test_a_place_that_does_not_answer_is_a_sentence(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=says):
        await download(url, tmp_path / "x", ignore)


def test_a_password_in_a_url_is_never_shown() -> None:
    assert shown("https://user:pw@host:8443/a/b?token=x") == "https://host:8443/a/b"


async def test_a_mirror_directory_is_fetched_and_verified(
    plan: Plan, mirror: Any, artifacts: Path, origin: Origin
) -> None:
    origin.root = mirror.path
    found = await fetch(plan, [f"{origin.url}/"], artifacts)
    assert {one.kind: one.state for one in found} == dict.fromkeys(("installer", "client", "iso"), "verified")
    before = len(origin.asked)
    again = await fetch(plan, [f"{origin.url}/"], artifacts)
    assert [one.state for one in again] == [one.state for one in found]
    assert len(origin.asked) == before, "what is verified is not fetched again"


async def test_the_root_of_a_mirror_is_enough(
    plan: Plan, mirror: Any, artifacts: Path, origin: Origin, tmp_path: Path
) -> None:
    origin.root = tmp_path / "web"
    tools = origin.root / "pub/openshift-v4/x86_64/clients/ocp/4.15.0"
    images = origin.root / "pub/openshift-v4/x86_64/dependencies/rhcos/4.15/4.15.0"
    for place in (tools, images):
        place.mkdir(parents=True)
    for path in mirror.path.iterdir():
        shutil.copy(path, images if path.name.startswith("rhcos") else tools)
    shutil.copy(mirror.path / "sha256sum.txt", images)
    found = await fetch(plan, [f"{origin.url}/pub/openshift-v4/"], artifacts)
    assert {one.state for one in found} == {"verified"}


async def test_a_listed_build_of_the_same_minor_is_fetched(
    plan: Plan, mirror: Any, artifacts: Path, origin: Origin
) -> None:
    origin.root = mirror.path
    (mirror.path / "rhcos-4.15.0-x86_64-live.x86_64.iso").unlink()
    mirror.image("iso", build="415.92.202402130021-0", name="rhcos-415.92.202402130021-0-live.x86_64.iso")
    mirror.image("iso", build="414.92.202407091253-0", name="rhcos-414.92.202407091253-0-live.x86_64.iso")
    mirror.sums()
    found = await fetch(plan, [origin.url], artifacts)
    assert next(one.version for one in found if one.kind == "iso") == "415.92.202402130021-0"
    assert not any("414.92" in path for path, _ in origin.asked)


async def test_a_damaged_file_of_an_earlier_time_is_fetched_anew(
    plan: Plan, mirror: Any, artifacts: Path, origin: Origin
) -> None:
    origin.root = mirror.path
    found = await fetch(plan, [origin.url], artifacts)
    iso = next(one for one in found if one.kind == "iso")
    damage(iso.path)
    again = await fetch(plan, [origin.url], artifacts)
    assert {one.state for one in again} == {"verified"}
    assert iso in again


async def test_what_a_place_does_not_have_is_said_with_the_place(
    plan: Plan, artifacts: Path, origin: Origin, tmp_path: Path
) -> None:
    origin.root = tmp_path / "empty"
    found = await fetch(plan, [origin.url], artifacts)
    assert {one.state for one in found} == {"missing"}
    assert all(origin.url in one.detail for one in found)


async def test_a_server_s_list_cannot_name_a_path_outside(
    plan: Plan, artifacts: Path, origin: Origin, tmp_path: Path
) -> None:
    origin.root = tmp_path / "evil"
    origin.root.mkdir()
    sums = "".join(f"{'0' * 64}  rhcos-4.15/../../../../{name}-live.x86_64.iso\n" for name in "ab")
    (origin.root / "sha256sum.txt").write_text(sums)
    await fetch(plan, [origin.url], artifacts)
    assert {path for path, _ in origin.asked} == {"/sha256sum.txt"}


async def test_a_place_to_keep_it_that_cannot_be_written_is_a_sentence(
    plan: Plan, mirror: Any, artifacts: Path, origin: Origin
) -> None:
    origin.root = mirror.path
    (artifacts / "127.0.0.1").write_text("a file where a directory should be")
    found = await fetch(plan, [origin.url], artifacts)
    assert {one.state for one in found} == {"missing"}
    assert all("cannot be written" in one.detail for one in found)
