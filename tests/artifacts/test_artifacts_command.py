"""`ocp-tui artifacts`, through a real engine of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tui import cli
from tui.engine.client import end
from tui.plan.model import Plan
from tui.session.session import Session


@pytest.fixture
def session(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Session(tmp_path / "session")
    made.replace(plan)
    yield made
    end(made)


def test_a_place_named_at_the_command_makes_all_verified(
    session: Session, mirror: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["artifacts", "--session", str(session.directory.path), "--json"]
    assert cli.run(arguments) == cli.FOUND
    missing = json.loads(capsys.readouterr().out)["artifacts"]
    assert {one["state"] for one in missing} == {"missing"}

    assert cli.run([*arguments, "--from", str(mirror.path)]) == cli.OK
    told = json.loads(capsys.readouterr().out)["artifacts"]
    assert {one["kind"]: one["state"] for one in told} == dict.fromkeys(("installer", "client", "iso"), "verified")


def test_what_nobody_vouches_for_is_not_well(session: Session, mirror: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (mirror.path / "sha256sum.txt").unlink()
    assert cli.run(["artifacts", "--session", str(session.directory.path), "--from", str(mirror.path)]) == cli.FOUND
    said = capsys.readouterr().out
    assert "found" in said
    assert "nobody vouches for it" in said
