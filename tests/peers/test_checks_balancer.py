"""Load balancer faults made for real with haproxy, each named rightly."""

import socket
import time
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from tests.peers.servers import HOST, free_port, haproxy, servers_fixture  # noqa: F401
from tests.peers.site import BALANCER, DOMAIN, Site, site_fixture  # noqa: F401
from tui import checks
from tui.plan.model import LoadBalancer

pytestmark = pytest.mark.peers
Fault = Callable[[Site], Awaitable[None]]
PORTS = ("lb.6443", "lb.22623", "lb.443", "lb.80")
API, API_INT = f"api.{DOMAIN}", f"api-int.{DOMAIN}"


async def no_backend_yet(site: Site) -> None:
    site.balancer()
    results = await site.ask(*PORTS)
    assert [result.state for result in results] == ["ok"] * 5, results
    assert all("No backend yet" in result.evidence for result in results)


async def no_backend_after_bootstrap(site: Site) -> None:
    site.balancer()
    site.phase = "after-bootstrap"
    results = await site.ask(*PORTS)
    assert [result.state for result in results] == ["failed"] * 5, results
    assert "master-0, master-1, master-2" in next(r for r in results if r.id == "lb.22623").fix
    assert "worker-0, worker-1" in next(r for r in results if r.id == "lb.443").fix


async def balancer_stopped(site: Site) -> None:
    site.balancer()
    site.servers.stop(0)
    for result in await site.ask(*PORTS):
        assert (result.state, "connection refused" in result.evidence, BALANCER in result.fix) == ("failed", True, True)


async def one_frontend_missing(site: Site) -> None:
    site.balancer(ports="6443")
    site.override(BALANCER, 22623, free_port())
    assert {result.state for result in await site.ask("lb.6443")} == {"ok"}
    assert (await site.one("lb.22623", API_INT)).state == "failed"


async def wrong_mode(site: Site) -> None:
    site.balancer(mode="http")
    for result in await site.ask("lb.6443", "lb.22623", "lb.443"):
        assert (result.state, "plain HTTP" in result.evidence) == ("failed", True), result
        assert "mode tcp" in result.fix


async def filtered(site: Site) -> None:
    """A listening socket whose queue is full drops the next knock, as a packet filter does."""
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(3):
            knock = socket.socket()
            knock.setblocking(False)
            knock.connect_ex((HOST, port))
            waiting.append(knock)
        site.override(BALANCER, 22623, port)
        result = await site.one("lb.22623", API_INT)
        for knock in waiting:
            knock.close()
    assert (result.state, "filtered" in result.evidence) == ("failed", True), result


async def cluster_answers(site: Site) -> None:
    site.balancer(backend=site.machine(API, API_INT))
    site.phase = "bootstrapping"
    for result in await site.ask("lb.6443", "lb.22623"):
        assert (result.state, f"CN={API}" in result.evidence) == ("ok", True)


async def somebody_else_answers(site: Site) -> None:
    site.balancer(backend=site.machine("console.other.test"))
    site.phase = "bootstrapping"
    result = await site.one("lb.22623", API_INT)
    assert (result.state, "console.other.test" in result.fix) == ("failed", True)


async def an_old_cluster_answers_before_boot(site: Site) -> None:
    site.balancer(backend=site.machine(API, API_INT))
    assert {result.state for result in await site.ask("lb.6443")} == {"warning"}


async def bootstrap_still_used(site: Site) -> None:
    names = (API, API_INT)
    bootstrap, master = site.machine(*names, directory="b"), site.machine(*names, directory="m")
    _two_backends(site, bootstrap, master)
    result = await site.one("lb.bootstrap-removed")
    assert (result.state, "ended at the bootstrap" in result.evidence) == ("failed", True), result
    assert "10.99.0.20" in result.fix


async def bootstrap_removed(site: Site) -> None:
    names = (API, API_INT)
    bootstrap, master = site.machine(*names, directory="b"), site.machine(*names, directory="m")
    _two_backends(site, bootstrap, master, used=False)
    result = await site.one("lb.bootstrap-removed")
    assert (result.state, "none of 12" in result.evidence) == ("ok", True), result


async def dead_bootstrap_in_the_balancer(site: Site) -> None:
    """Without a health check every other connection is lost."""
    _two_backends(site, free_port(), site.machine(API, API_INT))
    result = await site.one("lb.bootstrap-removed")
    assert (result.state, "were not served" in result.evidence) == ("failed", True), result


async def haproxy_lists_the_nodes(site: Site) -> None:
    _with_stats(site, [node.name for node in site.plan.topology.nodes])
    result = await site.one("lb.backends")
    assert result.state == "ok", (result.evidence, result.fix)
    assert "6443: bootstrap " in result.evidence


async def haproxy_lacks_a_node(site: Site) -> None:
    _with_stats(site, [node.name for node in site.plan.topology.nodes if node.name != "master-1"])
    result = await site.one("lb.backends")
    assert (result.state, "Add master-1 (10.99.0.31) to the backends of port 6443" in result.fix) == ("failed", True), (
        result
    )


async def haproxy_still_has_the_bootstrap(site: Site) -> None:
    _with_stats(site, [node.name for node in site.plan.topology.nodes])
    site.phase = "after-bootstrap"
    result = await site.one("lb.backends")
    assert (result.state, "Take the bootstrap" in result.fix) == ("failed", True), result


async def the_stats_page_is_read_too(site: Site) -> None:
    port = free_port()
    site.network(load_balancer=replace(site.plan.network.load_balancer, stats=f"http://{BALANCER}:9000/stats"))
    site.override(BALANCER, 9000, port)
    text = (
        f"listen stats\n  bind {HOST}:{port}\n  mode http\n  stats enable\n  stats uri /stats\n  stats show-legends\n"
    )
    haproxy(site.servers, text + _pools(site, [node.name for node in site.plan.topology.nodes]), port)
    assert (await site.one("lb.backends")).state == "ok"


async def one_address_inside_and_outside(site: Site) -> None:
    """Common and supported: the balancer itself keeps nobody from 22623, and whether a firewall does is not seen."""
    site.balancer()
    result = await site.one("lb.22623-outside")
    assert (result.state, "only a firewall" in result.evidence) == ("warning", True), result
    assert BALANCER in result.fix
    site.servers.stop(0)
    result = await site.one("lb.22623-outside")
    assert (result.state, "says nothing of outside" in result.evidence) == ("unknown", True), result


async def port_22623_open_outside(site: Site) -> None:
    site.network(load_balancer=LoadBalancer(api="10.99.9.9", api_int=BALANCER, ingress=BALANCER))
    site.balancer(ports="22623")
    site.override("10.99.9.9", 22623, free_port())
    site.override("10.99.9.9", 6443, free_port())
    result = await site.one("lb.22623-outside")
    assert (result.state, "says nothing" in result.evidence) == ("unknown", True), "nobody is there at all"
    site.balancer(ports="6443")
    site.override("10.99.9.9", 6443, int(site.plan.endpoints[f"{BALANCER}:6443"].rpartition(":")[2]))
    assert (await site.one("lb.22623-outside")).state == "ok"
    other = site.plan.endpoints[f"{BALANCER}:22623"]
    site.override(BALANCER, 22623, free_port())
    site.override("10.99.9.9", 22623, int(other.rpartition(":")[2]))
    assert (await site.one("lb.22623-outside")).state == "warning"


def _two_backends(site: Site, bootstrap: int, master: int, *, used: bool = True) -> None:
    """A balancer of round robin, without health checks, with and without the bootstrap."""
    site.phase = "after-bootstrap"
    sections, listening = "", []
    for number in (6443, 22623):
        port = free_port()
        listening.append(port)
        site.override(BALANCER, number, port)
        site.override("10.99.0.20", number, bootstrap)
        sections += f"listen p{number}\n  bind {HOST}:{port}\n  mode tcp\n  balance roundrobin\n"
        sections += f"  server master-0 {HOST}:{master}\n"
        sections += f"  server bootstrap {HOST}:{bootstrap}\n" if used else ""
    haproxy(site.servers, sections, *listening)


def _with_stats(site: Site, names: list[str]) -> None:
    path = site.servers.directory / "stats.sock"
    site.network(load_balancer=replace(site.plan.network.load_balancer, stats=str(path)))
    port = free_port()
    config = f"global\n  stats socket {path} mode 600 level admin\n{_pools(site, names)}"
    haproxy(site.servers, f"{config}frontend ready\n  mode tcp\n  bind {HOST}:{port}\n", port)
    while not path.exists():  # haproxy gives the socket its name after it has begun to listen
        time.sleep(0.01)


def _pools(site: Site, names: list[str]) -> str:
    """Backends as in the installation guide, on addresses where nobody is."""
    text = ""
    for number, roles in ((6443, "bm"), (22623, "bm"), (443, "w"), (80, "w")):
        text += f"backend pool-{number}\n  mode tcp\n"
        for node in site.plan.topology.nodes:
            if node.role[0] in roles and node.name in names:
                text += f"  server {node.name} {node.address}:{number} check inter 50ms fall 1\n"
    return text


FAULTS = [
    no_backend_yet,
    no_backend_after_bootstrap,
    balancer_stopped,
    one_frontend_missing,
    wrong_mode,
    filtered,
    cluster_answers,
    somebody_else_answers,
    an_old_cluster_answers_before_boot,
    bootstrap_still_used,
    bootstrap_removed,
    dead_bootstrap_in_the_balancer,
    haproxy_lists_the_nodes,
    haproxy_lacks_a_node,
    haproxy_still_has_the_bootstrap,
    the_stats_page_is_read_too,
    one_address_inside_and_outside,
    port_22623_open_outside,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_the_balancer_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_the_balancer_is_named_rightly_a_hundred_times(site: Site, fault: Fault, turn: int) -> None:
    await fault(site)


async def test_a_hint_about_a_port_is_confirmed_while_nothing_is_behind_it_and_refuted_after(site: Site) -> None:
    site.balancer()
    ask = {"id": "lb.port", "name": API_INT, "port": "6443"}
    assert (await checks.confirm(site.plan, ask, site.secret))[0] == "confirmed"
    site.balancer(backend=site.machine(API, API_INT))
    assert (await checks.confirm(site.plan, ask, site.secret))[0] == "refuted"
    assert (await checks.confirm(site.plan, {**ask, "port": "22"}, site.secret))[0] == "unknown"
