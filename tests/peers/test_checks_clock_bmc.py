"""Time servers and management controllers: faults made for real with chronyd and sushy-emulator."""

import re
import shutil
from collections.abc import Awaitable, Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from msgspec.structs import replace

from tests.peers.servers import servers_fixture  # noqa: F401
from tests.peers.site import TIME, Site, site_fixture  # noqa: F401
from tui import checks

pytestmark = pytest.mark.peers
Fault = Callable[[Site], Awaitable[None]]
OTHER = "10.99.0.7"


async def clocks_agree(site: Site) -> None:
    site.time_server()
    assert {result.state for result in await site.ask("clock")} == {"ok"}


async def skewed_clock(site: Site) -> None:
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    site.time_server(ahead=300)
    server, bastion = await site.one("clock.ntp", TIME), await site.one("clock.bastion")
    assert (server.state, bastion.state) == ("failed", "failed")
    found = re.search(r"clock is ([0-9.]+) s behind", bastion.evidence)
    assert found
    assert abs(float(found[1]) - 300) < 1
    assert (await checks.confirm(site.plan, {"id": "clock.ntp"}, site.secret))[0] == "confirmed"


async def slightly_skewed_clock(site: Site) -> None:
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed")
    site.time_server(ahead=-20)
    bastion = await site.one("clock.bastion")
    assert (bastion.state, "ahead of" in bastion.evidence) == ("warning", True)


async def unsynchronised_server(site: Site) -> None:
    site.time_server(synchronised=False)
    result = await site.one("clock.ntp", TIME)
    assert (result.state, "local stratum" in result.fix) == ("failed", True), result
    assert (await site.one("clock.bastion")).state == "unknown"


async def time_server_stopped(site: Site) -> None:
    site.time_server()
    site.servers.stop(0)
    result = await site.one("clock.ntp", TIME)
    assert (result.state, "connection refused" in result.evidence) == ("failed", True)
    assert (await site.one("clock.bastion")).state == "unknown"


async def one_of_two_time_servers_stopped(site: Site) -> None:
    site.network(ntp_servers=[TIME, OTHER])
    site.time_server(TIME)
    site.time_server(OTHER)
    site.servers.stop(0)
    assert (await site.one("clock.ntp", TIME)).state == "warning"
    assert (await site.one("clock.ntp", OTHER)).state == "ok"
    assert (await site.one("clock.bastion")).state == "ok"


async def controller_answers(site: Site) -> None:
    site.controller("calvin", given="calvin")
    result = await site.one("bmc.redfish", "master-0")
    assert (result.state, "Redfish 1." in result.evidence) == ("ok", True), result


async def controller_is_verified(site: Site) -> None:
    site.controller("calvin", given="calvin", verify=True)
    assert (await site.one("bmc.redfish", "master-0")).state == "ok"


async def controller_is_not_trusted(site: Site) -> None:
    site.controller("calvin", given="calvin", verify=True)
    site.plan = replace(site.plan, pull_secret=replace(site.plan.pull_secret, trust_bundle=""))
    result = await site.one("bmc.redfish", "master-0")
    assert (result.state, "fingerprint" in result.fix) == ("failed", True), result
    pem = next((site.servers.directory / "bmc").glob("*.crt")).read_bytes()
    fingerprint = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex(":").upper()
    assert f"SHA-256 {fingerprint}" in result.evidence


async def controller_refuses_the_password(site: Site) -> None:
    site.controller("calvin", given="hobbes99")
    result = await site.one("bmc.redfish", "master-0")
    assert (result.state, "401" in result.evidence) == ("failed", True), result
    assert "hobbes99" not in result.evidence + result.fix


async def controller_stopped(site: Site) -> None:
    site.controller("calvin", given="calvin")
    site.servers.stop(0)
    result = await site.one("bmc.redfish", "master-0")
    assert (result.state, "connection refused" in result.evidence) == ("failed", True), result


FAULTS = [
    clocks_agree,
    skewed_clock,
    slightly_skewed_clock,
    unsynchronised_server,
    time_server_stopped,
    one_of_two_time_servers_stopped,
    controller_answers,
    controller_is_verified,
    controller_is_not_trusted,
    controller_refuses_the_password,
    controller_stopped,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_clocks_and_controllers_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_clocks_and_controllers_is_named_rightly_a_hundred_times(
    site: Site, fault: Fault, turn: int
) -> None:
    await fault(site)
