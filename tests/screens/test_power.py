"""Machines switched from the boot step: every key asks first, and says what is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.screens import made_up
from tui.app import OcpTui
from tui.screens.boot import POWER, BootScreen
from tui.screens.choice_page import ChoicePage
from tui.screens.power import question
from tui.session.session import Session
from tui.widgets import marks


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr("tui.engine.client.attach", lambda _session: "")
    monkeypatch.setattr(marks, "_needs_ascii", lambda: False)
    return made_up.session(tmp_path / "s")


@asynccontextmanager
async def page(session: Session) -> AsyncIterator[Pilot[None]]:
    """The page of controllers, opened from the boot step by keyboard."""
    app = OcpTui(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("f7")
        await pilot.pause(0.4)
        screen = app.screen
        assert isinstance(screen, BootScreen)
        screen.show_field(POWER)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert isinstance(app.screen, ChoicePage)
        yield pilot


def text(pilot: Pilot[None]) -> str:
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)


def asked(session: Session) -> list[dict[str, object]]:
    return [job.arguments for job in session.store.jobs() if job.kind == "power"]


async def test_a_machine_is_switched_off_only_after_a_yes(session: Session) -> None:
    async with page(session) as pilot:
        assert "no controller is planned" in text(pilot)
        await pilot.press("x")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, ChoicePage), "the bootstrap has no controller: there is nothing to ask"
        await pilot.press("down", "x")
        await pilot.pause(0.2)
        assert "Switch master-1 off at once" in text(pilot)
        await pilot.press("n")
        assert asked(session) == []
        await pilot.press("x")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert asked(session) == [{"nodes": ["master-1"], "action": "off"}]


async def test_all_that_have_not_begun_are_installed_at_once_and_the_loss_is_said(session: Session) -> None:
    async with page(session) as pilot:
        await pilot.press("I")
        await pilot.pause(0.2)
        shown = " ".join(text(pilot).split())
        assert "is lost once the installer writes" in shown
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert asked(session) == [{"nodes": ["master-2", "master-3"], "action": "install"}], "master-1 is busy"


def test_every_action_has_a_question_that_names_its_machines() -> None:
    plan = made_up.plan()
    for action in ("on", "off", "restart", "install"):
        told = question(plan, plan.topology.nodes[1:3], action)
        assert "master-1, master-2" in told
        assert told.count("?") == 1
