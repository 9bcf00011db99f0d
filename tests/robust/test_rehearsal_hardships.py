"""The lab's installation with everything done to it that happens to installations: real processes, real signals."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from typing_extensions import override

from tests.engine.rehearsal import Rehearsal
from tests.engine.test_journey import _every_line_once
from tests.robust.conftest import engine_pid, environment, fill, mount, wait_for
from tests.test_tmux_journey import Terminal
from tui.plan.endpoints import full_name
from tui.session.known_secrets import known_secrets
from tui.session.rows import EngineRow, Job
from tui.session.session import Session

Begin = Callable[..., "subprocess.Popen[str]"]
FILES = {"bootstrap.ign", "master.ign", "worker.ign", "metadata.json", "auth"}


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """A healthy one, fast, on a disk of its own where that can be had; the lab's machines have another."""
    path = tmp_path / "session"
    path.mkdir(mode=0o700)
    own = os.geteuid() == 0
    if own:
        mount("-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", str(path))
        Session(path).close()
        (path / "lab").mkdir(mode=0o700)
        mount("-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", str(path / "lab"))
    try:
        rehearsal = Rehearsal(path, "healthy", 120)
        yield rehearsal
        rehearsal.end()
        rehearsal.session.close()
    finally:
        if own:
            subprocess.run(["umount", "-l", str(path / "lab"), str(path)], check=True)


class SlowInstaller:
    """The lab's stand-in behind a script that, while it is held, writes half of a run and then does not end."""

    def __init__(self, session: Session) -> None:
        job = next(job for job in reversed(session.store.jobs(states=("done",))) if job.kind == "artifacts")
        assert job.result is not None
        (tool,) = (Path(one["tool"]) for one in job.result["found"] if one["kind"] == "installer")
        self._hold = session.directory.path / "hold"
        behind = tool.with_name("stand-in")
        tool.rename(behind)
        tool.write_text(
            f"#!/bin/sh\nif [ -e {self._hold} ]; then echo half > bootstrap.ign; echo $$ > {self._hold}; exec sleep 300"
            f'; fi\nexec {behind} "$@"\n'
        )
        tool.chmod(0o700)

    def hold(self) -> None:
        """From now on it does not end."""
        self._hold.touch()

    def pid(self) -> int:
        """The process that does not end."""
        return int(wait_for(lambda: self._hold.read_text().strip()))

    def release(self) -> None:
        """From now on it ends by itself."""
        self._hold.unlink()


def finished(session: Session, number: int) -> Job | None:
    job = session.store.job(number)
    return job if job is not None and job.finished else None


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_files_being_made_when_the_engine_is_killed_or_ended_are_made_anew_and_never_taken_for_whole(
    rehearsal: Rehearsal, begin: Begin
) -> None:
    session, install = rehearsal.session, rehearsal.session.directory.install
    assert rehearsal.do("artifacts").state == "done"
    installer = SlowInstaller(session)

    installer.hold()
    job = session.store.request("generate")
    orphan = installer.pid()
    rehearsal.kill_engine()
    assert not gone(orphan), "kill -9 leaves it"
    assert not install.exists()
    installer.release()
    done = rehearsal.until(lambda: finished(session, job))
    assert done.state == "done", done.message
    assert gone(orphan), "the next engine ends what the last one left at work in that place"
    assert {path.name for path in install.iterdir()} >= FILES
    assert (install / "bootstrap.ign").read_text() != "half\n"
    assert [path.name for path in install.parent.glob("install*")] == ["install"]

    before = (install / "bootstrap.ign").read_bytes()
    installer.hold()
    again = session.store.request("generate")
    child = installer.pid()
    engine = engine_pid(session.directory.path)
    os.kill(engine, signal.SIGTERM)
    wait_for(lambda: gone(engine))
    row = session.store.fact(EngineRow)
    assert row is not None
    assert row.state == "ended"
    assert gone(child), "an engine that is ended takes its children with it"
    assert (install / "bootstrap.ign").read_bytes() == before
    installer.release()
    done = rehearsal.until(lambda: finished(session, again))
    assert done.state == "done", done.message
    assert (install / "bootstrap.ign").read_bytes() != before

    _port_taken(session, begin)
    _serving_ends_with_ctrl_c(session, begin)


def _port_taken(session: Session, begin: Begin) -> None:
    host, _, port = session.plan.boot.listen.rpartition(":")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((host, int(port)))
        other.listen()
        serve = begin("serve", "--session", session.directory.path)
        _out, err = serve.communicate(timeout=20)
    assert serve.returncode == 1
    assert f"{host}:{port} is taken by another program" in err
    assert "plan another port" in err


def _serving_ends_with_ctrl_c(session: Session, begin: Begin) -> None:
    serve = begin("serve", "--session", session.directory.path)
    host, _, port = session.plan.boot.listen.rpartition(":")
    assert serve.stderr is not None
    told = wait_for(serve.stderr.readline)
    while "Serving" not in told:
        told = wait_for(serve.stderr.readline)
    assert _answers(host, int(port))
    (job,) = (job for job in session.store.unfinished() if job.kind == "serve")
    serve.send_signal(signal.SIGINT)
    _out, err = serve.communicate(timeout=20)
    assert serve.returncode == 130
    assert "Traceback" not in err
    wait_for(lambda: (row := session.store.job(job.id)) and row.state == "cancelled")
    wait_for(lambda: not _answers(host, int(port)))


def _answers(host: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


class Watchdog(threading.Thread):
    """Looks at every process's arguments and environment as long as it runs."""

    def __init__(self, session: Session) -> None:
        super().__init__(daemon=True)
        self._session = session
        self._end = threading.Event()
        self.looked = 0
        self.found: set[str] = set()

    @override
    def run(self) -> None:
        while not self._end.wait(0.2):
            secrets = [secret.encode() for secret in secrets_of(self._session)]
            for entry in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        content = (entry / name).read_bytes()
                    except OSError:
                        continue
                    if any(secret in content for secret in secrets):
                        self.found.add(f"{name} of {content[:60]!r}")
            self.looked += 1

    def end(self) -> None:
        self._end.set()
        self.join()


def secrets_of(session: Session) -> set[str]:
    return {secret for secret in known_secrets(session.directory) if len(secret) >= 6}


def stored_elsewhere(session: Session) -> Iterator[Path]:
    """Every file of the session but those whose place is made for secrets."""
    own = ("secrets", "install", "generated", "artifacts", "lab")
    for path in session.directory.path.rglob("*"):
        if path.is_file() and not path.relative_to(session.directory.path).parts[0].startswith(own):
            yield path


def watched(watch: "subprocess.Popen[str]", seconds: float = 60) -> list[dict[str, str]]:
    out, err = watch.communicate(timeout=seconds)
    assert watch.returncode == 0, err
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_bootstrap_goes_on_whatever_is_killed_and_although_the_disk_is_full_for_a_while(
    rehearsal: Rehearsal, begin: Begin, tmp_path: Path
) -> None:
    session = rehearsal.session
    path = session.directory.path
    dog = Watchdog(session)
    dog.start()
    rehearsal.prepare()
    rehearsal.boot()
    first = begin("watch", "--json", "--session", path)
    rehearsal.until(lambda: rehearsal.stage("bootkube") in ("running", "done"))
    engine = engine_pid(path)

    first.kill()
    screen = Terminal(tmp_path / "tmux1", f"{_command(tmp_path)} --session {path}")
    screen.see("LAB ocp4.lab.example", meanwhile=rehearsal.approve)
    _kill_wizard(path)
    screen.end()
    assert engine_pid(path) == engine, "the engine outlives its clients"

    if os.path.ismount(path):
        _full_for_a_while(rehearsal)
    two = [begin("watch", "--json", "--until", "bootstrap-complete", "--session", path) for _ in range(2)]
    rehearsal.until(lambda: rehearsal.stage("bootstrap-complete") == "done", 120)
    seen = [watched(watch) for watch in two]
    stages = [[(item["id"], item["state"]) for item in items if item["type"] == "stage"] for items in seen]
    until = [told.index(("bootstrap-complete", "done")) for told in stages]
    assert stages[0][: until[0]] == stages[1][: until[1]] != [], "two clients see the same"

    screen = Terminal(tmp_path / "tmux2", f"{_command(tmp_path)} --session {path}")
    try:
        screen.see("LAB ocp4.lab.example", meanwhile=rehearsal.approve)
        rehearsal.until(lambda: rehearsal.stage("install-complete") == "done", 120)
        assert "Traceback" not in screen.screen()
    finally:
        screen.end()
    assert engine_pid(path) == engine, "none of it ended the engine"

    followed = [n for n in session.plan.topology.nodes if session.store.lines([full_name(session.plan, n)], most=1)]
    # At this speed the cluster can be complete before a worker has been logged in to.
    assert [node.role for node in followed].count("master") == 3
    for node in followed:
        _every_line_once(rehearsal, node)
    dog.end()
    assert dog.looked > 10
    assert dog.found == set()
    for file in stored_elsewhere(session):
        content = file.read_bytes()
        assert [s for s in secrets_of(session) if s.encode() in content] == [], file


def _full_for_a_while(rehearsal: Rehearsal) -> None:
    session = rehearsal.session
    with closing(sqlite3.connect(session.directory.database, timeout=10)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else there is room inside the files for a long time
    filler = fill(session.directory.path)
    time.sleep(1)
    last = session.store.last_line()
    time.sleep(2)
    assert session.store.last_line() == last, "nothing can be stored"
    filler.unlink()
    rehearsal.until(lambda: session.store.last_line() > last)


def _command(state: Path) -> str:
    return f"XDG_STATE_HOME={environment(state)['XDG_STATE_HOME']} {sys.executable} -m tui"


def _kill_wizard(path: Path) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[1:3] == ["-m", "tui"] and words[-2:] == ["--session", str(path)] and len(words) == 5:
            process.kill()
            process.wait(5)
            return
    raise AssertionError("there is no wizard to kill")
