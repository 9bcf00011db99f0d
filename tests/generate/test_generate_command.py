"""`ocp-tui generate`, through a real engine, with the rehearsal lab's labelled stand-in for openshift-install."""

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import cli
from tui.engine.client import end
from tui.lab.plan import prepare
from tui.session.session import Session


@pytest.fixture
def rehearsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = tmp_path / "session"
    place.mkdir()
    session = Session(place)
    session.replace(prepare(place))
    yield session
    end(session)


def secrets(session: Session) -> set[bytes]:
    """The credentials in the pull secret, as they stand there and as they mean."""
    found = set()
    for entry in json.loads(session.secrets.read("pull-secret"))["auths"].values():
        found |= {entry["auth"].encode(), base64.b64decode(entry["auth"]).partition(b":")[2]}
    return found


def test_everything_is_made_and_no_secret_is_said_or_lies_open(
    rehearsal: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    place = str(rehearsal.directory.path)
    assert cli.run(["generate", "--session", place, "--json"]) == cli.FOUND, "there is no installer yet"
    assert cli.run(["artifacts", "--session", place]) == cli.OK
    assert cli.run(["generate", "--session", place]) == cli.OK
    capfd.readouterr()
    assert cli.run(["generate", "--session", place, "--json"]) == cli.OK
    said = capfd.readouterr()
    made = json.loads(said.out)
    assert [one["name"] for one in made["ignition"]] == ["bootstrap.ign", "master.ign", "worker.ign"]
    assert Path(made["kept"]).is_dir()
    assert made["certificates"]["estimated"] is False
    assert (rehearsal.directory.generated / "load-balancer/haproxy.cfg").is_file()
    for secret in secrets(rehearsal):
        assert secret not in (said.out + said.err).encode()
        for path in rehearsal.directory.path.rglob("*"):
            if path.is_file() and secret in path.read_bytes():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
                assert not path.name.endswith((".db", ".db-wal", ".log")), path


def test_configs_only_runs_no_installer(rehearsal: Session, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["generate", "--session", str(rehearsal.directory.path), "--configs-only", "--json"]
    assert cli.run(arguments) == cli.OK
    made = json.loads(capfd.readouterr().out)
    assert "install-config.yaml" in made["files"]
    assert made["ignition"] == []
    assert made["directory"] is None
    assert not rehearsal.directory.install.exists()
