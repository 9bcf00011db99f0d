"""A rehearsal driven without a screen: what a person does in the wizard, asked of the engine by the same rows."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tui.cli.lab import take_plan
from tui.engine.client import attach, running
from tui.lab.start import start
from tui.monitor.model import ClusterObject, Stage
from tui.session.rows import EngineRow, Job
from tui.session.session import Session

T = TypeVar("T")


class Rehearsal:
    """One lab, one session, one engine."""

    def __init__(self, directory: Path, scenario: str, speed: float) -> None:
        self.session = Session(directory)
        take_plan(self.session, start(self.session.directory.path, scenario, speed))

    def until(self, what: Callable[[], T | None], seconds: float = 60) -> T:
        """The first true answer; the engine is kept alive meanwhile, and requests that may be approved are."""
        end, beat = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            if time.monotonic() - beat > 1:
                attach(self.session)
                self.approve()
                beat = time.monotonic()
            if answer := what():
                return answer
            time.sleep(0.05)
        raise AssertionError(
            "it did not come about in time: " + "; ".join(e.text for e in self.session.store.events()[-5:])
        )

    def do(self, kind: str, **arguments: object) -> Job:
        """Asks for a job and waits for its end."""
        attach(self.session)
        number = self.session.store.request(kind, **arguments)
        return self.until(lambda: self._finished(number))

    def _finished(self, number: int) -> Job | None:
        job = self.session.store.job(number)
        return job if job is not None and job.finished else None

    def approve(self) -> None:
        """Approves what the verdict allows, as a person would on the page of requests."""
        for thing in self.session.store.facts(ClusterObject):
            if thing.kind == "csr" and thing.state == "pending" and thing.data["verdict"] == "approve":
                self.session.store.request("approve", csr=thing.name)

    def stage(self, id_: str) -> str:
        """The state of one of the cluster's stages."""
        stage = self.session.store.fact(Stage, f"{id_}|")
        return stage.state if stage is not None else "waiting"

    def kill_engine(self) -> None:
        """kill -9, and wait until it is gone."""
        row = self.session.store.fact(EngineRow)
        assert row is not None
        os.kill(row.pid, signal.SIGKILL)
        while running(self.session):
            time.sleep(0.02)

    def prepare(self) -> None:
        """Check, artifacts, generate: all before the machines are on."""
        for kind in ("check", "artifacts", "generate"):
            job = self.do(kind)
            assert job.state == "done", (kind, job.message)

    def boot(self) -> None:
        """Serves, which has the lab's machines start, and follows them."""
        attach(self.session)
        self.session.store.request("serve", listen="")
        self.session.store.request("watch")

    def end(self) -> None:
        """Ends engine and lab."""
        if running(self.session):
            self.kill_engine()
        for process in lab_processes(self.session.directory.path):
            os.kill(process, signal.SIGTERM)


def lab_processes(directory: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"tui.lab" in words and str(directory).encode() in words:
                found.append(int(entry.name))
    return found
