"""Every screen as stored text, at 80x24 and 120x40, in Unicode and ASCII."""

from collections.abc import Callable
from importlib import import_module

import pytest

from tests.screens import made_up
from tests.screens.grid import grid, same_as_stored
from tui.app import OcpTui

Wizard = Callable[..., OcpTui]
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
MADE = {name: f"# {name}\nmetadata:\n  name: ocp4\n" for name in ("install-config.yaml", "README.md")}
NEEDS = [{"kind": "installer", "title": "openshift-install", "names": "", "required": True, "why": "makes Ignition"}]
STEPS = ["topology", "network", "pull_secret", "artifacts", "generate", "boot"]


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that changes with the hour, or with the rules and templates of other rooms."""
    monkeypatch.setattr("tui.screens.preview.rendered", lambda plan: MADE)
    monkeypatch.setattr("tui.screens.preview.kernel_line", lambda plan, number: "kernel arguments\nip=…")
    monkeypatch.setattr("tui.screens.boot.kernel_line", lambda plan, number: "kernel arguments\nip=…")
    monkeypatch.setattr("tui.plan.rules.judge", lambda *_, **__: [])
    monkeypatch.setattr("tui.screens.artifacts.needed", lambda plan: NEEDS)
    monkeypatch.setattr("tui.session.database.Database.clock", lambda _store: made_up.frozen())
    for name in ("client", "jobs", "begin", "away"):
        monkeypatch.setattr(import_module(f"tui.screens.{name}"), "now", made_up.frozen)


@pytest.mark.parametrize("size", SIZES)
async def test_first_start_looks_as_stored(wizard: Wizard, size: str) -> None:
    app = wizard(decided=False)
    async with app.run_test(size=SIZES[size]) as pilot:
        await pilot.pause(0.2)
        same_as_stored(f"welcome-{size}", grid(app))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", STEPS)
async def test_a_step_looks_as_stored(wizard: Wizard, monkeypatch: pytest.MonkeyPatch, step: str, size: str) -> None:
    stop_clock(monkeypatch)
    app = wizard(decided=True)
    async with app.run_test(size=SIZES[size]) as pilot:
        await pilot.press(f"f{STEPS.index(step) + 2}")
        await app.workers.wait_for_complete()
        await pilot.pause(0.8)
        await app.workers.wait_for_complete()
        await pilot.pause()
        same_as_stored(f"{step}-{size}", grid(app))


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_in_ascii_has_no_other_character(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setenv("OCP_TUI_ASCII", "1")
    stop_clock(monkeypatch)
    app = wizard(decided=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(f"f{STEPS.index(step) + 2}")
        await pilot.pause(0.3)
        shown = grid(app)
        assert shown.isascii(), sorted({c for c in shown if ord(c) > 127})
        if step == "network":
            same_as_stored("network-ascii", shown)


async def test_without_colour_every_state_is_still_told_by_mark_and_word(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = wizard(decided=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.3)
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.background_colors[1]):
                style = segment.style
                assert style is None or style.color is None or style.color.is_default, segment
        assert "✗ refuses DNS" in grid(app)


async def test_coming_back_tells_what_happened_meanwhile(wizard: Wizard, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    from tui.screens.client import LAST, Last

    stop_clock(monkeypatch)
    session = made_up.session(wizard.__closure__[0].cell_contents / "away")  # type: ignore[index]
    monkeypatch.setattr("tui.session.database.Database.clock", lambda _store: made_up.THEN + 14 * made_up.MINUTE)
    session.store.tell("stage", "bootstrap complete", state="done")
    session.store.tell("hint", "192.168.31.160 refuses to answer the bootstrap's DNS", state="failed")
    session.store.tell("job", "[bold]two[/] CSRs wait \x1b]52;c;aGk=\x07", state="warning")
    monkeypatch.undo()
    stop_clock(monkeypatch)
    session.store.keep(LAST, msgspec.json.encode(Last("network", made_up.frozen() - 41 * made_up.MINUTE, 0)))
    app = wizard(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        shown = grid(app)
        same_as_stored("away-80x24", shown)
        assert "[bold]two[/] CSRs wait" in shown
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert "Name servers" in grid(app)
