"""A session that somebody or something spoilt: a sentence that says what, where and what next; nothing is touched."""

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robust.conftest import Run, end_engine, engine_pid, fill, holder, mount, read_only, said, wait_for
from tui.session import schema
from tui.session.directory import SessionDirectory
from tui.session.session import Session

COMMANDS = (
    ("export",),
    ("watch", "--timeout", "0.01"),
    ("check", "--only", "bastion.disk"),
)


def pages(path: Path) -> list[bytes]:
    data = (path / "session.db").read_bytes()
    return [data[start : start + 4096] for start in range(0, len(data), 4096)]


def test_a_damaged_database_is_named_and_left_as_it_was(directory: Path, ocp_tui: Run) -> None:
    for file in directory.glob("session.db*"):
        file.unlink()
    rubbish = b"this was a database once" * 500
    (directory / "session.db").write_bytes(rubbish)
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", directory)
        assert run.returncode == 2
        said(run, str(directory / "session.db"), "damaged", "move session.db away")
    assert (directory / "session.db").read_bytes() == rubbish


def test_damage_deep_in_the_database_is_said_when_it_is_met(directory: Path, ocp_tui: Run) -> None:
    whole = pages(directory)
    (directory / "session.db").write_bytes(b"".join([whole[0], *(b"\xa5" * 4096 for _ in whole[1:])]))
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", directory)
        assert run.returncode == 2
        said(run, "session.db", "move session.db away")


def test_moved_away_as_the_sentence_says_the_session_goes_on_with_its_plan(directory: Path, ocp_tui: Run) -> None:
    for file in directory.glob("session.db*"):
        file.unlink()
    assert ocp_tui("export", "--session", directory).returncode == 0
    assert Session(directory).plan.topology.cluster_name == "ocp4"


def test_a_newer_database_is_for_the_ocp_tui_that_wrote_it(directory: Path, ocp_tui: Run) -> None:
    raw = sqlite3.connect(directory / "session.db")
    raw.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    raw.close()
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", directory)
        assert run.returncode == 2
        said(run, "newer ocp-tui", "Open the session with that version")


NONSENSE = {
    "unclosed": "topology: [",
    "wrong type": "topology:\n  nodes: seven\n",
    "unknown key": "topologie: {}\n",
    "binary": "\0\1\2\3",
    "newer": "schema: 99\n",
    "deep": "[" * 5000,
    "a list": "- a\n- b\n",
    "twice": "topology: {}\ntopology: {}\n",
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_plan_edited_into_nonsense_is_refused_on_opening_and_stays_as_it_is(
    directory: Path, ocp_tui: Run, name: str
) -> None:
    (directory / "plan.yaml").write_text(NONSENSE[name])
    run = ocp_tui("export", "--session", directory)
    assert run.returncode == 2
    said(run, str(directory / "plan.yaml"), "is no plan", "Mend it in an editor")
    assert (directory / "plan.yaml").read_text() == NONSENSE[name]
    judged = ocp_tui("validate", directory / "plan.yaml")
    assert judged.returncode in (1, 2), judged.stderr
    assert "Traceback" not in judged.stderr


@pytest.mark.parametrize("content", [b"", b"\n", b"/gone/for/good\n", b"\xff\xfe\0", b"."])
def test_a_spoilt_memory_of_the_last_session_opens_no_other_directory(
    tmp_path: Path, ocp_tui: Run, content: bytes
) -> None:
    memory = tmp_path / "state" / "ocp-tui" / "last-session"
    memory.parent.mkdir(parents=True)
    memory.write_bytes(content)
    here = tmp_path / "here"
    here.mkdir()
    run = ocp_tui("export", cwd=here)
    assert run.returncode == 2
    said(run, "No session has been used here yet")
    assert list(here.iterdir()) == []


def test_a_directory_of_other_files_is_no_session_and_is_not_touched(tmp_path: Path, ocp_tui: Run) -> None:
    other = tmp_path / "letters"
    other.mkdir(mode=0o755)
    (other / "letter.txt").write_text("dear")
    before = other.stat()
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", other)
        assert run.returncode == 2
        said(run, "holds other files and no session")
    assert other.stat().st_mode == before.st_mode
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


def test_a_read_only_session_is_said_on_opening(bound: Path, ocp_tui: Run) -> None:
    read_only(bound, on=True)
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", bound)
        assert run.returncode == 2, run.stderr
        said(run, "session.db", "read-only")


def test_edits_on_a_disk_that_became_read_only_stay_and_are_written_when_it_is_not(bound: Path) -> None:
    session = Session(bound)
    mount("--bind", str(bound), str(bound))
    read_only(bound, on=True)
    session.decide("topology.cluster_name", "west")
    session.decide("topology.base_domain", "example.org")
    assert session.plan.topology.cluster_name == "west"
    assert "Not saved" in session.trouble
    assert "Read-only file system" in session.trouble
    subprocess.run(["umount", "-l", str(bound)], check=True)
    session.refresh()
    assert session.trouble == ""
    again = Session(bound).plan.topology
    assert (again.cluster_name, again.base_domain) == ("west", "example.org")


def test_edits_on_a_full_disk_stay_and_are_written_when_there_is_room(small_disk: Path) -> None:
    session = Session(small_disk)
    filler = fill(small_disk.parent)
    before = (small_disk / "plan.yaml").read_bytes()
    session.decide("topology.cluster_name", "west")
    session.decide("network.name_servers", ["192.0.2.53"])
    assert session.edit("network.mtu", "nine thousand " + "x" * 20_000)
    assert session.drafts()["network.mtu"].text.startswith("nine thousand"), "half-typed text stays too"
    assert session.plan.topology.cluster_name == "west"
    assert "No space left on device" in session.trouble
    assert (small_disk / "plan.yaml").read_bytes() == before, "what is on disk stays whole"
    session.refresh()
    assert session.plan.topology.cluster_name == "west", "looking does not lose it"
    filler.unlink()
    session.refresh()
    assert session.trouble == ""
    reopened = Session(small_disk)
    again = reopened.plan
    assert (again.topology.cluster_name, again.network.name_servers) == ("west", ["192.0.2.53"])
    assert reopened.drafts()["network.mtu"].text.startswith("nine thousand")
    assert not list(small_disk.glob("**/*.part"))


def test_commands_on_a_full_disk_say_so(small_disk: Path, ocp_tui: Run) -> None:
    fill(small_disk.parent)
    for command in COMMANDS:
        run = ocp_tui(*command, "--session", small_disk)
        assert run.returncode in (1, 2), run.stderr
        said(run)
        assert "full" in run.stderr or "No space left" in run.stderr or "disk" in run.stderr


def test_an_export_goes_elsewhere_while_the_session_s_own_disk_is_full(
    small_disk: Path, tmp_path: Path, ocp_tui: Run
) -> None:
    session = Session(small_disk)
    fill(small_disk.parent)
    try:
        run = ocp_tui("export", "--session", small_disk, "--out", tmp_path / "log.tar.gz")
        assert run.returncode == 0, run.stderr
        assert (tmp_path / "log.tar.gz").is_file()
    finally:
        session.close()


def lock_as_directory(path: Path, _dice: random.Random) -> None:
    (path / "engine.lock").unlink(missing_ok=True)
    (path / "engine.lock").mkdir()


def log_as_directory(path: Path, _dice: random.Random) -> None:
    (path / "engine.log").unlink(missing_ok=True)
    (path / "engine.log").mkdir()


def socket_as_directory(path: Path, _dice: random.Random) -> None:
    (path / "passphrases.socket").mkdir()


def secret_as_directory(path: Path, _dice: random.Random) -> None:
    (path / "secrets" / "pull-secret").mkdir()


def secrets_as_file(path: Path, _dice: random.Random) -> None:
    shutil.rmtree(path / "secrets")
    (path / "secrets").write_text("")


def truncated(name: str) -> Callable[[Path, random.Random], None]:
    def spoil(path: Path, dice: random.Random) -> None:
        file = path / name
        data = file.read_bytes()
        file.write_bytes(data[: dice.randrange(len(data))])

    spoil.__name__ = f"truncated_{name}"
    return spoil


def bytes_changed(name: str) -> Callable[[Path, random.Random], None]:
    def spoil(path: Path, dice: random.Random) -> None:
        file = path / name
        data = bytearray(file.read_bytes())
        for _ in range(40):
            data[dice.randrange(len(data))] = dice.randrange(256)
        file.write_bytes(data)

    spoil.__name__ = f"bytes_changed_{name}"
    return spoil


def as_directory(name: str) -> Callable[[Path, random.Random], None]:
    def spoil(path: Path, _dice: random.Random) -> None:
        (path / name).unlink()
        (path / name).mkdir()

    spoil.__name__ = f"{name}_as_directory"
    return spoil


SPOILS = [
    lock_as_directory,
    log_as_directory,
    socket_as_directory,
    secret_as_directory,
    secrets_as_file,
    as_directory("plan.yaml"),
    as_directory("session.db"),
    *[truncated("session.db")] * 4,
    *[bytes_changed("session.db")] * 5,
    *[truncated("plan.yaml")] * 2,
    *[bytes_changed("plan.yaml")] * 2,
    *[truncated("secrets/pull-secret")] * 1,
]


@pytest.mark.parametrize(
    ("number", "spoil"), enumerate(SPOILS), ids=lambda value: getattr(value, "__name__", str(value))
)
def test_whatever_is_spoilt_every_command_ends_in_a_sentence(
    directory: Path, ocp_tui: Run, number: int, spoil: Callable[[Path, random.Random], None]
) -> None:
    busy_session(directory)
    if spoil is not secret_as_directory:
        (directory / "secrets" / "pull-secret").write_bytes(b'{"auths": {"a:5000": {"auth": "YWRtaW46c2VjcmV0"}}}')
    spoil(directory, random.Random(number))
    for command in (*COMMANDS, ("validate", directory / "plan.yaml")):
        session = ("--session", directory) if command[0] != "validate" else ()
        run = ocp_tui(*command, *session)
        assert run.returncode in (0, 1, 2), run
        assert "Traceback" not in run.stdout + run.stderr, run.stderr
        assert run.returncode == 0 or (run.stderr + run.stdout).strip(), "it ended in silence"
        assert "c2VjcmV0" not in run.stderr + run.stdout


def busy_session(directory: Path) -> None:
    """Enough rows that damage has something to hit."""
    from tui.lines import Line

    session = Session(directory)
    session.store.add_lines([Line(text=f"line {n} " + "x" * 200, source="bootstrap", number=n) for n in range(1, 600)])
    for n in range(50):
        session.store.tell("person", f"moment {n}")
        session.store.set_job(session.store.request("export", n=n), state="done", result={"path": "x"})
    session.close()


def test_an_engine_that_cannot_begin_is_said_with_its_last_word(directory: Path, ocp_tui: Run) -> None:
    lock_as_directory(directory, random.Random(0))
    run = ocp_tui("check", "--only", "bastion.disk", "--session", directory)
    assert run.returncode == 2
    said(run, "engine", "engine.lock", "Is a directory")
    assert "Traceback" not in SessionDirectory(directory).engine_log.read_text()


def test_the_engine_goes_on_with_the_plan_it_knew_when_plan_yaml_becomes_nonsense(
    directory: Path, ocp_tui: Run
) -> None:
    assert ocp_tui("check", "--only", "bastion.disk", "--session", directory).returncode in (0, 1)
    pid = engine_pid(directory)
    session = Session(directory)
    whole = (directory / "plan.yaml").read_text()
    (directory / "plan.yaml").write_text(NONSENSE["unclosed"])
    job = session.store.request("check", only=["bastion.disk"])
    row = wait_for(lambda: (row := session.store.job(job)) and row.finished and row)
    assert (row.state, engine_pid(directory)) == ("done", pid)
    generate = session.store.request("generate", configs_only=True)
    row = wait_for(lambda: (row := session.store.job(generate)) and row.finished and row)
    assert row.state == "failed", "files are not made from a plan that is no longer what the person wrote"
    assert "is no plan" in row.message
    (directory / "plan.yaml").write_text(whole)
    assert ocp_tui("check", "--only", "bastion.disk", "--session", directory).returncode in (0, 1)
    assert engine_pid(directory) == pid


def test_a_session_copied_with_its_engine_stopped_is_the_session_moved(
    directory: Path, tmp_path: Path, ocp_tui: Run
) -> None:
    assert ocp_tui("check", "--only", "bastion.disk", "--session", directory).returncode in (0, 1)
    end_engine(directory)
    moved = tmp_path / "moved"
    subprocess.run(["cp", "-a", str(directory), str(moved)], check=True)
    try:
        assert ocp_tui("check", "--only", "bastion.disk", "--session", moved).returncode in (0, 1)
        assert holder(SessionDirectory(directory).engine_lock) == 0
        assert Session(moved).plan == Session(directory).plan
    finally:
        end_engine(moved)
