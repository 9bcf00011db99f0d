"""The network step: its picture, its arithmetic, its proxy."""

from collections.abc import Callable

import pytest

from tests.screens.grid import grid, same_as_stored
from tests.screens.test_journeys import form, paste
from tui.app import OcpTui
from tui.generate.install_config import install_config
from tui.plan.model import ClusterNetwork, MirrorSource
from tui.screens.form_page import FormPage

Wizard = Callable[..., OcpTui]
SIZE = (80, 24)
SCROLL_BAR = dict.fromkeys(map(ord, "▁▂▃▄▅▆▇"), " ")
"""Textual's own; they say how far one has scrolled, which the arrows tell too."""


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_picture_looks_as_stored(wizard: Wizard, monkeypatch: pytest.MonkeyPatch, ascii_only: bool) -> None:
    if ascii_only:
        monkeypatch.setenv("OCP_TUI_ASCII", "1")
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert "^G picture" in grid(app)
        await pilot.press("ctrl+g")
        await pilot.pause(0.3)
        shown = grid(app).translate(SCROLL_BAR)
        assert not ascii_only or shown.isascii()
        shown = "\n".join(line.rstrip() for line in shown.splitlines()) + "\n"
        same_as_stored("picture-ascii" if ascii_only else "picture-80x24", shown)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert "Machine network" in grid(app)


async def test_the_picture_is_among_all_commands_of_this_step(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        await pilot.press("ctrl+p", *"who talks")
        await pilot.pause(0.6)
        await pilot.press("enter")
        await pilot.pause(0.4)
        assert "Load balancer of ocp4.shinefire.com" in grid(app)


async def test_what_is_being_typed_is_in_the_picture(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.ntp_servers[0]")
        await pilot.press("ctrl+u", *"ntp.test", "ctrl+g")
        await pilot.pause(0.3)
        assert "ntp.test" in grid(app)


async def test_dual_stack_is_typed_into_the_form(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.machine_networks[0]")
        await pilot.press("end", "space", *"fd00:31::/64", "down")
        await pilot.pause(0.1)
        form(app).go("network.cluster_networks[1].cidr")
        await pilot.press(*"fd01::/48", "down")
        await pilot.pause(0.1)
        form(app).go("network.service_networks[0]")
        await pilot.press("end", "enter", *"x", "backspace", *"172.30.0.0/16", "enter", *"fd02::/112", "down")
        await pilot.pause(0.1)
        network = app.session.plan.network
        assert network.machine_networks == ["192.168.31.0/24", "fd00:31::/64"]
        assert [(one.cidr, one.host_prefix) for one in network.cluster_networks] == [
            ("10.128.0.0/14", 23),
            ("fd01::/48", 64),
        ]
        assert "fd02::/112" in network.service_networks
        shown = grid(app)
        assert "host prefix 23   512 nodes" in shown
        assert "host prefix 64   65536 nodes" in shown
        assert isinstance(app.screen, FormPage)
        form(app).go("network.cluster_networks[0].host_prefix")
        told = app.screen.preview(app.session.plan)
        assert "10.128.0.0/14 cut at /23: room for 512 nodes, 510 pod addresses each." in told
        assert "fd01::/48 cut at /64: room for 65536 nodes" in told
        form(app).go("network.cluster_networks[1].cidr")
        await pilot.press("ctrl+u", "down")
        await pilot.pause(0.1)
        assert len(app.session.plan.network.cluster_networks) == 1, "an emptied second network is none"


async def test_what_no_proxy_lacks_is_computed_shown_and_taken_by_one_key(wizard: Wizard) -> None:
    app = wizard(decided=True)
    app.session.decide("network.proxy.http", "http://proxy.test:3128")
    app.session.decide("network.mirrors", [MirrorSource(source="quay.io/a", mirrors=["mirror.test:5000/a"])])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.proxy.http")
        await app.workers.wait_for_complete()
        await pilot.pause(0.6)
        await app.workers.wait_for_complete()
        await pilot.pause(0.1)
        assert "It still lacks: .ocp4.shinefire.com" in grid(app)
        assert isinstance(app.screen, FormPage)
        side = app.screen._side.content.plain
        assert "It still lacks: .ocp4.shinefire.com, mirror.test" in side
        assert "The installer adds: 127.0.0.1, localhost, .svc" in side
        form(app).go("computed-no-proxy")
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.session.plan.network.proxy.no_proxy == [".ocp4.shinefire.com", "mirror.test"]
        assert "[ add " not in grid(app)


async def test_a_plan_without_any_cluster_network_can_be_filled(wizard: Wizard) -> None:
    app = wizard(decided=True)
    app.session.decide("network.cluster_networks", [])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.cluster_networks[0].host_prefix")
        await pilot.press(*"23", "up", "down")
        await pilot.pause(0.1)
        form(app).go("network.cluster_networks[0].cidr")
        await pilot.press("ctrl+u", *"10.1.0.0/16", "down")
        await pilot.pause(0.1)
        assert app.session.plan.network.cluster_networks == [ClusterNetwork(cidr="10.1.0.0/16", host_prefix=23)]


async def test_any_number_of_cluster_networks_is_held_and_an_emptied_one_alone_goes(wizard: Wizard) -> None:
    app = wizard(decided=True)
    three = [ClusterNetwork(cidr=f"10.{n}.0.0/16", host_prefix=23) for n in (1, 2, 3)]
    app.session.decide("network.cluster_networks", three)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert "10.3.0.0/16" in grid(app)
        form(app).go("network.cluster_networks[2].host_prefix")
        await pilot.press("enter", *"10.4.0.0/16", "enter")
        await pilot.pause(0.2)
        form(app).go("network.cluster_networks[1].cidr")
        await pilot.press("ctrl+u")
        await pilot.pause(0.6)
        assert "10.3.0.0/16" in grid(app), "nothing moves while the line is still under the cursor"
        await pilot.press("up")
        await pilot.pause(0.2)
        kept = app.session.plan.network.cluster_networks
        assert [(one.cidr, one.host_prefix) for one in kept] == [
            ("10.1.0.0/16", 23),
            ("10.3.0.0/16", 23),
            ("10.4.0.0/16", 23),
        ]


async def test_cluster_networks_are_pasted_as_lines(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.cluster_networks[0].cidr")
        await paste(pilot, "10.1.0.0/16 24\n10.2.0.0/16 24\nfd01::/48 64\n")
        await pilot.pause(0.2)
        networks = app.session.plan.network.cluster_networks
        assert [one.cidr for one in networks] == ["10.1.0.0/16", "10.2.0.0/16", "fd01::/48"]


async def test_an_emptied_name_server_goes_when_it_is_left_and_not_under_the_typing_hands(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.name_servers[0]")
        await pilot.press("ctrl+u")
        await pilot.pause(0.6)
        await pilot.press(*"192.168.31.7", "down")
        await pilot.pause(0.2)
        assert app.session.plan.network.name_servers == ["192.168.31.7", "192.168.31.100"]


async def test_the_proxys_account_is_kept_as_a_secret_never_shown_and_can_be_forgotten(wizard: Wizard) -> None:
    app = wizard(decided=True)
    app.session.decide("network.proxy.http", "http://proxy.test:3128")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.proxy.credentials")
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press(*"me:hunter2@x")
        assert "hunter2" not in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.2)
        shown = grid(app)
        assert "stored, not shown" in shown
        assert "hunter2" not in shown
        plan = app.session.plan
        path = app.session.secrets.path(plan.network.proxy.credentials)
        assert path.read_bytes() == b"me:hunter2@x"
        assert path.stat().st_mode & 0o777 == 0o600
        assert "hunter2" not in app.session.directory.plan.read_text("utf-8")
        config = install_config(plan, lambda name: app.session.secrets.read(name).decode())
        assert "httpProxy: http://me:hunter2%40x@proxy.test:3128" in config
        await pilot.press("ctrl+d", "enter")
        await pilot.pause(0.2)
        assert app.session.plan.network.proxy.credentials == ""
        assert not path.exists()


async def test_an_account_in_a_proxys_url_is_moved_to_the_secret(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.proxy.https")
        await paste(pilot, "http://me:p%40ss@proxy.test:3128")
        await pilot.pause(0.5)
        proxy = app.session.plan.network.proxy
        assert proxy.https == "http://proxy.test:3128"
        assert app.session.secrets.read(proxy.credentials) == b"me:p@ss"
        assert "ss@" not in app.session.directory.plan.read_text("utf-8")


async def test_an_account_without_a_colon_is_not_taken(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.proxy.credentials")
        await pilot.press("enter", *"justme", "enter")
        await pilot.pause(0.2)
        assert "USER:PASSWORD, with the colon" in grid(app)
        assert app.session.plan.network.proxy.credentials == ""
