"""The file server against real HTTP clients: who gets what, and what is told of it."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from tui.boot.admission import Admission, anybody
from tui.boot.board import fact_of
from tui.boot.model import Request
from tui.boot.server import CannotServe, FileServer, what_to_serve
from tui.plan.model import Bmc, Boot, Network, Node, Plan, Topology

TOKEN = "hjkmnpqrst"
ROOTFS = bytes(range(256)) * 40_000


def plan(address: str = "127.0.0.1", **boot: str) -> Plan:
    nodes = [
        Node(role="bootstrap", name="bootstrap", address=address),
        Node(role="master", name="m1", address="127.0.0.9"),
    ]
    return Plan(topology=Topology(nodes=nodes), boot=Boot(listen="127.0.0.1:0", **boot))  # type: ignore[arg-type]


@pytest.fixture
def heard() -> list[Request]:
    return []


@pytest.fixture
async def server(tmp_path: Path, heard: list[Request]) -> AsyncIterator[FileServer]:
    (tmp_path / "bootstrap.ign").write_text('{"ignition": {}}')
    (tmp_path / "rootfs.img").write_bytes(ROOTFS)
    files: dict[str, Path | str] = {
        "bootstrap.ign": tmp_path / "bootstrap.ign",
        "master.ign": tmp_path / "master.ign",
        "rootfs.img": tmp_path / "rootfs.img",
        "boot.ipxe": "#!ipxe\n",
    }
    made = FileServer(plan(), files, TOKEN, heard.append)
    await made.start()
    yield made
    await made.close()


async def get(url: str, source: str = "127.0.0.1", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """One GET from that loopback address."""
    connector = aiohttp.TCPConnector(local_addr=(source, 0))
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url, headers=headers) as response:
        return response.status, await response.read(), dict(response.headers)


async def test_a_planned_node_gets_its_file_and_is_named(server: FileServer, heard: list[Request]) -> None:
    status, body, _ = await get(f"{server.url}/bootstrap.ign")
    assert (status, body) == (200, b'{"ignition": {}}')
    assert [(one.node, one.file, one.sent, one.ended is None) for one in heard] == [
        ("bootstrap", "bootstrap.ign", 0, True),
        ("bootstrap", "bootstrap.ign", 16, False),
    ]


async def test_a_stranger_gets_nothing_whatever_it_knows(server: FileServer, heard: list[Request]) -> None:
    status, body, _ = await get(f"{server.url}/bootstrap.ign", source="127.0.0.77")
    assert status == 403
    assert b"ignition" not in body
    assert heard[-1].address == "127.0.0.77"
    assert heard[-1].node == ""
    assert fact_of(heard[-1]) is None


async def test_a_node_gets_the_ignition_file_of_its_own_role_only(server: FileServer, heard: list[Request]) -> None:
    assert (await get(f"{server.url}/bootstrap.ign", source="127.0.0.9"))[0] == 403
    assert (heard[-1].node, heard[-1].why) == ("m1", "its own is master.ign")
    assert (await get(f"{server.url}/master.ign"))[0] == 403
    assert (await get(f"{server.url}/rootfs.img", source="127.0.0.9"))[0] == 200


async def test_a_header_does_not_make_a_stranger_a_node(server: FileServer) -> None:
    told = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "127.0.0.1"}
    assert (await get(f"{server.url}/bootstrap.ign", source="127.0.0.77", **told))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/bootstrap.ign",
        "/wrong/bootstrap.ign",
        f"/{TOKEN}",
        f"/{TOKEN}/",
        f"/{TOKEN}/secret",
        f"/{TOKEN}/%2e%2e%2fx",
    ],
)
async def test_only_listed_files_below_the_right_path_are_given(server: FileServer, path: str) -> None:
    base = server.url.removesuffix(f"/{TOKEN}")
    assert (await get(f"{base}{path}"))[0] == 403


async def test_the_path_is_in_no_word_about_a_request(server: FileServer, heard: list[Request]) -> None:
    base = server.url.removesuffix(f"/{TOKEN}")
    for path in (f"/{TOKEN}/boot.ipxe", f"/{TOKEN}/no", f"/x/{TOKEN}/boot.ipxe", f"//{TOKEN}//boot.ipxe"):
        await get(f"{base}{path}")
    assert heard
    assert TOKEN not in repr(heard)


async def test_a_text_is_served_as_a_file_is(server: FileServer) -> None:
    assert (await get(f"{server.url}/boot.ipxe"))[1] == b"#!ipxe\n"


async def test_a_file_that_is_still_being_made_lets_the_node_come_again(server: FileServer, tmp_path: Path) -> None:
    assert (await get(f"{server.url}/master.ign", source="127.0.0.9"))[0] == 503
    (tmp_path / "master.ign").write_text("{}")
    assert (await get(f"{server.url}/master.ign", source="127.0.0.9"))[0] == 200


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-99", 206, slice(0, 100)),
        (f"bytes={len(ROOTFS) - 5}-", 206, slice(-5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        (f"bytes={len(ROOTFS)}-", 416, slice(0, 0)),
        ("bytes=9-1", 416, slice(0, 0)),
    ],
)
async def test_a_part_of_a_file_can_be_asked_for(server: FileServer, wanted: str, status: int, part: slice) -> None:
    got, body, headers = await get(f"{server.url}/rootfs.img", Range=wanted)
    assert got == status
    assert body == ROOTFS[part]
    if status == 206:
        assert headers["Content-Range"].endswith(f"/{len(ROOTFS)}")


async def test_a_node_that_goes_away_is_told_with_what_it_really_got(tmp_path: Path, heard: list[Request]) -> None:
    big = tmp_path / "rootfs.img"
    with big.open("wb") as file:
        file.truncate(300_000_000)
    server = FileServer(plan(), {"rootfs.img": big}, TOKEN, heard.append)
    url = await server.start()
    async with aiohttp.ClientSession() as session, session.get(f"{url}/rootfs.img") as response:
        await response.content.read(1_000_000)
        response.close()
    async with asyncio.timeout(10):
        while heard[-1].ended is None:
            await asyncio.sleep(0.01)
    await server.close()
    assert 0 < heard[-1].sent < heard[-1].total == 300_000_000
    fact = fact_of(heard[-1])
    assert fact is not None
    assert not fact.complete


async def test_closing_ends_a_running_transfer_at_once(tmp_path: Path, heard: list[Request]) -> None:
    big = tmp_path / "rootfs.img"
    with big.open("wb") as file:
        file.truncate(10_000_000_000)
    server = FileServer(plan(), {"rootfs.img": big}, TOKEN, heard.append)
    url = await server.start()
    async with aiohttp.ClientSession() as session, session.get(f"{url}/rootfs.img") as response:
        await response.content.read(1_000_000)
        async with asyncio.timeout(5):
            await server.close()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert heard[-1].ended is not None
    assert heard[-1].sent < heard[-1].total


async def test_asking_only_for_the_head_fetches_nothing(server: FileServer, heard: list[Request]) -> None:
    async with aiohttp.ClientSession() as session, session.head(f"{server.url}/rootfs.img") as response:
        assert response.headers["Content-Length"] == str(len(ROOTFS))
    assert heard[-1].sent == 0
    fact = fact_of(heard[-1])
    assert fact is not None
    assert not fact.complete


async def test_a_closed_server_refuses_connections_so_that_nodes_retry(server: FileServer) -> None:
    await server.close()
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(f"{server.url}/bootstrap.ign")


async def test_within_the_dhcp_range_everybody_is_admitted_and_nobody_is_named(heard: list[Request]) -> None:
    ranged = replace(plan(), network=Network(dhcp=True, dhcp_range="127.0.0.50-127.0.0.60"))
    server = FileServer(ranged, {"x": "text"}, TOKEN, heard.append)
    url = await server.start()
    assert (await get(f"{url}/x", source="127.0.0.55"))[0] == 200
    assert (await get(f"{url}/x", source="127.0.0.61"))[0] == 403
    assert heard[1].node == ""
    await server.close()


@pytest.mark.parametrize("listen", ["", "8080", "127.0.0.1:", "127.0.0.1:99999", ":8080", "127.0.0.1:http"])
async def test_a_half_typed_listen_address_is_a_sentence(listen: str) -> None:
    with pytest.raises(CannotServe, match="ADDRESS:PORT"):
        await FileServer(replace(plan(), boot=Boot()), {}, TOKEN, print).start(listen)


async def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotServe, match="taken by another"):
        await FileServer(plan(), {}, TOKEN, print).start(f"127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(CannotServe, match="no address of this machine"):
        await FileServer(plan(), {}, TOKEN, print).start("203.0.113.7:8080")


MASTER = Node(
    role="master", name="m1", address="10.0.0.1,2001:db8::1", bmc=Bmc(address="https://10.9.0.1:8443/redfish/v1")
)
WHO_GETS = [
    ("10.0.0.1", "master.ign", True),
    ("2001:db8::1", "master.ign", True),
    ("127.0.0.5", "master.ign", True),
    ("10.0.0.1", "worker.ign", False),
    ("10.0.0.1", "live.iso", True),
    ("10.9.0.1", "live.iso", True),
    ("10.9.0.1", "master.ign", False),
    ("10.0.0.9", "live.iso", False),
]


@pytest.mark.parametrize(("address", "file", "gets"), WHO_GETS)
def test_nodes_get_their_own_at_every_place_of_theirs_and_controllers_the_iso(
    address: str, file: str, gets: bool
) -> None:
    made = Plan(
        topology=Topology(nodes=[MASTER]), boot=Boot(method="redfish"), endpoints={"10.0.0.1:22": "127.0.0.5:2222"}
    )
    refusal = Admission(made).refusal(ipaddress.ip_address(address), file)
    assert (refusal is None) == gets, refusal


def test_with_dhcp_the_person_is_told_that_a_whole_range_may_come() -> None:
    network = Network(dhcp=True, dhcp_range="10.0.0.1-10.0.0.9")
    made = Plan(topology=Topology(nodes=[MASTER]), network=network)
    assert "10.0.0.1-10.0.0.9" in anybody(made)
    # The machine at a planned address of the range may be another one for now: it must not end in its rescue shell.
    assert Admission(made).refusal(ipaddress.ip_address("10.0.0.1"), "worker.ign") is None
    assert anybody(replace(made, network=replace(network, dhcp=False))) == ""


@pytest.mark.parametrize("address", ["", "[", "https://[bad/", "x y", "fe80::1%eth0", "10.0.0.1 10.0.0.2"])
def test_a_half_typed_address_admits_nobody_and_breaks_nothing(address: str) -> None:
    nodes = [Node(role="master", name="m1", address=f"[{address}", bmc=Bmc(address=address))]
    admission = Admission(Plan(topology=Topology(nodes=nodes), boot=Boot(method="redfish")))
    assert admission.refusal(ipaddress.ip_address("10.0.0.3"), "live.iso") is not None


def test_what_is_served_is_what_the_plan_s_nodes_ask_for(tmp_path: Path) -> None:
    images = {"kernel": tmp_path / "k", "initramfs": tmp_path / "i", "rootfs": tmp_path / "r"}
    by_network = what_to_serve(plan(method="pxe"), tmp_path, images, {"boot.ipxe": "#!ipxe"})
    assert set(by_network) == {"bootstrap.ign", "master.ign", "kernel", "initramfs.img", "rootfs.img", "boot.ipxe"}
    assert set(what_to_serve(plan(), tmp_path, images, {"boot.ipxe": "#!ipxe"})) == {"bootstrap.ign", "master.ign"}
