"""The plan that leads a newcomer through the rehearsal."""

import stat
from pathlib import Path

from tests.lab.conftest import elsewhere
from tui.artifacts.find import find
from tui.lab import scenarios
from tui.lab.plan import prepare
from tui.plan.model import Plan
from tui.plan.rules import judge


def test_the_plan_has_no_problem(prepared: Plan) -> None:
    assert [problem for problem in judge(prepared) if problem.severity == "error"] == []
    assert prepared.lab


def test_preparing_twice_changes_nothing(tmp_path: Path) -> None:
    elsewhere(tmp_path)
    first = prepare(tmp_path)
    secrets = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert prepare(tmp_path) == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == secrets


def test_only_the_owner_can_read_secrets_and_keys(tmp_path: Path, prepared: Plan) -> None:
    kept = [*(tmp_path / "secrets").iterdir(), *(tmp_path / "lab").glob("*.key"), tmp_path / "lab" / "mirror-password"]
    assert len(kept) > 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_the_plan_holds_no_secret(tmp_path: Path, prepared: Plan) -> None:
    password = (tmp_path / "lab" / "mirror-password").read_text("ascii")
    assert password not in repr(prepared)


def test_every_endpoint_is_on_loopback_and_needs_no_root(prepared: Plan) -> None:
    places = [place.rpartition(":") for place in prepared.endpoints.values()]
    assert all(address.startswith("127.31.") and int(port) > 1024 for address, _, port in places)


async def test_the_artifacts_step_finds_and_verifies_the_toys(tmp_path: Path, prepared: Plan) -> None:
    found = await find(prepared, prepared.artifacts.sources, tmp_path / "artifacts")
    assert {one.kind: one.state for one in found if one.required}
    assert {one.state for one in found} == {"verified"}


def test_every_scenario_has_a_name_and_a_sentence() -> None:
    names = dict(scenarios())
    assert next(iter(names)) == "dns-refused"
    assert {"healthy", "api-refused", "apiserver-crashloop", "no-cni", "expired-certificates"} < set(names)
    assert all(line.endswith((".", '!".')) for line in names.values())
