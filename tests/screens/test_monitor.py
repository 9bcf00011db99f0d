"""The monitor: what a person sees of a failing bootstrap, and what each key does there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.screens import scene
from tui.app import OcpTui
from tui.hints.model import Hint, Until
from tui.lines import Line
from tui.monitor.model import ClusterObject, Stage
from tui.screens.monitor import MonitorScreen
from tui.session.rows import LabRow, Mute, NodeRow, Repair
from tui.session.session import Session
from tui.session.store import Store
from tui.widgets import marks
from tui.widgets.journal_panel import JournalPanel


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr("tui.engine.client.attach", lambda _session: "")
    monkeypatch.setattr("tui.session.database.Database.clock", lambda _self: scene.START + 150 * scene.SECOND)
    monkeypatch.setattr(marks, "_needs_ascii", lambda: False)
    return scene.failing(tmp_path / "s")


@asynccontextmanager
async def monitor(
    session: Session, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[Pilot[None], MonitorScreen]]:
    app = OcpTui(session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        await pilot.press("f8")
        await pilot.pause(0.4)
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        yield pilot, screen


def text(pilot: Pilot[None]) -> str:
    """The screen as plain text."""
    width, height = pilot.app.size
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[:width].rstrip() for strip in lines[:height])


def panels(screen: MonitorScreen) -> list[JournalPanel]:
    return [panel for panel in screen.query(JournalPanel) if panel.display]


async def test_the_cause_stands_beside_its_line_and_the_cure_below_it(session: Session) -> None:
    async with monitor(session, (80, 24)) as (pilot, _screen):
        shown = text(pilot)
        assert "✗ 192.168.31.160 refuses to answer the bootstrap's DNS" in shown
        assert "fatal, 30 times since 05:38:02, confirmed" in shown
        assert "1  on the bastion: systemctl enable --now named" in shown
        lines = shown.splitlines()
        card = next(n for n, line in enumerate(lines) if "✗ 192.168.31.160 refuses" in line)
        assert "Error: error pulling image" in lines[card - 1]


async def test_the_stage_line_says_which_stage_how_long_and_how_long_it_usually_takes(session: Session) -> None:
    async with monitor(session) as (pilot, _screen):
        assert "stage 3 of 6  Release image  2 min, usual under 1 min" in text(pilot)


async def test_one_panel_at_80_columns_two_at_120_three_at_180(session: Session) -> None:
    for width, count in ((80, 1), (120, 2), (180, 3)):
        async with monitor(session, (width, 30)) as (_pilot, screen):
            assert len(panels(screen)) == count


async def test_z_zooms_one_panel_and_back(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("tab", "z")
        assert [panel.number for panel in panels(screen)] == [2]
        await pilot.press("z")
        assert len(panels(screen)) == 2


async def test_following_shows_new_lines_and_scrolling_up_stops_it_and_says_so(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        panel = panels(screen)[0]
        newest, engine = session.store.last_line(), Store(session.directory.database)
        engine.add_lines([Line(text="a new line", source=scene.full("bootstrap"), number=newest + 1)])
        await pilot.pause(0.5)
        assert panel.shown()[-1].text == "a new line"
        await pilot.press("up")
        assert not panel.following
        assert "stopped, End follows" in text(pilot)
        before = panel.shown()
        engine.add_lines([Line(text="one more", source=scene.full("bootstrap"), number=newest + 2)])
        await pilot.pause(0.5)
        assert panel.shown() == before, "nothing jumps while the person reads"
        await pilot.press("end")
        assert panel.shown()[-1].text == "one more"


async def test_space_holds_still_and_counts_what_came_meanwhile(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("space")
        newest, engine = session.store.last_line(), Store(session.directory.database)
        engine.add_lines([Line(text="x", source=scene.full("bootstrap"), number=newest + 1)])
        await pilot.pause(0.5)
        assert "paused, 1 new" in text(pilot)
        await pilot.press("space")
        assert panels(screen)[0].shown()[-1].text == "x"


async def test_search_goes_back_from_the_end_line_by_line_and_forward_again(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("slash", *"retrying", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)
        panel = panels(screen)[0]
        assert panel.here == 90
        await pilot.press("n")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)
        assert panel.here == 87
        await pilot.press("N")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)
        assert panel.here == 90


async def test_a_search_types_letters_and_does_not_run_commands(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("slash", "z", "x", "m", "question_mark", "escape")
        assert len(panels(screen)) == 2
        assert session.store.facts(Mute) == []


async def test_e_goes_from_error_to_error(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)
        assert panels(screen)[0].here == 89
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)
        assert panels(screen)[0].here == 86


async def test_a_filter_shows_only_lines_that_have_the_text(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("f", "f", "a", "i", "l", "e", "d", "full_stop", "enter")
        await pilot.pause(0.3)
        assert {line.text.partition(" ")[0] for line in panels(screen)[0].shown()} == {"Pull"}
        await pilot.press("f", "ctrl+u", "exclamation_mark", "enter")
        await pilot.pause(0.3)
        assert {line.priority for line in panels(screen)[0].shown()} == {3}


async def test_enter_opens_the_whole_card_and_escape_comes_back(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("enter")
        await pilot.pause(0.2)
        shown = text(pilot)
        assert "How to know that it worked" in shown
        assert "dig @192.168.31.160 quay.io" in shown
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert pilot.app.screen is screen


async def test_what_is_normal_for_now_says_what_it_is_if_it_goes_on(session: Session) -> None:
    (dns,) = [hint for hint in session.store.facts(Hint) if hint.id == "bootstrap-dns-refused"]
    session.store.put(replace(dns, severity="transient", becomes="fatal", until=Until(time=dns.last)))
    async with monitor(session) as (pilot, _screen):
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert "If it goes on, it is fatal and this is the cause." in text(pilot)


async def test_v_asks_the_engine_to_confirm(session: Session) -> None:
    async with monitor(session) as (pilot, _screen):
        await pilot.press("v")
        (job,) = [job for job in session.store.jobs() if job.kind == "confirm"]
        assert job.arguments == {
            "id": "bootstrap-dns-refused",
            "node": scene.full("bootstrap"),
            "unit": "release-image",
        }


async def test_x_mutes_a_hint_and_the_session_log_keeps_that(session: Session) -> None:
    async with monitor(session) as (pilot, _screen):
        await pilot.press("x")
        await pilot.pause(0.2)
        assert "refuses to answer" not in text(pilot)
        assert [mute.hint for mute in session.store.facts(Mute)] == ["bootstrap-dns-refused"]
        assert any("Muted" in event.text for event in session.store.events())


async def test_y_copies_the_command_and_shows_it_to_select(session: Session) -> None:
    async with monitor(session) as (pilot, _screen):
        await pilot.press("y")
        await pilot.pause(0.2)
        assert pilot.app.clipboard == "systemctl enable --now named"
        assert "systemctl enable --now named" in text(pilot)


async def test_m_merges_all_nodes_into_one_panel(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("m")
        await pilot.pause(0.3)
        assert {line.source for line in panels(screen)[0].shown()} >= {scene.full("bootstrap"), "file server"}


async def test_g_lists_the_nodes_and_enter_shows_one(session: Session) -> None:
    async with monitor(session) as (pilot, screen):
        await pilot.press("g")
        await pilot.pause(0.2)
        assert "master-1" in text(pilot)
        await pilot.press("down", "enter")
        await pilot.pause(0.2)
        assert panels(screen)[0].sources == (scene.full("master-1"),)


async def test_a_lists_requests_with_a_verdict_and_p_approves_the_one_in_focus(session: Session) -> None:
    data = {"verdict": "approve", "node": scene.full("worker-1"), "signer": "kubernetes.io/kubelet-serving"}
    session.store.put(ClusterObject(kind="csr", name="csr-x7k2p", state="pending", message="all rules hold", data=data))
    async with monitor(session) as (pilot, _screen):
        await pilot.press("a")
        await pilot.pause(0.2)
        assert "approve   worker-1       serving  csr-x7k2p  all rules hold" in text(pilot)
        await pilot.press("p")
        assert [job.arguments for job in session.store.jobs() if job.kind == "approve"] == [{"csr": "csr-x7k2p"}]


async def test_hostile_text_changes_nothing_but_its_own_line(session: Session) -> None:
    newest = session.store.last_line()
    texts = ["[bold red]x[/] [/] {{7*7}}", "\ufffd]52;c;AAAA\ufffd", "wide 网络错误 text"]
    lines = [Line(text=t, source=scene.full("bootstrap"), number=newest + n) for n, t in enumerate(texts, 1)]
    session.store.add_lines(lines)
    session.store.forget(Hint)
    async with monitor(session, (80, 24)) as (pilot, _screen):
        shown = text(pilot)
        assert "[bold red]x[/] [/] {{7*7}}" in shown
        assert "wide 网络错误 text" in shown


async def test_the_end_says_what_was_made_and_where_but_not_the_password(session: Session) -> None:
    session.store.put(Stage(id="install-complete", title="Installation complete", state="done", started=1, ended=2))
    (session.directory.install / "auth").mkdir(parents=True)
    (session.directory.install / "auth" / "kubeadmin-password").write_text("canary-pass-word-wordy")
    async with monitor(session) as (pilot, _screen):
        shown = text(pilot)
        assert "Installation complete" in shown
        assert "https://console-openshift-console.apps.ocp4.shinefire.com" in shown
        assert "canary-pass" not in shown


async def test_the_labs_world_takes_repairs(session: Session) -> None:
    session.decide("lab", True)
    session.store.put(
        LabRow(id="dns", title="Name server", state="stopped"),
        LabRow(id="repair:start-dns", title="Start the name server", state="offered"),
    )
    async with monitor(session) as (pilot, _screen):
        await pilot.press("ctrl+l")
        await pilot.pause(0.2)
        assert "LAB: the rehearsal's world" in text(pilot)
        await pilot.press("home", "enter")
        assert [repair.id for repair in session.store.facts(Repair)] == ["start-dns"]
        await pilot.press("escape", "enter")
        await pilot.pause(0.2)
        assert text(pilot).splitlines()[0].strip().startswith("LAB "), "a page over a step says so too"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_unicode_the_same_is_said(
    session: Session, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "_needs_ascii", lambda: True)
    async with monitor(session, size) as (pilot, _screen):
        shown = text(pilot)
        assert "X 192.168.31.160 refuses" in shown
        assert shown.replace("…", "").isascii(), [c for c in shown if not c.isascii()]


async def test_a_changed_host_key_is_told_and_forgotten_only_after_a_yes(session: Session) -> None:
    name = scene.full("master-1")
    why = "master-1 (192.168.31.161:22) shows another host key (ssh-ed25519) than the one pinned in known_hosts."
    session.store.put(NodeRow(name=name, link="refused", link_kind="host-key-changed", link_detail=why))
    async with monitor(session, (80, 24)) as (pilot, _screen):
        assert "shows another host key" in text(pilot)
        assert "k forgets the old key" in " ".join(text(pilot).split())
        await pilot.press("k")
        await pilot.pause(0.2)
        assert "Was master-1" in text(pilot)
        await pilot.press("n")
        assert not [job for job in session.store.jobs() if job.kind == "forget-host"]
        await pilot.press("g")
        await pilot.pause(0.2)
        await pilot.press("down", "k")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert [job.arguments for job in session.store.jobs() if job.kind == "forget-host"] == [{"node": name}]


async def test_a_live_system_that_rejects_our_key_for_now_is_no_alarm(session: Session) -> None:
    row = NodeRow(name=scene.full("master-1"), link="refused", link_kind="key-rejected", link_detail="no entry")
    session.store.put(row)
    async with monitor(session, (80, 24)) as (pilot, _screen):
        assert "no entry" not in text(pilot)
        await pilot.press("k")
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, MonitorScreen), "there is nothing to ask"
