"""The network step: its picture, its arithmetic, its proxy."""

from collections.abc import Callable

import pytest

from tests.screens.grid import grid, same_as_stored
from tests.screens.test_journeys import form
from tui.app import OcpTui

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
