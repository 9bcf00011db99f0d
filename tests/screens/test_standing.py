"""Where each step stands, from the session's facts alone."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.screens import made_up
from tui.monitor.model import Stage
from tui.plan.model import Problem
from tui.screens.away import folded
from tui.screens.client import Client, clock, lasting
from tui.screens.standing import HOUR, standing
from tui.session import stale
from tui.session.rows import Event

WRONG = Problem(id="x", severity="error", path="network.gateway", message="It is wrong.", fix="Mend it.")


def test_an_untouched_field_that_is_needed_is_work_to_do_and_no_mistake(tmp_path: Path) -> None:
    session = made_up.session(tmp_path, decided=False)
    stands = standing(session, [WRONG])
    assert stands.states["network"] == "todo"
    session.decide("network.gateway", "10.0.0.300")
    assert standing(session, [WRONG]).states["network"] == "failed"


def test_a_warning_does_not_hold_a_step_back(tmp_path: Path) -> None:
    session = made_up.session(tmp_path, asked=False, started=False)
    assert standing(session, [replace(WRONG, severity="warning")]).states["network"] == "done"


def test_a_failed_check_holds_its_step_until_it_is_overridden(tmp_path: Path) -> None:
    session = made_up.session(tmp_path, started=False)
    assert standing(session, []).states["network"] == "failed"
    session.store.put(*(replace(r, overridden="the lab has none") for r in made_up.answers()))
    assert standing(session, []).states["network"] == "done"


def test_generated_files_are_stale_after_an_edit_and_not_before(tmp_path: Path) -> None:
    session = made_up.session(tmp_path)
    stale.made(session.store, session.plan, "generate")
    assert standing(session, []).states["generate"] == "done"
    session.decide("network.gateway", "192.168.31.254")
    assert standing(session, []).states["generate"] == "stale"


def test_a_failed_run_is_not_done(tmp_path: Path) -> None:
    session = made_up.session(tmp_path)
    job = session.store.request("generate", configs_only=False)
    session.store.set_job(job, state="failed", message="refused")
    assert standing(session, []).states["generate"] == "todo"


def test_boot_is_done_with_the_bootstrap_and_monitor_with_the_installation(tmp_path: Path) -> None:
    session = made_up.session(tmp_path)
    assert standing(session, []).states["boot"] == "todo"
    session.store.put(Stage(id="bootstrap-complete", title="", state="done"))
    assert standing(session, []).states["boot"] == "done"
    assert standing(session, []).states["monitor"] == "todo"
    session.store.put(Stage(id="install-complete", title="", state="done"))
    assert standing(session, []).states["monitor"] == "done"


def test_the_certificate_clock_is_quiet_then_amber_then_red_and_says_expired(tmp_path: Path) -> None:
    stands = standing(made_up.session(tmp_path), [])
    made = made_up.THEN
    assert clock(stands, made + 2 * HOUR) == ("", "certs 22 h 00 min left")
    assert clock(stands, made + 13 * HOUR)[0] == "warning"
    assert clock(stands, made + 21 * HOUR)[0] == "failed"
    assert clock(stands, made + 25 * HOUR) == ("failed", "certs EXPIRED")


def test_times_are_told_in_two_units_at_most() -> None:
    told = [lasting(seconds * 1_000_000) for seconds in (0, 59, 61, 3700, 86_400 * 3)]
    assert told == ["0 s", "59 s", "1 min", "1 h 01 min", "3 days"]


def test_a_rule_that_breaks_does_not_take_the_screen_with_it(tmp_path: Path, monkeypatch: object) -> None:
    client = Client(made_up.session(tmp_path))
    client._judge(lambda *_, **__: 1 / 0, client.session.plan, "")  # type: ignore[arg-type]
    assert "could not judge" in client.trouble


def test_what_is_told_again_and_again_is_told_once_with_its_count() -> None:
    def event(number: int, text: str) -> Event:
        return Event(id=number, time=number, kind="job", text=text, data={})

    told = folded([event(1, "wait-for failed after 12 s"), event(2, "served"), event(3, "wait-for failed after 9 s")])
    assert [(one.text, times) for one, times in told] == [("served", 1), ("wait-for failed after 9 s", 2)]


def test_a_pull_secret_that_is_wrong_is_told_at_its_field_and_once_mended_no_more(tmp_path: Path) -> None:
    session = made_up.session(tmp_path)
    client = Client(session)
    client.look()
    assert client.standing.at("pull_secret.pull_secret") is None
    session.secrets.write("pull-secret.json", b'{"auths":{"quay.io":{"auth":"canary-7788"}}}')
    client.look()
    trouble = client.standing.at("pull_secret.pull_secret")
    assert trouble is not None, "the plan is the same, its secret is another"
    assert "canary" not in f"{trouble.sentence} {trouble.fix}"
    session.secrets.write("pull-secret.json", made_up.SECRET)
    client.look()
    assert client.standing.at("pull_secret.pull_secret") is None
    session.secrets.remove("pull-secret.json")
    client.look()
    assert client.standing.at("pull_secret.pull_secret") is not None, "a secret that was taken away is missed"


@pytest.mark.parametrize("on", [True, False])
def test_fips_is_judged_by_the_mode_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: bool) -> None:
    monkeypatch.setattr("tui.screens.client.in_fips_mode", lambda: on)
    session = made_up.session(tmp_path)
    session.decide("topology.version", "4.17.0")
    session.decide("generate.fips", True)
    client = Client(session)
    client.look()
    assert ("fips-host" in {trouble.id for trouble in client.standing.of("generate")}) is not on


def test_what_a_node_found_is_told_as_its_own(tmp_path: Path) -> None:
    session = made_up.session(tmp_path, started=False)
    failed = made_up.answers()[0]
    session.store.put(replace(failed, asked_from="worker-1.ocp4.shinefire.com"))
    told = {trouble.sentence for trouble in standing(session, []).of("network") if trouble.id == failed.id}
    assert told == {failed.evidence, f"From worker-1: {failed.evidence}"}
