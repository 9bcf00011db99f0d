"""`ocp-tui check`: what it prints and how it ends; the asking itself is the engine's."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tui.checks.model import CheckState, Result
from tui.cli import check, run
from tui.session.rows import Job
from tui.session.session import Session
from tui.session.store import now


def _result(state: CheckState, overridden: str | None = None) -> Result:
    fix = "" if state == "ok" else "Do something."
    return Result(id="dns.api", subject=f"api @{state}", state=state, evidence="Asked.", step="network", fix=fix,
                  asked_at=now(), overridden=overridden)  # fmt: skip


@pytest.fixture(name="answers")
def answers_fixture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Result]:
    """What the engine will have recorded when the job is done; an older answer is there already."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    answers: list[Result] = []

    def run_job(session: Session, kind: str, **arguments: Any) -> Job:
        old = Result(id="dns.api", subject="api @gone", state="failed", evidence="", step="network", asked_at=1)
        session.store.put(old)
        begun = now()
        session.store.put(*(replace(answer, asked_at=now()) for answer in answers))
        return Job(id=1, kind=kind, arguments=arguments, state="done", message="", done=None, total=None, result=None,
                   created=begun, started=begun - 60_000_000, ended=begun, rev=1)  # fmt: skip

    monkeypatch.setattr(check, "run_job", run_job)
    (tmp_path / "session").mkdir(mode=0o700)
    return answers


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([_result("ok")], 0),
        ([_result("ok"), _result("warning")], 0),
        ([_result("unknown")], 1),
        ([_result("ok"), _result("failed")], 1),
        ([_result("failed", "the old balancer goes on Friday")], 0),
        ([], 0),
    ],
)
def test_failed_and_unknown_end_with_1_unless_overridden(
    answers: list[Result], tmp_path: Path, results: list[Result], code: int
) -> None:
    answers += results
    assert run(["check", "--session", str(tmp_path / "session")]) == code


def test_json_holds_only_what_was_asked_now(
    answers: list[Result], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [_result("failed"), _result("ok")]
    run(["check", "--session", str(tmp_path / "session"), "--json", "--only", "dns.api", "lb"])
    (printed,) = capsys.readouterr().out.splitlines()
    results = json.loads(printed)["results"]
    assert [result["subject"] for result in results] == ["api @failed", "api @ok"]
    assert results[0]["asked_at"].endswith("Z")
    assert results[0]["overridden"] is None


def test_people_see_evidence_and_repair_of_what_is_wrong(
    answers: list[Result], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [_result("failed", "known"), _result("ok")]
    run(["check", "--session", str(tmp_path / "session")])
    printed = capsys.readouterr().out
    assert printed.count("Asked.") == 1
    assert "→ Do something." in printed
    assert "known" in printed
    assert "2 answers: 1 ok, 0 warning, 1 failed, 0 unknown" in printed


def test_an_unknown_id_is_refused_before_anything_is_asked(
    answers: list[Result], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--only", "dns.apy"]) == 2
    assert "dns.api" in capsys.readouterr().err
