"""A rehearsal in a temporary directory, stopped when the test is over."""

import os
import random
import signal
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tui.generate.render import INSTALL_CONFIG, render
from tui.lab import settings, start
from tui.lab.plan import prepare
from tui.plan.model import Plan
from tui.session.directory import open_directory
from tui.session.store import Store

PATIENCE = 30.0


class Rehearsal:
    """One lab's process, and what a test does with it."""

    def __init__(self, session: Path, scenario: str, speed: float) -> None:
        self.session = session
        self.plan: Plan = start.start(session, scenario, speed)
        self.store = Store.open(session)
        self.lab = settings.lab_directory(session)

    def place(self, host: str, port: int) -> tuple[str, int]:
        address, _, real = self.plan.endpoints[f"{host}:{port}"].rpartition(":")
        return address, int(real)

    def state(self, row: str) -> str:
        return next((found.state for found in self.store.lab_world() if found.id == row), "")

    def until(self, row: str, state: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.state(row) != state:
            assert time.monotonic() < deadline, f"{row} is {self.state(row)!r}, not {state!r}; {self.log()}"
            time.sleep(0.05)

    def log(self) -> str:
        return (self.lab / "lab.log").read_text("utf-8")

    def pid(self) -> int:
        return int((self.lab / "ready").read_text("ascii"))

    def end(self) -> None:
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while start.running(self.session):
            assert time.monotonic() < deadline, "the lab did not end"
            time.sleep(0.05)


def elsewhere(session: Path) -> None:
    """Gives this lab a network of its own, so that tests and a person's rehearsal can run at once."""
    lab = settings.lab_directory(open_directory(session).path)
    lab.mkdir(mode=0o700, exist_ok=True)
    ids = {machine.name: f"{machine.octet:032x}" for machine in settings.MACHINES}
    chosen = settings.Settings(network=random.randrange(1, 255), shift=settings.SHIFTS[-1], machine_ids=ids)
    (lab / "settings.json").write_bytes(msgspec.json.encode(chosen))


@pytest.fixture
def prepared(tmp_path: Path) -> Plan:
    """A lab's plan without its process."""
    elsewhere(tmp_path)
    return prepare(tmp_path)


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[[str, float], Rehearsal]]:
    """Starts rehearsals and ends them after the test."""
    begun: list[Rehearsal] = []

    def begin(scenario: str, speed: float) -> Rehearsal:
        session = tmp_path / f"session-{len(begun)}"
        elsewhere(session)
        begun.append(Rehearsal(session, scenario, speed))
        return begun[-1]

    yield begin
    for rehearsal in begun:
        rehearsal.store.close()
        if start.running(rehearsal.session):
            rehearsal.end()


def unpacked(session: Path) -> Path:
    """The stand-in installer out of its archive."""
    archive = next((settings.lab_directory(session) / "artifacts").glob("openshift-install-linux-*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extract("openshift-install", session / "bin", filter="data")
    return session / "bin" / "openshift-install"


def run(installer: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Runs the stand-in and waits for it."""
    return subprocess.run([str(installer), *words], capture_output=True, text=True, timeout=60, check=False)


def ignition(session: Path, plan: Plan) -> Path:
    """install-config rendered from the plan and made into Ignition files; gives the installer's directory."""
    installer, directory = unpacked(session), session / "install"
    directory.mkdir(mode=0o700)
    files = render(plan, lambda name: (session / "secrets" / name).read_text("utf-8") if name else "")
    (directory / "install-config.yaml").write_text(files[INSTALL_CONFIG], "utf-8")
    for target in ("manifests", "ignition-configs"):
        done = run(installer, "create", target, "--dir", str(directory))
        assert done.returncode == 0, done.stderr
    return directory
