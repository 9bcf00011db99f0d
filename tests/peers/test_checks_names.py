"""DNS faults made for real with dnsmasq and BIND, each named rightly."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from tests.peers.servers import bind, servers_fixture  # noqa: F401
from tests.peers.site import BALANCER, DOMAIN, FIRST, SECOND, Site, records, site_fixture  # noqa: F401
from tui import checks
from tui.checks.world import World

pytestmark = pytest.mark.peers
Fault = Callable[[Site], Awaitable[None]]


async def all_records_right(site: Site) -> None:
    site.name_server()
    results = await site.ask("dns")
    assert {result.state for result in results} == {"ok"}, [r for r in results if r.state != "ok"]
    assert {result.id for result in results} >= {
        *("dns.server", "dns.tcp", "dns.api", "dns.api-int", "dns.apps", "dns.bootstrap"),
        *("dns.node", "dns.node-ptr", "dns.mirror", "dns.wildcard-trap"),
    }


async def server_stopped(site: Site) -> None:
    port = site.name_server()
    site.servers.stop(0)
    server = await site.one("dns.server", FIRST)
    assert (server.state, "connection refused" in server.evidence) == ("failed", True), (server, port)
    assert FIRST in server.fix
    assert {result.state for result in await site.ask("dns.api", "dns.node")} == {"unknown"}


async def one_of_two_stopped(site: Site) -> None:
    site.servers_of_names(FIRST, SECOND)
    site.name_server(FIRST)
    site.name_server(SECOND)
    site.servers.stop(0)
    assert (await site.one("dns.server", FIRST)).state == "warning"
    assert (await site.one("dns.server", SECOND)).state == "ok"
    assert {result.state for result in await site.ask("dns")} == {"ok", "warning"}


async def wrong_record(site: Site) -> None:
    site.name_server(api_int="10.99.0.99")
    result = await site.one("dns.api-int")
    assert result.state == "failed"
    assert "10.99.0.99" in result.evidence
    assert BALANCER in result.fix
    assert (await site.one("dns.api", "api.ocp4")).state == "ok"


async def missing_record(site: Site) -> None:
    site.name_server(without="apps")
    result = await site.one("dns.apps")
    assert (result.state, "NXDOMAIN" in result.evidence) == ("failed", True)
    assert f"*.apps.{DOMAIN}" in result.fix


async def missing_mirror(site: Site) -> None:
    site.name_server(without="mirror")
    result = await site.one("dns.mirror", "mirror.peers.test")
    assert (result.state, "NXDOMAIN" in result.evidence) == ("failed", True)


async def wrong_reverse_record(site: Site) -> None:
    site.name_server(without="worker-1", extra=f"host-record=other.{DOMAIN},10.99.0.41")
    result = await site.one("dns.node-ptr", "10.99.0.41")
    assert (result.state, f"other.{DOMAIN}" in result.evidence) == ("failed", True)
    assert f"worker-1.{DOMAIN}" in result.fix


async def stray_ipv6_record(site: Site) -> None:
    site.name_server(without="worker-0", extra=f"host-record=worker-0.{DOMAIN},10.99.0.40,fd00::40")
    result = await site.one("dns.node", "worker-0")
    assert (result.state, "fd00::40" in result.evidence) == ("warning", True)


async def servers_disagree(site: Site) -> None:
    site.servers_of_names(FIRST, SECOND)
    site.name_server(FIRST)
    site.name_server(SECOND, master_1="10.99.0.77")
    result = await site.one("dns.agreement")
    assert (result.state, f"master-1.{DOMAIN}" in result.evidence) == ("failed", True)


async def wildcard_above(site: Site) -> None:
    site.name_server(extra="address=/peers.test/10.99.0.66")
    result = await site.one("dns.wildcard-trap")
    assert (result.state, "10.99.0.66" in result.evidence) == ("warning", True)


async def outside_refused(site: Site) -> None:
    """The runbook's first question: the nodes' name server knows its own zone and nothing else."""
    site.name_server()
    site.network(mirrors=[], connected=True)
    result = await site.one("dns.mirror", "quay.io")
    assert (result.state, "REFUSED" in result.evidence) == ("failed", True)
    verdict, evidence = await checks.confirm(
        site.plan, {"id": "dns.answers", "server": FIRST, "name": "quay.io"}, site.secret
    )
    assert (verdict, "REFUSED" in evidence) == ("confirmed", True)


async def broken_zone(site: Site) -> None:
    site.override(FIRST, 53, bind(site.servers, DOMAIN, "this is not a zone\n"))
    result = await site.one("dns.api", "api.")
    assert (result.state, "SERVFAIL" in result.evidence) == ("failed", True)


async def silent_server(site: Site) -> None:

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        site.override(FIRST, 53, deaf.getsockname()[1])
        result = await site.one("dns.server", FIRST)
    assert (result.state, "timeout" in result.evidence) == ("failed", True)


FAULTS = [
    all_records_right,
    server_stopped,
    one_of_two_stopped,
    wrong_record,
    missing_record,
    missing_mirror,
    wrong_reverse_record,
    stray_ipv6_record,
    servers_disagree,
    wildcard_above,
    outside_refused,
    broken_zone,
    silent_server,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_names_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_names_is_named_rightly_a_hundred_times(site: Site, fault: Fault, turn: int) -> None:
    await fault(site)


async def test_a_hint_about_dns_is_refuted_where_the_server_answers_and_unknown_outside_the_plan(site: Site) -> None:
    site.name_server()
    ask = {"id": "dns.answers", "server": FIRST, "name": f"api-int.{DOMAIN}"}
    assert (await checks.confirm(site.plan, ask, site.secret))[0] == "refuted"
    for foreign in ({"server": "192.0.2.1"}, {"name": "example.org"}):
        verdict, evidence = await checks.confirm(site.plan, {**ask, **foreign}, site.secret)
        assert (verdict, "not in the plan" in evidence) == ("unknown", True)


async def test_a_search_domain_with_a_wildcard_is_a_trap_for_outside_names(site: Site) -> None:
    site.name_server(extra="address=/search.test/10.99.0.66")
    site.plan = replace(site.plan, network=replace(site.plan.network, search_domain="search.test"))
    result = await site.one("dns.wildcard-trap")
    assert (result.state, "mirror.peers.test.search.test" in result.evidence) == ("warning", True)


async def test_a_node_asks_its_name_servers_by_its_own_bash(site: Site) -> None:
    """dnsmasq on port 53 of a loopback address, asked by a real bash with nothing but coreutils."""
    address, dead = "127.64.0.2", "127.64.0.3"
    site.servers_of_names(address, dead)
    options = records(site.plan, "", {"api_int": "10.99.0.99"})
    path = site.servers.file("node.conf", "\n".join([*NODE_SERVER, f"listen-address={address}", *options, ""]))
    site.servers.start(["dnsmasq", "--keep-in-foreground", "-C", str(path)], lambda: _listens(address))
    run = checks.run_from_node(site.plan, "bootstrap", bash, phase="bootstrapping")
    results = [result async for result in run]
    assert {result.asked_from for result in results} == {"bootstrap"}
    states = {(result.id, result.subject.rpartition("@")[2]): result.state for result in results}
    assert states["dns.server", address] == "ok"
    assert states["dns.server", dead] == "warning"
    assert states["dns.api", address] == "ok"
    assert states["dns.node-ptr", address] == "ok"
    wrong = next(result for result in results if result.id == "dns.api-int" and address in result.subject)
    assert (wrong.state, "10.99.0.99" in wrong.evidence) == ("failed", True)
    closed = next(result for result in results if result.id == "dns.server" and result.subject == dead)
    assert "connection refused" in closed.evidence


NODE_SERVER = ["port=53", "bind-interfaces", "no-resolv", "no-hosts", "user=root", "pid-file="]


async def bash(command: str) -> bytes:
    child = await asyncio.create_subprocess_exec("bash", "-c", command, stdout=asyncio.subprocess.PIPE)
    return (await child.communicate())[0]


def _listens(address: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, 53), 0.2):
        return True
    return False


async def test_a_silent_name_server_holds_up_no_connection(site: Site) -> None:
    """The mirror is found through the server that answers, while the other one is still waited for."""
    site.servers_of_names(FIRST, SECOND)
    site.name_server(SECOND)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        site.override(FIRST, 53, deaf.getsockname()[1])
        world = World(site.plan, "before-boot", site.secret)
        async with asyncio.timeout(1):
            assert await world.locate("mirror.peers.test", 443) == ("10.99.0.6", 443)
            assert await world.locate(FIRST, 9) == (FIRST, 9)
        await world.close()
