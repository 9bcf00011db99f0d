"""Existing files, pasted or by their path: shown before they are taken over, and taken over as the command does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens.grid import grid
from tests.screens.test_journeys import form, paste, typed
from tui.app import OcpTui
from tui.plan.importers import take_over
from tui.plan.model import Plan
from tui.screens.importing import pasted
from tui.session.session import Session

Wizard = Callable[..., OcpTui]
SIZE = (80, 24)
DHCPD = """option routers 10.0.0.1;
option domain-name-servers 10.0.0.5;
subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.100 10.0.0.120; }
host master-1 { hardware ethernet 52:54:00:00:00:01; fixed-address 10.0.0.11; }
"""
ZONE = """$ORIGIN ocp4.shinefire.com.
$TTL 300
@ IN SOA ns root ( 1 2 3 4 5 )
master-1 IN A 10.0.0.11
api IN A 10.0.0.2
"""
HAPROXY = """frontend api
  bind 10.0.0.2:6443
  default_backend api
backend api
  server master-1 10.0.0.11:6443 check
"""
CONFIG = """apiVersion: v1
baseDomain: shinefire.com
metadata: {name: ocp4}
networking: {machineNetwork: [{cidr: 10.0.0.0/24}]}
platform: {none: {}}
"""
MIRRORS = """apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: idms}
spec:
  imageDigestMirrors:
  - source: quay.io/openshift-release-dev/ocp-release
    mirrors: [mirror.test:5000/ocp/release]
"""
TABLE = "name,ip,bmc,bmc user,bmc password\nmaster-1,10.0.0.11,10.9.0.1,admin,hunter22\n"
TWO = "master-1 192.168.31.77\nworker-9 192.168.31.99\n"


@pytest.mark.parametrize("text", [DHCPD, ZONE, HAPROXY, CONFIG, MIRRORS, TABLE])
@pytest.mark.parametrize("by_path", [False, True])
async def test_what_the_command_takes_the_screen_takes_too(
    wizard: Wizard, tmp_path: Path, text: str, by_path: bool
) -> None:
    app = wizard()
    file = tmp_path / "file"
    file.write_text(text)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("import")
        await paste(pilot, str(file) if by_path else text)
        await pilot.pause(0.2)
        assert "to take over" in grid(app)
        assert app.session.plan == Plan(), "nothing is changed before it is said so"
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.session.plan == take_over(Plan(), pasted(text).kind, text.encode()).plan
        assert app.session.plan != Plan()


async def test_a_bmc_password_in_a_pasted_table_is_kept_as_a_secret(wizard: Wizard) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await paste(pilot, TABLE)
        await pilot.pause(0.2)
        assert "hunter22" not in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.2)
        (node,) = app.session.plan.topology.nodes
        assert app.session.secrets.read(node.bmc.password) == b"hunter22"
        assert "hunter22" not in app.session.directory.plan.read_text("utf-8")


async def test_a_conflict_is_told_and_the_file_wins_only_where_it_is_asked_to(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await paste(pilot, TWO)
        await pilot.pause(0.2)
        assert "192.168.31.161 stays; the file says 192.168.31.77" in grid(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert len(app.session.plan.topology.nodes) == 6, "Esc leaves all as it is"
        await paste(pilot, TWO)
        await pilot.pause(0.2)
        await pilot.press("r")
        await pilot.pause(0.2)
        assert "192.168.31.77  (was 192.168.31.161)" in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.2)
        nodes = {node.name: node.address for node in app.session.plan.topology.nodes}
        assert (nodes["master-1"], nodes["worker-9"]) == ("192.168.31.77", "192.168.31.99")


async def test_a_line_that_is_not_taken_is_told_with_its_number_and_why(wizard: Wizard) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await paste(pilot, "name,ip\nm1,10.0.0.1\nm2-[3-1],10.0.0.2\n")
        await pilot.pause(0.2)
        shown = grid(app)
        assert "line 3: " in shown
        assert "1 to take over, 1 not taken" in shown


@pytest.mark.parametrize("text", ["hello there, whoever you are\nand more of it\n", "worker-[1-3] 10.0.0.[1-2]\nx y\n"])
async def test_what_names_no_machine_is_refused_in_a_sentence(wizard: Wizard, text: str) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await paste(pilot, text)
        await pilot.pause(0.2)
        assert "✗" in grid(app)
        assert app.session.plan == Plan()


async def test_a_file_is_known_wherever_it_is_pasted(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.mirrors[0]")
        await paste(pilot, MIRRORS)
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        (source,) = app.session.plan.network.mirrors
        assert source.mirrors == ["mirror.test:5000/ocp/release"]


async def test_a_path_that_is_not_there_is_told_and_can_be_mended(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard()
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await typed(pilot, f"{tmp_path}/none.conf", "enter")
        await pilot.pause(0.3)
        assert "cannot be read" in grid(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert form(app).typed.endswith("none.conf")


async def test_an_import_over_what_was_typed_is_no_clash_of_terminals(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        app.session.edit("network.gateway", "10.0.0.254")
        form(app).go("import")
        await paste(pilot, DHCPD)
        await pilot.pause(0.2)
        await pilot.press("r")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert app.session.plan.network.gateway == "10.0.0.1"
        other = Session(tmp_path / "session")
        other.edit("network.search_domain", "a.test")
        other.close()
        await pilot.pause(0.7)
        assert app.session.drafts() == {}
