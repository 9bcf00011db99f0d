"""wait-for as openshift-install 4.7 to 4.20 really printed it: what is understood, and that no password gets out."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.monitor.corpus import DATA
from tui.monitor.waitfor import Event, Goal, Outcome, Parser, command, run, seconds

RECORDINGS = sorted((DATA / "recordings").glob("*/wait-for/*.json"))
_PASSWORD = re.compile(r'password: \\?"([^"\\]+)')


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "recordings" / name).read_text())
    return found


def understood(name: str) -> tuple[list[Event], Outcome]:
    recording = recorded(name)
    parser = Parser()
    events = [parser.line(text) for _, stream, text in recording["lines"] if stream != "exit"]
    exit_code = -2 if recording["exit"] is None else recording["exit"]
    return [event for event in events if event is not None], parser.ended(exit_code)


def course(events: list[Event]) -> list[str]:
    """The kinds in order, without logs and repetitions."""
    kinds = [f"{event.kind}:{event.what}" if event.what else event.kind for event in events if event.kind != "log"]
    return [kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind]


def test_all_recordings_are_there() -> None:
    assert len(RECORDINGS) > 45
    assert {path.parent.parent.name for path in RECORDINGS} == {"4.7", "4.8", "4.15", "4.20-dev"}


BOOTSTRAP = ["limit:api", "waiting:api", "api-up", "limit:bootstrap", "waiting:bootstrap"]
REMOVAL = ["limit:etcd-member", "waiting:etcd-member"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("4.7/wait-for/bootstrap-ok.json", [*BOOTSTRAP, "safe"]),
        ("4.8/wait-for/bootstrap-ok.json", [*BOOTSTRAP, "safe"]),
        ("4.15/wait-for/bootstrap-ok.json", [*BOOTSTRAP, "safe"]),
        ("4.15/wait-for/sno-bootstrap-ok.json", [*BOOTSTRAP, *REMOVAL, "safe"]),
        ("4.20-dev/wait-for/bootstrap-ok.json", [*BOOTSTRAP, *REMOVAL, "safe"]),
        (
            "4.7/wait-for/install-ok.json",
            [
                "limit:cluster",
                "waiting:cluster",
                "initialized",
                "limit:console",
                "waiting:console",
                "complete",
                "console",
            ],
        ),
        (
            "4.20-dev/wait-for/install-ok.json",
            [
                "limit:cluster",
                "waiting:cluster",
                "initialized",
                "limit:operators",
                "waiting:operators",
                "stable",
                "limit:console",
                "complete",
            ],
        ),
    ],
)
def test_a_good_run_is_followed_step_by_step(name: str, expected: list[str]) -> None:
    events, outcome = understood(name)
    assert course(events) == expected
    assert outcome.state == "complete"
    assert outcome.exit_code == 0


def test_the_console_is_told_and_the_password_is_not() -> None:
    events, outcome = understood("4.15/wait-for/install-ok-info.json")
    assert outcome.console == "https://console-openshift-console.apps.ocp4.example.com"
    assert [event.url for event in events if event.kind == "console"] == [outcome.console]


def test_no_password_ever_leaves_the_parser() -> None:
    passwords = 0
    for path in RECORDINGS:
        told = path.read_text()
        events, outcome = understood(str(path.relative_to(DATA / "recordings")))
        for password in _PASSWORD.findall(told):
            passwords += 1
            assert password not in repr(events)
            assert password not in repr(outcome)
    assert passwords >= 5


@pytest.mark.parametrize(
    "line",
    [
        'INFO Login to the console with user: "kubeadmin", and password: "AbCdE-FgHiJ-KlMnO-PqRsT"',
        'time="2020-04-02T13:47:26-07:00" level=info msg="Login to the console with user: kubeadmin, password: Ab-c"',
        'level=info msg=Login to the console with user: "kubeadmin", and password: "AbCdE-FgHiJ-KlMnO-PqRsT"',
        "\x1b[36mINFO\x1b[0m Password is AbCdE-FgHiJ-KlMnO-PqRsT",
    ],
)
def test_a_password_is_dropped_in_every_form(line: str) -> None:
    assert Parser().line(line) is None


@pytest.mark.parametrize(
    ("name", "failed_at", "timed_out", "says"),
    [
        ("4.7/wait-for/fast120-bootstrap-refused.json", "api", True, "connection refused"),
        ("4.8/wait-for/refused-20min.json", "api", True, "connection refused"),
        ("4.15/wait-for/nxdomain.json", "api", True, "no such host"),
        ("4.15/wait-for/bootstrap-timeout-30min.json", "bootstrap", True, "timed out waiting for the condition"),
        ("4.15/wait-for/fast120-sno-etcd-not-removed.json", "etcd-member", True, "context deadline exceeded"),
        ("4.15/wait-for/install-timeout-40min.json", "cluster", True, "authentication is not available"),
        ("4.15/wait-for/fast120-install-unstable-missing-progressing.json", "operators", True, "not stable: [etcd]"),
        ("4.8/wait-for/install-no-route-api.json", "console", True, "openshift-console URL"),
        ("4.8/wait-for/install-no-ingress-cert.json", "console", False, "default-ingress-cert"),
    ],
)
def test_a_failure_says_where_and_why(name: str, failed_at: str, timed_out: bool, says: str) -> None:
    _, outcome = understood(name)
    assert outcome.state == "failed"
    assert (outcome.failed_at, outcome.timed_out) == (failed_at, timed_out)
    assert says in outcome.reason


@pytest.mark.parametrize("version", ["4.7", "4.8", "4.15", "4.20-dev"])
def test_an_interruption_is_no_failure(version: str) -> None:
    _, outcome = understood(f"{version}/wait-for/bootstrap-sigint.json")
    assert outcome.state == "interrupted"


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_recording_ends_as_its_exit_code_says(path: Path) -> None:
    recording = recorded(str(path.relative_to(DATA / "recordings")))
    _, outcome = understood(str(path.relative_to(DATA / "recordings")))
    if recording["exit"] == 0:
        assert outcome.state == "complete"
    elif recording["note"].startswith("ended by the recorder") or "sigint" in path.stem:
        assert outcome.state == "interrupted"
    else:
        assert outcome.state == "failed"
        assert outcome.reason


def test_limits_and_operators_are_read_in_full() -> None:
    events, _ = understood("4.15/wait-for/bootstrap-timeout-30min.json")
    limits = {event.what: event.seconds for event in events if event.kind == "limit"}
    assert limits == {"api": 1200.0, "bootstrap": 1800.0}
    assert {event.name for event in events if event.kind == "operator"} >= {"authentication", "kube-apiserver"}
    assert next(event for event in events if event.name == "authentication").level == "error"


def test_the_installers_own_log_and_its_terminal_form_read_the_same() -> None:
    parser = Parser()
    for line in (
        'time="2020-04-02T13:50:43-07:00" level=info msg="Waiting up to 30m0s for the Kubernetes API at https://api:6443..."',
        "\x1b[36mINFO\x1b[0m Waiting up to 30m0s (until 9:32PM UTC) for the Kubernetes API at https://api:6443...   \r",
    ):
        event = parser.line(line)
        assert event is not None
        assert (event.kind, event.what, event.seconds) == ("limit", "api", 1800.0)


@pytest.mark.parametrize(
    ("text", "value"), [("20m0s", 1200), ("2.5s", 2.5), ("1h0m0s", 3600), ("10s", 10), ("x", None)]
)
def test_go_durations(text: str, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("goal", ["bootstrap-complete", "install-complete"])
async def test_a_run_tells_events_and_can_be_found_while_it_lasts(tmp_path: Path, goal: Goal) -> None:
    installer = tmp_path / "openshift-install"
    installer.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1] == 'wait-for', sys.argv\n"
        "print('level=info msg=API v1.28.6 up', file=sys.stderr)\n"
        'print(\'level=info msg=Login to the console with user: "kubeadmin", and password: "a-b"\', file=sys.stderr)\n'
        "print('level=info msg=Install complete!', file=sys.stderr)\n"
    )
    installer.chmod(0o755)
    told: list[Event] = []
    pids: list[int] = []
    outcome = await run(installer, tmp_path, goal, told.append, started=lambda pid, _: pids.append(pid))
    assert outcome.state == "complete"
    assert [event.kind for event in told] == ["api-up", "complete"]
    assert len(pids) == 1


def test_the_command_asks_for_everything_and_holds_no_secret() -> None:
    arguments = command(Path("/opt/openshift-install"), Path("/s/install"), "bootstrap-complete")
    assert arguments[1:] == ["wait-for", "bootstrap-complete", "--dir", "/s/install", "--log-level=debug"]
