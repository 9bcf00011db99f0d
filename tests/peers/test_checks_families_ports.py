"""Balancer, time, controllers and mirror over IPv6, alone and beside IPv4: what is wrong with one is named rightly."""

import time
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from tests.peers.families import BALANCER6, dual, needs_six, only_six
from tests.peers.servers import HOST, HOST6, free_port, haproxy, servers_fixture  # noqa: F401
from tests.peers.site import (  # noqa: F401
    BALANCER,
    DOMAIN,
    MIRROR,
    NODES,
    PASSWORD,
    RELEASE,
    USER,
    Site,
    site_fixture,
)
from tui import checks
from tui.plan.model import Bmc, LoadBalancer, MirrorSource

pytestmark = [pytest.mark.peers, needs_six]
Fault = Callable[[Site], Awaitable[None]]
API, API_INT = f"api.{DOMAIN}", f"api-int.{DOMAIN}"
PORTS = ("lb.6443", "lb.22623", "lb.443", "lb.80")


async def both_frontends_answer(site: Site) -> None:
    dual(site)
    site.balancer(families="46")
    results = await site.ask(*PORTS)
    assert [result.state for result in results] == ["ok"] * 10, results
    assert {f"{API_INT} at {place}:22623" for place in (BALANCER, f"[{BALANCER6}]")} <= {
        result.subject for result in results
    }
    assert any("at [::1]:" in result.evidence for result in results)


async def one_frontend_in_six_alone(site: Site) -> None:
    only_six(site)
    site.balancer(families="46")
    results = await site.ask(*PORTS)
    assert [result.state for result in results] == ["ok"] * 5, results
    assert f"{API}:6443" in {result.subject for result in results}


async def frontends_lack_one_family(site: Site) -> None:
    dual(site)
    site.balancer(families="4")
    found = {result.subject: result for result in await site.ask("lb.22623")}
    assert found[f"{API_INT} at {BALANCER}:22623"].state == "ok"
    lacking = found[f"{API_INT} at [{BALANCER6}]:22623"]
    assert (lacking.state, "connection refused" in lacking.evidence, BALANCER6 in lacking.fix) == (
        "warning",
        True,
        True,
    )
    site.servers.stop(0)
    assert {result.state for result in await site.ask("lb.22623")} == {"failed"}


async def outside_is_one_family_only(site: Site) -> None:
    """22623 is shut on api's IPv4 address and offered on its IPv6 address, which is not api-int's."""
    dual(site)
    site.balancer(families="46")
    both, served = f"10.99.9.9, {BALANCER6}", site.plan.endpoints[f"[{BALANCER6}]:22623"].rpartition(":")[2]
    site.network(load_balancer=LoadBalancer(api=both, api_int=BALANCER, ingress=BALANCER))
    site.override("10.99.9.9", 22623, free_port())
    result = await site.one("lb.22623-outside")
    assert (result.state, f"[::1]:{served}" in result.evidence, "Take port 22623" in result.fix) == (
        "warning",
        True,
        True,
    )
    site.override(BALANCER6, 22623, free_port())
    assert (await site.one("lb.22623-outside")).state == "ok"


async def bootstrap_used_by_the_second_address(site: Site) -> None:
    """The IPv4 side was mended, the IPv6 side forgotten."""
    dual(site)
    site.phase = "after-bootstrap"
    bootstrap, master = (site.machine(API, API_INT, directory=name) for name in "bm")
    sections, listening = "", []
    for number in (6443, 22623):
        site.override("10.99.0.20", number, bootstrap)
        for address, own, backend in ((BALANCER, HOST, master), (BALANCER6, f"[{HOST6}]", bootstrap)):
            port = free_port()
            site.override(address, number, port)
            sections += f"listen p{number}{'six' if backend == bootstrap else ''}\n  bind {own}:{port}\n  mode tcp\n"
            sections += f"  server one {HOST}:{backend}\n"
            listening += [port] if own == HOST else []
    haproxy(site.servers, sections, *listening)
    result = await site.one("lb.bootstrap-removed")
    assert (result.state, "12 of 12 connections ended at the bootstrap" in result.evidence) == ("failed", True), result


async def backends_by_either_family(site: Site) -> None:
    """A node listed by one of its addresses is served; one listed by neither is not."""
    dual(site)
    _with_stats(site, {"master-0": 1, "master-1": 0, "master-2": 1})
    result = await site.one("lb.backends")
    assert (result.state, "Add bootstrap (10.99.0.20, fd00:99::20)" in result.fix) == ("failed", True), result
    assert "Add master" not in result.fix


async def bootstrap_still_listed_by_its_second_address(site: Site) -> None:
    dual(site)
    site.phase = "after-bootstrap"
    _with_stats(site, {"bootstrap": 1, "master-0": 0, "master-1": 0, "master-2": 0})
    result = await site.one("lb.backends")
    assert (result.state, "Take the bootstrap bootstrap out of port 22623" in result.fix) == ("failed", True), result


def _with_stats(site: Site, listed: dict[str, int]) -> None:
    """haproxy's socket; `listed` says which of its addresses each control plane node is listed by."""
    path, port = site.servers.directory / "stats.sock", free_port()
    site.network(load_balancer=replace(site.plan.network.load_balancer, stats=str(path)))
    text = f"global\n  stats socket {path} mode 600 level admin\n"
    for number in (6443, 22623, 443, 80):
        text += f"backend pool-{number}\n  mode tcp\n"
        for node in site.plan.topology.nodes:
            which = listed.get(node.name) if number in (6443, 22623) else 0
            if which is not None and (node.role == "worker") == (number in (443, 80)):
                address = node.address.split(", ")[which]
                place = f"[{address}]:{number}" if ":" in address else f"{address}:{number}"
                text += f"  server {node.name} {place}\n"
    haproxy(site.servers, f"{text}frontend ready\n  mode tcp\n  bind {HOST}:{port}\n", port)
    while not path.exists():  # haproxy gives the socket its name after it has begun to listen
        time.sleep(0.01)


async def time_server_in_six(site: Site) -> None:
    site.network(ntp_servers=["fd00:99::4"])
    site.time_server("fd00:99::4")
    assert {result.state for result in await site.ask("clock")} == {"ok"}
    site.servers.stop(0)
    result = await site.one("clock.ntp")
    assert (result.state, "connection refused" in result.evidence) == ("failed", True), result


async def controller_in_six(site: Site) -> None:
    """A bare IPv6 address, and one in brackets with a port, are both a BMC's."""
    site.controller("calvin", given="calvin")
    port = _in_six(site, int(site.plan.endpoints["10.99.1.30:443"].rpartition(":")[2]))
    for address, number in (("fd00:99:1::30", 443), ("[fd00:99:1::30]:8000", 8000)):
        site.override("fd00:99:1::30", number, port)
        bmc = Bmc(address=address, user="admin", password="bmc", verify_tls=False)
        nodes = [replace(node, bmc=bmc) if node.name == "master-0" else node for node in NODES]
        site.plan = replace(site.plan, topology=replace(site.plan.topology, nodes=nodes))
        result = await site.one("bmc.redfish", "master-0")
        assert (result.state, "Redfish 1." in result.evidence) == ("ok", True), result


async def registry_in_six(site: Site) -> None:
    """A mirror named by its IPv6 address: trust by the address in its certificate, credentials under its very name."""
    mirror = "[fd00:99::6]:5000"
    site.registry(site.ca.issue(site.servers.directory / "six", "fd00:99::6"))
    host, _, number = MIRROR.partition(":")
    site.override("fd00:99::6", 5000, _in_six(site, int(site.plan.endpoints[MIRROR].rpartition(":")[2])))
    site.network(mirrors=[MirrorSource(source=RELEASE, mirrors=[f"{mirror}/ocp4/openshift4"])])
    site.credentials({mirror: (USER, PASSWORD)})
    for id_ in ("registry.trust", "registry.credentials"):
        assert (await site.one(id_)).state == "ok", await site.one(id_)
    site.credentials({f"{host}:{number}": (USER, PASSWORD)})
    assert (await site.one("registry.credentials")).state == "failed"
    assert await site.ask("dns.mirror") == [], "an address needs no name server"


def _in_six(site: Site, port: int) -> int:
    """Another way to a server of 127.0.0.1: haproxy on ::1."""
    own = free_port()
    listen = f"listen six\n  bind {HOST}:{own},[{HOST6}]:{own}\n  mode tcp\n  server one {HOST}:{port}\n"
    haproxy(site.servers, listen, own)
    return own


FAULTS = [
    both_frontends_answer,
    one_frontend_in_six_alone,
    frontends_lack_one_family,
    outside_is_one_family_only,
    bootstrap_used_by_the_second_address,
    backends_by_either_family,
    bootstrap_still_listed_by_its_second_address,
    time_server_in_six,
    controller_in_six,
    registry_in_six,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_one_familys_ports_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_one_familys_ports_is_named_rightly_a_hundred_times(
    site: Site, fault: Fault, turn: int
) -> None:
    await fault(site)


async def test_a_hint_about_the_balancer_is_asked_at_both_addresses(site: Site) -> None:
    dual(site)
    site.balancer(families="46")
    for name in (API_INT, BALANCER6, f"{BALANCER}, {BALANCER6}"):
        ask = {"id": "lb.port", "name": name, "port": "6443"}
        verdict, evidence = await checks.confirm(site.plan, ask, site.secret)
        assert (verdict, "[::1]" in evidence) == ("confirmed", True)
