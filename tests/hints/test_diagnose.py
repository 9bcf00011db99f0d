"""`ocp-tui diagnose` as a person and a script meet it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tui import cli
from tui.plan.files import dump
from tui.plan.model import MirrorSource, Network, Node, Plan, Topology

JOURNALS = Path(__file__).parent.parent / "data" / "corpus" / "journals"
LOOP = JOURNALS / "bootkube-manifest-unknown-loop-4.6.log"
GOOD = JOURNALS / "helpernode-4.3-installer-success.log"
DNS = (
    "Jul 05 05:38:{:02d} bootstrap release-image-download.sh[1661]: Error: error pinging docker registry quay.io: "
    'Get "https://quay.io/v2/": dial tcp: lookup quay.io on 10.0.0.5:53: read udp 10.0.0.21:36443->10.0.0.5:53: '
    "read: connection refused\n"
)


@pytest.fixture(autouse=True)
def no_site_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def diagnosed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = cli.run(["diagnose", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.run(["diagnose", *arguments]) == cli.CANNOT
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_json_has_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = diagnosed(capsys, str(LOOP))
    assert code == cli.FOUND
    assert {"sources", "stages", "hints"} <= said.keys()
    assert {"path", "kind", "node", "lines", "first", "last"} <= said["sources"][0].keys()
    keys = {"id", "title", "node", "state", "started", "ended", "attempts"}
    assert all(keys <= stage.keys() for stage in said["stages"])
    hint = said["hints"][0]
    assert hint["id"] == "registry-manifest-unknown"
    assert {"id", "title", "severity", "node", "unit", "first", "last", "count", "state", "until", "confirmed",
            "assumed_year", "evidence", "cause", "remedy", "confirm", "captured"} <= hint.keys()  # fmt: skip
    evidence = hint["evidence"][0]
    assert said["sources"][evidence["source"]]["path"] == str(LOOP)
    assert evidence["text"] in LOOP.read_text().splitlines()[evidence["line_number"] - 1]
    assert [entry["state"] for entry in said["hints"]].index("active") == 0


def test_times_are_iso_utc(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = diagnosed(capsys, "--since-year", "2021", "--zone", "Asia/Shanghai", str(LOOP))
    assert said["sources"][0]["first"] == "2021-03-16T22:10:10Z"
    assert said["hints"][0]["first"] == "2021-03-16T22:10:22Z"
    assert said["hints"][0]["assumed_year"] is True


def test_a_good_installation_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = diagnosed(capsys, str(GOOD))
    assert code == cli.OK
    states = {stage["id"]: stage["state"] for stage in said["stages"]}
    assert states["install-complete"] == "done"


def test_a_transient_is_exit_0_and_says_until_when(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(DNS.format(2))
    code, said = diagnosed(capsys, "--since-year", "2021", str(tmp_path / "a.log"))
    hint = next(hint for hint in said["hints"] if hint["id"] == "bootstrap-dns-refused")
    assert (code, hint["severity"], hint["state"]) == (cli.OK, "transient", "active")
    assert hint["until"] == {"time": "2021-07-05T05:40:02Z", "stage": None}


def test_several_files_are_one_installation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("".join(DNS.format(second) for second in (2, 12, 22, 32)))
    code, said = diagnosed(capsys, str(tmp_path / "a.log"), str(LOOP))
    assert code == cli.FOUND
    assert len(said["sources"]) == 2
    assert {"bootstrap-dns-refused", "registry-manifest-unknown"} <= {hint["id"] for hint in said["hints"]}


def test_a_session_gives_the_plan_s_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mirror = MirrorSource(source="quay.io/openshift-release-dev", mirrors=["mirror.lab:8443/ocp"])
    plan = Plan(
        topology=Topology(
            cluster_name="ocp", base_domain="lab", version="4.15", nodes=[Node(role="bootstrap", address="10.0.0.21")]
        ),
        network=Network(name_servers=["10.0.0.9"], mirrors=[mirror]),
    )
    (tmp_path / "plan.yaml").write_text(dump(plan))
    (tmp_path / "a.log").write_text("".join(DNS.format(second) for second in (2, 12, 22, 32)))
    _, said = diagnosed(capsys, "--session", str(tmp_path), str(tmp_path / "a.log"))
    hint = next(hint for hint in said["hints"] if hint["id"] == "bootstrap-dns-refused")
    words = " ".join([hint["cause"], *hint["remedy"], *hint["confirm"]])
    assert "10.0.0.5" in words
    assert "10.0.0.9" in words
    assert "mirror.lab:8443" in words
    assert "ssh core@10.0.0.21" in words
    assert "<" not in " ".join(hint["confirm"])


def test_secrets_in_lines_are_not_repeated(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    secret = "aHVudGVyMjpodW50ZXIyaHVudGVy"
    line = DNS.format(2).replace("read udp", f'{{"auth": "{secret}"}} read udp')
    (tmp_path / "a.log").write_text(line * 5)
    for arguments in (["diagnose", str(tmp_path / "a.log")], ["diagnose", "--json", str(tmp_path / "a.log")]):
        cli.run(arguments)
        captured = capsys.readouterr()
        assert secret not in captured.out + captured.err
        assert "[redacted]" in captured.out


def test_the_page_for_people_says_what_where_why_and_what_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["diagnose", str(LOOP)]) == cli.FOUND
    page = capsys.readouterr().out
    for part in (
        "Read:",
        "How far it got:",
        "[fatal]",
        f"{LOOP}:4:",
        "What to do:",
        "To make sure:",
        "Follows from it:",
    ):
        assert part in page


def test_the_catalogue_is_printed_as_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["diagnose", "--rules"]) == cli.OK
    page = capsys.readouterr().out
    assert "bootstrap-dns-refused  [fatal]" in page
    assert "ignition-never-fetched" in page
    assert "{" not in page.split("bootstrap-dns-refused")[0]


def test_a_site_s_rules_speak_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "ours.yaml").write_text(
        "- {id: our-proxy, title: Our proxy, severity: error, phase: host, cause: It is Monday., remedy: [Wait.],\n"
        "   match: [{literals: [gizmoproxy], pattern: gizmoproxy says no}]}\n"
    )
    (tmp_path / "a.log").write_text("GizmoProxy says NO\n")
    code, said = diagnosed(capsys, "--rules-dir", str(site), str(tmp_path / "a.log"))
    assert (code, said["hints"][0]["id"]) == (cli.FOUND, "our-proxy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Nothing to read"),
        (["/nowhere/at/all"], "/nowhere/at/all cannot be read: No such file or directory."),
        (["--zone", "Mars/Olympus", str(LOOP)], "no time zone Mars/Olympus"),
        (["--session", "/nowhere", str(LOOP)], "/nowhere/plan.yaml cannot be read"),
        (["--rules-dir", "/nowhere", str(LOOP)], "/nowhere is not a directory of rule files"),
        (["/dev/null"], "no log line"),
    ],
)
def test_what_cannot_run_says_why(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert words in refused(capsys, *arguments)


def test_standard_input_is_read_and_textual_is_not_paid_for() -> None:
    script = (
        "import sys, tui.cli; code = tui.cli.run(sys.argv[1:]); assert 'textual' not in sys.modules; sys.exit(code)"
    )
    command = [sys.executable, "-c", script, "diagnose", "--json", "-"]
    done = subprocess.run(command, input=LOOP.read_bytes(), capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (cli.FOUND, b"")
    assert json.loads(done.stdout)["sources"][0]["path"] == "-"


def test_a_single_line_says_what_it_is_if_it_goes_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "dated.log").write_text(DNS.format(2))
    (tmp_path / "bare.log").write_text(DNS.format(2).partition("]: ")[2])
    for name, normal in (("dated", "May be normal until 20"), ("bare", "Seen so seldom it may be normal.")):
        assert cli.run(["diagnose", str(tmp_path / f"{name}.log")]) == cli.OK
        page = capsys.readouterr().out
        assert "[transient]" in page
        assert normal in page
        assert "If it goes on, it is fatal and this is the cause." in page
        _, said = diagnosed(capsys, str(tmp_path / f"{name}.log"))
        hint = next(hint for hint in said["hints"] if hint["id"] == "bootstrap-dns-refused")
        assert (hint["severity"], hint["becomes"]) == ("transient", "fatal")
