"""A person at the keyboard: whole journeys through the wizard's steps."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.screens import made_up
from tests.screens.grid import grid
from tui.app import OcpTui
from tui.screens.form_page import FormPage
from tui.session.session import Session
from tui.widgets.form import Form

Wizard = Callable[..., OcpTui]
SIZE = (80, 24)


async def typed(pilot: Pilot[str], text: str, *then: str) -> None:
    """Types a text as quickly as a paste without brackets comes, then presses keys."""
    for character in text:
        pilot.app.post_message(Key(_character_to_key(character), character))
    await pilot.pause()
    await pilot.press(*then)


async def paste(pilot: Pilot[str], text: str) -> None:
    """Pastes a text at the cursor, as a terminal with bracketed paste does."""
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(Paste(text))
    await pilot.pause(0.1)


def form(app: OcpTui) -> Form:
    assert isinstance(app.screen, FormPage)
    return app.screen.form


async def test_a_whole_plan_is_typed_by_keyboard_and_is_there_after_a_restart(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        await typed(pilot, "ocp4", "tab")
        await typed(pilot, "shinefire.com", "tab", "enter")
        await pilot.pause(0.3)
        await typed(pilot, "4.7.7", "down", "down")
        await typed(pilot, "bootstrap 192.168.31.159", "enter")
        await pilot.pause(0.1)
        form(app).go("add-machines")
        await typed(pilot, "master-[1-3] 192.168.31.[161-163] /dev/sda", "enter")
        await pilot.pause(0.1)
        await pilot.press("ctrl+n")
        await pilot.pause(0.2)
        await typed(pilot, "192.168.31.0/24", "enter", "down")
        form(app).go("network.gateway")
        await typed(pilot, "192.168.31.1", "enter")
        await typed(pilot, "192.168.31.160", "enter")
        await typed(pilot, "192.168.31.100", "enter", "tab")
        await pilot.press("f4")
        await pilot.pause(0.2)
        await paste(pilot, made_up.SECRET.decode().replace(",", ",\n"))
        form(app).go("pull_secret.ssh_key")
        await paste(pilot, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINothingReal you@bastion\n")
        await pilot.press("f7")
        await pilot.pause(0.2)
        form(app).go("boot.listen")
        await typed(pilot, "192.168.31.10:8080")
        await pilot.press("ctrl+q")
    app.session.close()
    plan = Session(tmp_path / "session").plan
    assert plan.topology.cluster_name == "ocp4"
    assert plan.topology.version == "4.7.7"
    assert [(n.role, n.name, n.address) for n in plan.topology.nodes] == [
        ("bootstrap", "bootstrap", "192.168.31.159"),
        ("master", "master-1", "192.168.31.161"),
        ("master", "master-2", "192.168.31.162"),
        ("master", "master-3", "192.168.31.163"),
    ]
    assert plan.network.machine_networks == ["192.168.31.0/24"]
    assert plan.network.gateway == "192.168.31.1"
    assert plan.network.name_servers == ["192.168.31.160", "192.168.31.100"]
    assert plan.pull_secret.ssh_key.startswith("ssh-ed25519 ")
    assert plan.boot.listen == "192.168.31.10:8080"

    again = wizard(Session(tmp_path / "session"))
    async with again.run_test(size=SIZE) as pilot:
        await pilot.pause(0.3)
        assert "192.168.31.10:8080" in grid(again), "it opens on the step that was left"
        await pilot.press("f3")
        await pilot.pause(0.3)
        shown = grid(again)
        assert "192.168.31.160" in shown
        assert "192.168.31.100" in shown


async def test_a_text_that_does_not_fit_its_field_is_kept_and_explained(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.cluster_networks[0].host_prefix")
        await pilot.press("ctrl+u", *"2x", "down")
        await pilot.pause(0.2)
        form(app).go("network.cluster_networks[0].host_prefix")
        await pilot.pause(0.1)
        shown = grid(app)
        assert "not understood" in shown
        assert "is not a whole number" in shown
    app.session.close()
    again = wizard(Session(tmp_path / "session"))
    async with again.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert "2x" in grid(again)
        assert again.session.plan.network.cluster_networks[0].host_prefix == 23
        form(again).go("network.cluster_networks[0].host_prefix")
        await pilot.press("ctrl+u", *"24", "down")
        await pilot.pause(0.1)
        assert "not understood" not in grid(again)
        assert again.session.plan.network.cluster_networks[0].host_prefix == 24


async def test_what_is_typed_is_saved_without_leaving_the_field(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2", "ctrl+u", *"prod")
        await pilot.pause(0.6)
        assert "cluster_name: prod" in (tmp_path / "session" / "plan.yaml").read_text("utf-8")


async def test_two_terminals_on_one_session_see_each_other(wizard: Wizard, tmp_path: Path) -> None:
    app = wizard(decided=True)
    other = Session(tmp_path / "session")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        other.edit("network.gateway", "192.168.31.254")
        await pilot.pause(0.7)
        assert "192.168.31.254" in grid(app)
        form(app).go("network.gateway")
        await pilot.press("ctrl+u", *"192.168.31.2", "down")
        await pilot.pause(0.1)
        other.refresh()
        assert other.plan.network.gateway == "192.168.31.2"
        other.edit("network.gateway", "192.168.31.3")
        await pilot.pause(0.7)
        assert app.session.drafts()["network.gateway"].text == "192.168.31.2", "the loser's text is kept"
    other.close()


async def test_a_check_result_appears_at_its_field_without_a_key(wizard: Wizard) -> None:
    app = wizard(decided=True, asked=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert "refuses DNS" not in grid(app)
        from tui.session.store import Store

        engine = Store.open(app.session.directory.path)
        engine.put(*made_up.answers())
        engine.close()
        await pilot.pause(0.7)
        shown = grid(app)
        assert "✗ refuses DNS" in shown
        assert "✓ answers in 2 ms" in shown


async def test_f9_goes_to_the_field_that_a_failed_check_asked_about(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        await pilot.press("f9")
        await pilot.pause(0.1)
        here = form(app).here
        assert here is not None
        assert here.key == "network.name_servers[0]"
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert "Start the name server on it." in grid(app), "Enter there shows the repairs"
        await pilot.press("escape")


async def test_ctrl_r_asks_for_the_field_in_focus_first_then_for_the_step(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.name_servers[0]")
        await pilot.press("ctrl+r")
        await pilot.pause(0.1)
        jobs = [job.arguments for job in app.session.store.jobs() if job.kind == "check"]
        assert jobs == [{"only": ["dns.server"], "step": None}, {"only": [], "step": "network"}]


async def test_ctrl_e_asks_for_an_export_on_any_screen(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3", "f1", "ctrl+e")
        await pilot.pause(0.1)
        assert [job.kind for job in app.session.store.jobs() if job.kind == "export"] == ["export"]


async def test_every_function_key_opens_its_step(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        for number, step in enumerate(["topology", "network", "pull_secret", "artifacts", "generate", "boot"]):
            await pilot.press(f"f{number + 2}")
            await pilot.pause(0.2)
            assert step == app.screen.STEP  # type: ignore[attr-defined]
        await pilot.press("ctrl+t")
        await pilot.pause(0.1)
        assert app.screen.STEP == "generate"  # type: ignore[attr-defined]


async def test_help_opens_with_a_question_mark_only_where_nothing_is_typed(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2", "question_mark")
        await pilot.pause(0.6)
        assert app.session.plan.topology.cluster_name == "ocp4?"
        form(app).go("topology.shape")
        await pilot.press("question_mark")
        await pilot.pause(0.1)
        assert "What it leads to" in grid(app)


async def test_a_machine_is_removed_only_after_a_question(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.1)
        form(app).go("topology.nodes[5].name")
        await pilot.press("ctrl+d")
        await pilot.pause(0.2)
        assert "Take worker-2 out of the plan?" in grid(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert len(app.session.plan.topology.nodes) == 6
        await pilot.press("ctrl+d")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert [node.name for node in app.session.plan.topology.nodes][-1] == "worker-1"


async def test_a_pasted_table_of_machines_is_taken_in_whole(wizard: Wizard) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await paste(
            pilot,
            "name,ip,mac\nbootstrap,10.0.0.9,52:54:00:00:00:09\ncp-1,10.0.0.10,52:54:00:00:00:10\n"
            "node-1,10.0.0.20,52-54-00-00-00-20\n",
        )
        assert "topology.nodes[2]: worker node-1 10.0.0.20" in grid(app)
        assert app.session.plan.topology.nodes == [], "nothing is changed before it is said so"
        await pilot.press("enter")
        await pilot.pause(0.2)
        nodes = app.session.plan.topology.nodes
        assert [(n.role, n.name, n.address, n.mac) for n in nodes] == [
            ("bootstrap", "bootstrap", "10.0.0.9", "52:54:00:00:00:09"),
            ("master", "cp-1", "10.0.0.10", "52:54:00:00:00:10"),
            ("worker", "node-1", "10.0.0.20", "52:54:00:00:00:20"),
        ]


async def test_a_terminal_too_small_says_so_and_loses_nothing(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("network.gateway")
        await pilot.resize_terminal(40, 10)
        await pilot.pause(0.3)
        assert "too small" in grid(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.3)
        here = form(app).here
        assert here is not None
        assert here.key == "network.gateway"
        assert app.focused is form(app)


async def test_a_screen_that_fails_leaves_a_sentence_and_a_log_and_no_traceback(
    wizard: Wizard, capsys: pytest.CaptureFixture[str]
) -> None:
    app = wizard(decided=True)

    def fail() -> None:
        raise RuntimeError("a bug with you@shinefire.com bm90OnJlYWw=")

    async def run() -> None:
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("f2")
            app.call_later(fail)
            await pilot.pause(0.2)

    with pytest.raises(RuntimeError, match="a bug"):
        await run()
    said = capsys.readouterr().err
    assert "Nothing is lost" in said
    assert "Traceback" not in said
    log = (app.session.directory.path / "screen.log").read_text("utf-8")
    assert "a bug" in log
    assert "bm90OnJlYWw=" not in log, "a secret of the session never enters the log"


async def test_on_a_full_disk_the_screen_says_so_and_keeps_what_is_typed(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = wizard(decided=True)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        with monkeypatch.context() as disk:
            disk.setattr("tui.session.plan_file.PlanFile._write", full)
            form(app).go("network.gateway")
            await pilot.press("ctrl+u", *"10.0.0.1", "down")
            await pilot.pause(0.2)
            assert "Not saved" in grid(app)
            assert app.session.plan.network.gateway == "10.0.0.1"
        await pilot.press(*"1", "down")
        await pilot.pause(0.2)
        assert "Not saved" not in grid(app)
        assert "gateway: 10.0.0.1" in app.session.directory.plan.read_text("utf-8")


async def test_an_override_needs_a_reason_and_the_timeline_keeps_it(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        form(app).go("checks")
        await pilot.press("enter")
        await pilot.pause(0.3)
        await pilot.press("o", *"no DNS here", "escape")
        await pilot.pause(0.3)
        assert "overridden: no DNS here" in grid(app)
        assert "no DNS here" in [event.text for event in app.session.store.events()][-1]
        await pilot.press("escape")
        await pilot.pause(0.3)
        failed = [trouble.id for trouble in app.client.standing.of("network") if trouble.state == "failed"]
        assert "dns.server" not in failed


async def test_three_hundred_machines_are_shown_and_edited_as_quickly_as_six(wizard: Wizard) -> None:
    from time import process_time

    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("add-machines")
        await typed(pilot, "worker-[100-399]", "enter")
        await pilot.pause(0.2)
        assert len(app.session.plan.topology.nodes) == 306
        assert isinstance(app.screen, FormPage)
        start = process_time()
        for _ in range(5):
            app.screen.refresh_rows()
        assert (process_time() - start) / 5 < 0.05


async def test_a_plan_spoilt_by_hand_is_told_and_nothing_is_overwritten_by_looking(wizard: Wizard) -> None:
    app = wizard(decided=True)
    file = app.session.directory.plan
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.2)
        good = file.read_text("utf-8")
        file.write_text("topology: [", "utf-8")
        await pilot.pause(0.7)
        await pilot.press("f1")
        await pilot.pause(0.2)
        assert "not YAML" in " ".join(grid(app).split())
        await pilot.press("escape")
        assert file.read_text("utf-8") == "topology: ["
        assert app.session.plan.topology.cluster_name == "ocp4", "the plan known so far stays"
        file.write_text(good.replace("gateway: 192.168.31.1", "gateway: 192.168.31.9"), "utf-8")
        await pilot.pause(0.7)
        assert "192.168.31.9" in grid(app)


async def test_the_first_screen_offers_the_rehearsal(wizard: Wizard) -> None:
    app = wizard()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        await pilot.press("down", "down", "right", "enter")
        await pilot.pause(0.1)
    assert app.return_value == "lab"
