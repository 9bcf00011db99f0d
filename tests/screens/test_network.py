"""The network step: its picture, its arithmetic, its proxy."""

from collections.abc import Callable

import pytest

from tests.screens.grid import grid, same_as_stored
from tests.screens.test_journeys import form
from tui.app import OcpTui
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
