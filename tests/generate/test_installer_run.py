"""A run of openshift-install, played back by a strict stand-in: what we give it, what we make of what it leaves."""

import asyncio
import json
import os
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tui.generate import InstallerFailed, run_installer
from tui.generate.model import Generated, Secret
from tui.plan.model import Plan

Attempt = Callable[[Plan], Awaitable[Generated]]


class StandIn:
    def __init__(self, place: Path, data: Path) -> None:
        self.place = place
        self.program = place / "openshift-install"
        source = (Path(__file__).parent / "stand_in.py").read_text()
        self.program.write_text(f"#!{sys.executable}\n{source}")
        self.program.chmod(0o755)
        (place / "data.txt").write_text(str(data))
        self.behave()

    def behave(self, **what: object) -> None:
        (self.place / "behaviour.json").write_text(json.dumps(what))

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.place / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def stand_in(tmp_path: Path, recorded: Path) -> StandIn:
    (tmp_path / "tool").mkdir()
    return StandIn(tmp_path / "tool", recorded)


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def attempt(secret: Secret, stand_in: StandIn, heard: list[str], tmp_path: Path) -> Attempt:
    return lambda plan: run_installer(plan, secret, stand_in.program, tmp_path / "install", heard.append)


async def test_a_run_leaves_files_that_only_their_owner_can_read(plan: Plan, attempt: Attempt, tmp_path: Path) -> None:
    made = await attempt(plan)
    assert [one.name for one in made.files] == ["bootstrap.ign", "master.ign", "worker.ign"]
    for path in [tmp_path / "install", *(tmp_path / "install").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert made.clock is not None
    assert not made.clock.estimated
    assert made.warnings == [], "control plane nodes beside workers were made unschedulable again"


async def test_the_installer_is_given_the_config_by_file_and_no_secret_by_argument(
    plan: Plan, stand_in: StandIn, attempt: Attempt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE", "registry.example.com/x:1")
    await attempt(plan)
    calls = stand_in.calls()
    assert [call["argv"][:2] for call in calls] == [["create", "manifests"], ["create", "ignition-configs"]]
    assert all(call["umask"] == 0o077 and not any(call["environment"].values()) for call in calls)
    kept = yaml.safe_load((tmp_path / "install/kept/install-config.yaml").read_text())
    assert set(json.loads(kept["pullSecret"])["auths"]) == {"quay.io", "mirror.example.com:5000"}


async def test_workers_keep_pods_off_the_control_plane_and_machine_configs_go_in(
    plan: Plan, stand_in: StandIn, attempt: Attempt
) -> None:
    await attempt(plan)
    assert yaml.safe_load((stand_in.place / "scheduler.yml").read_text())["spec"]["mastersSchedulable"] is False
    assert json.loads((stand_in.place / "openshift.json").read_text()) == [
        "99-master-chrony.yaml",
        "99-worker-chrony.yaml",
    ]


async def test_a_single_node_carries_pods_and_gets_its_own_file(
    single: Plan, stand_in: StandIn, attempt: Attempt
) -> None:
    made = await attempt(single)
    assert yaml.safe_load((stand_in.place / "scheduler.yml").read_text())["spec"]["mastersSchedulable"] is True
    assert made.files[0].name == "bootstrap-in-place-for-live-iso.ign"
    assert "MastersSchedulable" in made.warnings[0]


async def test_an_older_run_is_kept_aside_and_never_used_again(plan: Plan, attempt: Attempt, tmp_path: Path) -> None:
    install = tmp_path / "install"
    await attempt(plan)
    (install / ".openshift_install_state.json").write_text("{}")
    first = (install / "bootstrap.ign").stat().st_ino
    again = await attempt(plan)
    assert (Path(again.kept) / "bootstrap.ign").stat().st_ino == first
    assert not (install / ".openshift_install_state.json").exists()
    third = await attempt(plan)
    assert third.kept != again.kept


async def test_a_run_that_fails_leaves_the_one_before_in_its_place(
    plan: Plan, stand_in: StandIn, attempt: Attempt, tmp_path: Path
) -> None:
    await attempt(plan)
    good = (tmp_path / "install/bootstrap.ign").stat().st_ino
    stand_in.behave(refuse=True)
    with pytest.raises(InstallerFailed, match=r"install\.new holds what it left"):
        await attempt(plan)
    assert (tmp_path / "install/bootstrap.ign").stat().st_ino == good
    stand_in.behave()
    assert (await attempt(plan)).kept
    assert not (tmp_path / "install.new").exists()


async def test_a_refusal_names_the_field_and_never_the_secret(
    plan: Plan, stand_in: StandIn, attempt: Attempt, heard: list[str], canary: str
) -> None:
    stand_in.behave(refuse=True)
    with pytest.raises(InstallerFailed) as caught:
        await attempt(plan)
    assert caught.value.code == 3
    assert caught.value.reasons[0].path == "pullSecret"
    for text in (str(caught.value), *heard):
        assert canary not in text
        assert "dXNlcjpjYW5" not in text


async def test_an_old_installer_that_ends_well_without_doing_its_work_is_found_out(
    single: Plan, stand_in: StandIn, attempt: Attempt
) -> None:
    stand_in.behave(old_command=True)
    with pytest.raises(InstallerFailed, match=r"did not write .*bootstrap-in-place"):
        await attempt(single)


async def test_pointer_files_of_another_generation_are_found_out(
    plan: Plan, stand_in: StandIn, attempt: Attempt
) -> None:
    stand_in.behave(old="master.ign")
    with pytest.raises(InstallerFailed, match="two generations"):
        await attempt(plan)


async def test_manifests_that_are_not_understood_stop_the_run(plan: Plan, stand_in: StandIn, attempt: Attempt) -> None:
    stand_in.behave(strange=True)
    with pytest.raises(InstallerFailed, match="mastersSchedulable"):
        await attempt(plan)


async def test_a_program_that_does_not_start_is_a_sentence(
    plan: Plan, secret: Secret, heard: list[str], tmp_path: Path
) -> None:
    (tmp_path / "openshift-install").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "openshift-install").chmod(0o755)
    with pytest.raises(InstallerFailed, match="cannot be started: Exec format error"):
        await run_installer(plan, secret, tmp_path / "openshift-install", tmp_path / "install", heard.append)


async def test_a_disk_that_refuses_is_a_sentence(plan: Plan, attempt: Attempt, tmp_path: Path) -> None:
    (tmp_path / "install.new").write_text("a file where a directory should be")
    with pytest.raises(InstallerFailed, match=r"install\.new cannot be written or read: File exists"):
        await attempt(plan)


async def test_cancelling_ends_the_child(plan: Plan, stand_in: StandIn, attempt: Attempt) -> None:
    stand_in.behave(hang=True)
    run = asyncio.ensure_future(attempt(plan))
    pid = stand_in.place / "pid"
    async with asyncio.timeout(20):
        while not (pid.exists() and pid.read_text()):
            await asyncio.sleep(0.02)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
