"""What a script can rely on, of every subcommand: help with an example, exit codes, streams, no Textual."""

import json
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robust.conftest import ROOT, Run, end_engine, engine_pid, environment, holder, said, wait_for
from tui.cli import COMMANDS
from tui.session.directory import SessionDirectory
from tui.session.session import Session

ON_A_SESSION = ("check", "artifacts", "generate", "serve", "watch", "export", "import")
Begin = Callable[..., "subprocess.Popen[str]"]


def files(name: str) -> tuple[str, ...]:
    return ("/etc/hostname",) if name == "import" else ()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_of_the_command_itself(ocp_tui: Run, name: str) -> None:
    run = ocp_tui(name, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    example = run.stdout.partition("example:\n")[2].strip()
    assert example.startswith(f"ocp-tui {name}" if name != "wizard" else "ocp-tui "), run.stdout


def test_the_overview_names_every_command_and_the_version_is_told(ocp_tui: Run) -> None:
    run = ocp_tui("--help")
    assert run.returncode == 0
    assert all(f"\n  {name} " in run.stdout for name in COMMANDS)
    assert ocp_tui("--version").stdout.startswith("ocp-tui 0.")


@pytest.mark.parametrize("name", COMMANDS)
def test_bad_arguments_end_with_2_and_say_so_on_standard_error(ocp_tui: Run, name: str) -> None:
    run = ocp_tui(name, *files(name), "--no-such-thing")
    assert (run.returncode, run.stdout) == (2, "")
    assert "--no-such-thing" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("brew",),
        ("watch", "--until", "dinner"),
        ("watch", "--timeout", "soon"),
        ("watch", "--timeout", "-1"),
        ("watch", "--timeout", "nan"),
        ("watch", "--timeout", "0"),
        ("lab", "--speed", "fast"),
        ("lab", "--scenario", "volcano"),
        ("validate",),
        ("validate", "/no/such/file"),
        ("validate", "--target", "moon", "/etc/hostname"),
        ("diagnose",),
        ("diagnose", "/no/such/journal"),
        ("import",),
    ],
    ids=" ".join,
)
def test_arguments_that_mean_nothing_end_with_2(ocp_tui: Run, arguments: tuple[str, ...]) -> None:
    run = ocp_tui(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("name", ON_A_SESSION)
def test_without_a_session_it_ends_with_2_and_a_sentence(ocp_tui: Run, tmp_path: Path, name: str) -> None:
    run = ocp_tui(name, *files(name))
    assert (run.returncode, run.stdout) == (2, "")
    said(run, "--session DIR")


@pytest.mark.parametrize("name", set(ON_A_SESSION) - {"import"})
def test_a_session_that_is_not_there_is_not_made(ocp_tui: Run, tmp_path: Path, name: str) -> None:
    run = ocp_tui(name, "--session", tmp_path / "gone", *files(name))
    assert (run.returncode, run.stdout) == (2, "")
    said(run, f"There is no session at {tmp_path / 'gone'}")
    assert not (tmp_path / "gone").exists()


def test_results_are_on_standard_output_and_everything_else_is_not(directory: Path, ocp_tui: Run) -> None:
    exported = ocp_tui("export", "--session", directory)
    assert exported.returncode == 0
    assert exported.stdout.strip().endswith(".tar.gz")
    assert len(exported.stdout.splitlines()) == 1
    checked = ocp_tui("check", "--only", "bastion.disk", "--json", "--session", directory)
    assert json.loads(checked.stdout)["results"][0]["id"] == "bastion.disk"
    assert "Asking" in checked.stderr
    schema = ocp_tui("schema")
    assert (schema.returncode, schema.stderr) == (0, "")
    assert json.loads(schema.stdout)["$schema"]


def test_export_needs_no_engine_and_starts_none(directory: Path, ocp_tui: Run, tmp_path: Path) -> None:
    out = tmp_path / "log.tar.gz"
    run = ocp_tui("export", "--session", directory, "--out", out)
    assert (run.returncode, run.stdout.strip()) == (0, str(out))
    with tarfile.open(out) as archive:
        assert any(name.endswith("/report.md") for name in archive.getnames())
    assert not SessionDirectory(directory).engine_log.exists()
    assert holder(SessionDirectory(directory).engine_lock) == 0


@pytest.mark.parametrize("place", ["/etc/hostname/log.tar.gz", "/no/such/place/log.tar.gz", "/proc/log.tar.gz"])
def test_an_export_that_cannot_be_written_ends_with_1_and_names_the_place(
    directory: Path, ocp_tui: Run, place: str
) -> None:
    run = ocp_tui("export", "--session", directory, "--out", place)
    assert (run.returncode, run.stdout) == (1, "")
    said(run, place, "Name another place")


def test_the_lab_lists_its_scenarios_for_a_pipe(ocp_tui: Run) -> None:
    run = ocp_tui("lab", "--list")
    assert (run.returncode, run.stderr) == (0, "")
    names = [line.split()[0] for line in run.stdout.splitlines()]
    assert {"healthy", "dns-refused", "api-refused", "apiserver-crashloop", "no-cni", "expired-certificates"} <= set(
        names
    )


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tui validate --rules | head -1; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(
        ["bash", "-c", command], env=environment(tmp_path), capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.splitlines()[-1] == "0"
    assert run.stderr == ""


@pytest.mark.parametrize("command", [("schema",), ("lab", "--list"), ("validate", "--rules")], ids=" ".join)
def test_output_that_the_disk_refuses_is_said(ocp_tui: Run, command: tuple[str, ...]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        run = ocp_tui(*command, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert run.returncode == 2
    assert "No space left on device" in run.stderr
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr


def test_watch_ends_with_1_when_the_time_runs_out_and_the_engine_goes_on(directory: Path, ocp_tui: Run) -> None:
    run = ocp_tui("watch", "--timeout", "0.02", "--session", directory)
    assert (run.returncode, run.stdout.count("milestone")) == (1, 0)
    said(run, "was not reached in time; the engine goes on")
    assert engine_pid(directory)


def test_watch_ends_with_0_at_its_milestone_and_each_json_line_has_time_and_type(directory: Path, ocp_tui: Run) -> None:
    from tests.screens.scene import full
    from tui.monitor.model import Stage
    from tui.session.rows import NodeRow

    session = Session(directory)
    session.store.put(
        NodeRow(name=full("bootstrap"), role="bootstrap", boot="fetching", seen=1_700_000_000_000_000),
        Stage(id="bootstrap-complete", title="Bootstrap complete", state="done"),
    )
    session.store.tell("stage", "Bootstrap complete: done", id="bootstrap-complete", node="", state="done")
    session.close()
    run = ocp_tui("watch", "--until", "bootstrap-complete", "--json", "--session", directory)
    assert run.returncode == 0, run.stderr
    items = [json.loads(line) for line in run.stdout.splitlines()]
    assert all({"time", "type"} <= item.keys() for item in items)
    assert items[-1]["type"] == "milestone"
    assert {item["type"] for item in items} <= {"stage", "hint", "node", "operator", "csr", "milestone", "log"}
    assert {"stage", "node"} <= {item["type"] for item in items}
    plain = ocp_tui("watch", "--until", "bootstrap-complete", "--session", directory)
    assert plain.stdout.splitlines()[-1].endswith("milestone bootstrap-complete")


def test_ctrl_c_leaves_a_watch_to_the_engine_and_ends_with_130(directory: Path, begin: Begin) -> None:
    watch = begin("watch", "--session", directory)
    pid = engine_pid(directory)
    session = Session(directory)
    wait_for(lambda: any(job.kind == "watch" and job.state == "running" for job in session.store.jobs()))
    watch.send_signal(signal.SIGINT)
    _out, err = watch.communicate(timeout=10)
    assert watch.returncode == 130
    assert "Traceback" not in err
    assert engine_pid(directory) == pid
    assert [job.state for job in session.store.jobs() if job.kind == "watch"] == ["running"]


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui.cli import run, schema

    def broken(_arguments: object) -> int:
        raise KeyError("https://admin:hunter2-canary@mirror/")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(schema, "run", broken)
    assert run(["schema"]) == 2
    told = capsys.readouterr().err
    details = tmp_path / "ocp-tui" / "last-fault.txt"
    assert "fault of ocp-tui itself (KeyError" in told
    assert str(details) in told
    assert "Traceback" not in told
    assert "Traceback" in details.read_text()
    assert "hunter2-canary" not in told + details.read_text()
    assert details.stat().st_mode & 0o077 == 0


def headless_modules() -> list[str]:
    """Every module outside the screens."""
    found = []
    for path in sorted((ROOT / "tui").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] not in ("app", "screens", "widgets") and parts[-1] != "__main__":
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def test_no_module_outside_the_screens_imports_textual() -> None:
    program = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if "textual" in sys.modules:
        sys.exit(f"{name} imports Textual")
"""
    names = headless_modules()
    assert len(names) > 100
    run = subprocess.run(
        [sys.executable, "-c", program, *names], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", set(COMMANDS) - {"wizard"})
def test_no_command_without_a_screen_loads_textual(directory: Path, tmp_path: Path, name: str) -> None:
    arguments = {
        "lab": ["--list"],
        "validate": [str(directory / "plan.yaml")],
        "check": ["--only", "bastion.disk"],
        "generate": ["--configs-only"],
        "watch": ["--timeout", "0.001"],
        "serve": ["--listen", "nowhere:1"],
        "diagnose": [str(directory / "plan.yaml")],
        "import": [str(directory / "plan.yaml")],
    }.get(name, [])
    if name in ON_A_SESSION:
        arguments += ["--session", str(directory)]
    program = "import sys; from tui.cli import run; run(sys.argv[1:]); sys.exit(9 if 'textual' in sys.modules else 0)"
    run = subprocess.run(
        [sys.executable, "-c", program, name, *arguments],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    end_engine(directory)


def test_ocp_tui_without_a_terminal_names_the_commands(ocp_tui: Run) -> None:
    run = ocp_tui()
    assert run.returncode == 2
    said(run, "needs a terminal", "ocp-tui --help")
