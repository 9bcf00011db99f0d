"""Names in IPv6 alone and in both families at once: what is wrong with one family is named rightly."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import pytest

from tests.peers.families import BALANCER6, FIRST6, dual, needs_six, only_six
from tests.peers.servers import HOST6, bind, free_port, servers_fixture  # noqa: F401
from tests.peers.site import BALANCER, DOMAIN, FIRST, Site, records, site_fixture  # noqa: F401
from tui import checks
from tui.checks.model import Result
from tui.plan.model import LoadBalancer

pytestmark = [pytest.mark.peers, needs_six]
Fault = Callable[[Site], Awaitable[None]]
API, API_INT = f"api.{DOMAIN}", f"api-int.{DOMAIN}"


def name_server(site: Site, *, without: str = "", **changed: str) -> None:
    """One dnsmasq behind both of the plan's name servers."""
    port = site.name_server(FIRST, without=without, **changed)
    site.override(FIRST6, 53, port)


def states(results: list[Result]) -> dict[str, str]:
    """State by subject, the first of several name servers' only."""
    return {result.subject.rpartition(" @")[0] or result.subject: result.state for result in reversed(results)}


async def both_families_right(site: Site) -> None:
    dual(site)
    name_server(site)
    results = await site.ask("dns")
    assert {result.state for result in results} == {"ok"}, [r for r in results if r.state != "ok"]
    subjects = {result.subject for result in results}
    assert len(results) == len({(r.id, r.subject) for r in results}), "each row has its own subject"
    for name in (API, API_INT, f"*.apps.{DOMAIN}", f"master-0.{DOMAIN}", f"bootstrap.{DOMAIN}"):
        assert {f"{name} @{FIRST}", f"{name} AAAA @{FIRST}", f"{name} AAAA @{FIRST6}"} <= subjects
    assert {f"10.99.0.30 @{FIRST}", f"fd00:99::30 @{FIRST6}"} <= subjects


async def one_family_right(site: Site) -> None:
    only_six(site)
    name_server(site, mirror="fd00:99::6")
    results = await site.ask("dns")
    assert {result.state for result in results} == {"ok"}, [r for r in results if r.state != "ok"]
    assert f"worker-1.{DOMAIN} AAAA @{FIRST6}" in {result.subject for result in results}


async def mirror_of_the_other_family(site: Site) -> None:
    """Machines that speak IPv6 alone do not reach a mirror with an IPv4 address; those of both do."""
    only_six(site)
    name_server(site)
    result = await site.one("dns.mirror")
    assert (result.state, "no record of this type" in result.evidence) == ("failed", True), result
    dual(site)
    name_server(site, mirror="fd00:99::6")
    assert {result.state for result in await site.ask("dns.mirror")} == {"ok"}


async def node_without_second_record(site: Site) -> None:
    dual(site)
    name_server(site, worker_0="10.99.0.40")
    found = states(await site.ask("dns.node"))
    assert [name for name, state in found.items() if state != "ok"] == [f"worker-0.{DOMAIN} AAAA"]
    result = await site.one("dns.node", f"worker-0.{DOMAIN} AAAA @{FIRST}")
    assert (result.state, "AAAA" in result.fix, "fd00:99::40" in result.fix) == ("failed", True, True), result


async def api_without_second_record(site: Site) -> None:
    dual(site)
    name_server(site, api_int=BALANCER)
    assert states(await site.ask("dns.api-int")) == {API_INT: "ok", f"{API_INT} AAAA": "failed"}
    assert {result.state for result in await site.ask("dns.api", "dns.apps")} == {"ok"}


async def wildcard_with_another_second_address(site: Site) -> None:
    dual(site)
    name_server(site, apps=f"{BALANCER}, fd00:99::66")
    assert states(await site.ask("dns.apps")) == {f"*.apps.{DOMAIN}": "ok", f"*.apps.{DOMAIN} AAAA": "failed"}
    result = await site.one("dns.apps", f"AAAA @{FIRST}")
    assert ("fd00:99::66" in result.evidence, BALANCER6 in result.fix) == (True, True)


async def reverse_record_of_the_second_address_wrong(site: Site) -> None:
    dual(site)
    wrong = ".".join(reversed("fd000099000000000000000000000041"))
    name_server(site, extra=f"ptr-record={wrong}.ip6.arpa,other.{DOMAIN}")
    found = states(await site.ask("dns.node-ptr"))
    assert [address for address, state in found.items() if state != "ok"] == ["fd00:99::41"]
    result = await site.one("dns.node-ptr", f"fd00:99::41 @{FIRST}")
    assert (f"other.{DOMAIN}" in result.evidence, f"worker-1.{DOMAIN}" in result.fix) == (True, True)


async def second_name_server_dead(site: Site) -> None:
    dual(site)
    site.name_server(FIRST)
    site.override(FIRST6, 53, free_port())
    assert (await site.one("dns.server", FIRST6)).state == "warning"
    assert (await site.one("dns.server", FIRST)).state == "ok"


async def stray_record_of_the_first_family(site: Site) -> None:
    only_six(site)
    name_server(site, without="worker-0", extra=f"host-record=worker-0.{DOMAIN},10.99.0.40,fd00:99::40")
    result = await site.one("dns.node", "worker-0")
    assert (result.state, "10.99.0.40" in result.evidence) == ("warning", True), result


async def broken_zone_over_six(site: Site) -> None:
    only_six(site)
    site.override(FIRST6, 53, bind(site.servers, DOMAIN, "this is not a zone\n"))
    result = await site.one("dns.api", API)
    assert (result.state, "SERVFAIL" in result.evidence) == ("failed", True), result
    assert (await site.one("dns.tcp")).state == "ok"


async def balancer_undecided(site: Site) -> None:
    """Any address will do, of any family there is, but no node's own."""
    only_six(site)
    name_server(site)
    site.network(load_balancer=LoadBalancer())
    assert (await site.one("dns.api", API)).state == "ok"
    only_six(site)
    name_server(site, api="fd00:99::30")
    site.network(load_balancer=LoadBalancer())
    result = await site.one("dns.api", f"{API} AAAA")
    assert (result.state, "node master-0" in result.evidence) == ("failed", True), result


async def wildcard_above_in_six(site: Site) -> None:
    only_six(site)
    name_server(site, extra="address=/peers.test/fd00:99::66")
    result = await site.one("dns.wildcard-trap")
    assert (result.state, "fd00:99::66" in result.evidence) == ("warning", True), result


FAULTS = [
    both_families_right,
    one_family_right,
    mirror_of_the_other_family,
    node_without_second_record,
    api_without_second_record,
    wildcard_with_another_second_address,
    reverse_record_of_the_second_address_wrong,
    second_name_server_dead,
    stray_record_of_the_first_family,
    broken_zone_over_six,
    balancer_undecided,
    wildcard_above_in_six,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_one_familys_names_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_one_familys_names_is_named_rightly_a_hundred_times(
    site: Site, fault: Fault, turn: int
) -> None:
    await fault(site)


async def test_a_node_asks_over_six_by_its_own_bash(site: Site) -> None:
    dual(site)
    site.servers_of_names(HOST6)
    path = site.servers.file("six.conf", "\n".join(_node_server(site)))
    site.servers.start(["dnsmasq", "--keep-in-foreground", "-C", str(path)], lambda: _listens(HOST6))
    run = checks.run_from_node(site.plan, "bootstrap", _bash, phase="bootstrapping")
    results = [result async for result in run]
    wrong = [result for result in results if result.state != "ok"]
    assert {(result.id, result.subject) for result in wrong} == {
        ("dns.node", f"worker-0.{DOMAIN} AAAA @{HOST6}"),
        ("dns.node-ptr", f"fd00:99::40 @{HOST6}"),
    }
    assert {result.asked_from for result in results} == {"bootstrap"}


def _node_server(site: Site) -> list[str]:
    fixed = [f"listen-address={HOST6}", "port=53", "bind-interfaces", "no-resolv", "no-hosts", "user=root", "pid-file="]
    return [*fixed, *records(site.plan, "", {"worker_0": "10.99.0.40"}), ""]


def _listens(address: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, 53), 0.2):
        return True
    return False


async def _bash(command: str) -> bytes:
    child = await asyncio.create_subprocess_exec("bash", "-c", command, stdout=asyncio.subprocess.PIPE)
    return (await child.communicate())[0]
