"""`ocp-tui import`: what it prints, its exit codes, and a wizard on the same session meanwhile."""

import json
import stat
from pathlib import Path

import pytest

from tests.plan.test_import_files import DATA, SECRETS, nodes
from tui import cli
from tui.session.session import Session


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def run(*arguments: object) -> int:
    return cli.run(["import", *map(str, arguments)])


def test_files_make_a_plan_at_once_and_secrets_are_for_your_eyes_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "session"
    code = run(DATA / "nodes.csv", DATA / "ocp4.shinefire.example.zone", DATA / "pull-secret.json", "--session", where)
    printed = capsys.readouterr()
    assert code == 0, printed.out
    assert "nodes.csv: table of machines" in printed.out
    assert "+ topology.cluster_name: ocp4" in printed.out
    assert not [secret for secret in SECRETS if secret in printed.out + printed.err]
    session = Session(where)
    assert len(nodes(session.plan)) == 6
    assert session.plan.topology.nodes[1].bmc.password == "bmc-master-0"
    assert session.secrets.read("bmc-master-0") == b"Tr0ub4dor&3-nobody"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (where / "secrets").iterdir()}
    assert modes == {0o600}
    session.close()


def test_a_conflict_is_told_with_exit_1_and_replace_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = tmp_path / "session"
    session = Session(where)
    session.edit("topology.cluster_name", "mine")
    assert run(DATA / "install-config.yaml", "--session", where) == 1
    assert "! topology.cluster_name: mine stays; the file says ocp4" in capsys.readouterr().out
    session.refresh()
    assert session.plan.topology.cluster_name == "mine"
    assert run(DATA / "install-config.yaml", "--session", where, "--replace") == 0
    session.refresh()
    assert session.plan.topology.cluster_name == "ocp4"
    session.close()


def test_an_open_wizard_sees_the_import_and_its_own_edits_stay(tmp_path: Path) -> None:
    where = tmp_path / "session"
    wizard = Session(where)
    wizard.edit("network.gateway", "192.168.31.254")
    assert run(DATA / "dhcpd.conf", "--session", where) == 1
    assert wizard.refresh() == []
    assert wizard.plan.network.gateway == "192.168.31.254"
    assert len(wizard.plan.topology.nodes) == 6
    wizard.edit("network.gateway", "192.168.31.253")
    assert Session(where).plan.network.gateway == "192.168.31.253"
    assert len(Session(where).plan.topology.nodes) == 6
    wizard.close()


def test_json_is_one_object_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(DATA / "haproxy.cfg", DATA / "nodes.csv", "--session", tmp_path / "s", "--json") == 1
    table, balancer = map(json.loads, capsys.readouterr().out.splitlines())
    assert (table["kind"], balancer["kind"]) == ("table", "haproxy")
    assert {"path": "network.load_balancer.api", "old": "", "new": "192.168.31.7"} in balancer["changes"]
    assert balancer["conflicts"] == [{"path": "topology.nodes[1].name", "old": "master-0", "new": "node1"}]
    assert table["secrets"] == ["bmc-master-0", "bmc-master-1", "bmc-master-2"]


def test_a_directory_of_oc_mirrors_stands_for_its_manifests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(DATA / "cluster-resources", "--session", tmp_path / "s") == 0
    assert "quay.io/openshift-release-dev/ocp-release" in capsys.readouterr().out


def test_a_missing_file_is_exit_2_and_the_others_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = tmp_path / "s"
    assert run(tmp_path / "none.csv", DATA / "nodes.csv", "--session", where) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("ocp-tui: ")
    assert "none.csv cannot be read: No such file" in printed.err
    assert len(Session(where).plan.topology.nodes) == 6


def test_a_file_of_another_kind_is_told_with_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(DATA / "README.md", "--session", tmp_path / "s") == 1
    assert "none of the files that are taken over" in capsys.readouterr().out


def test_an_empty_directory_and_no_session_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--session", tmp_path / "s") == 2
    assert "no file to import" in capsys.readouterr().err
