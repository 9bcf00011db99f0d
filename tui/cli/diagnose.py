"""`ocp-tui diagnose`: reads what an installation left behind; says how far it got and what failed."""

import argparse
import json
import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui.cli import FOUND, OK, CannotRun
from tui.cli.diagnosis_page import catalogue_page, diagnosis_page
from tui.engine.diagnosis import Diagnosis, alarming, diagnose
from tui.hints.model import Hint, Until
from tui.hints.rules import Rule, RulesUnreadable, load, site_directories
from tui.monitor.model import Stage
from tui.monitor.readers import Assumptions, CannotRead, Source
from tui.plan.model import Plan
from tui.secrets import Redactor
from tui.text import say

HELP = say("Reads journals, installer logs and log bundles as one installation; says how far it got and what failed.")
EXAMPLE = "ocp-tui diagnose log-bundle-20210705.tar.gz .openshift_install.log"

_PROGRESS_BYTES = 8 << 20


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help=say("a journal, log, bundle or directory; - is standard input")
    )
    parser.add_argument("--session", metavar="DIR", type=Path, help=say("take names and addresses from its plan"))
    parser.add_argument("--version", metavar="V", default="", help=say("the OpenShift version (default: the plan's)"))
    parser.add_argument("--since-year", metavar="Y", type=int, help=say("the year of the first line without one"))
    parser.add_argument("--zone", metavar="Z", default="UTC", help=say("time zone of lines without one, as Asia/Tokyo"))
    parser.add_argument(
        "--rules-dir", metavar="DIR", type=Path, action="append", default=[], help=say("rule files of your own")
    )
    parser.add_argument("--rules", action="store_true", help=say("print the catalogue of rules and end"))
    parser.add_argument("--json", action="store_true", help=say("one JSON object"))


def run(arguments: argparse.Namespace) -> int:
    """0 where nothing is wrong, 1 where a hint of severity warning or above is active."""
    rules = _rules(arguments.rules_dir)
    if arguments.rules:
        print(catalogue_page(rules), end="")
        return OK
    if not arguments.paths:
        raise CannotRun(say("Nothing to read. Name a file, a log bundle or a directory, or - for standard input."))
    plan, redact = _session(arguments.session)
    progress = _Progress()
    try:
        diagnosis = diagnose(
            arguments.paths,
            rules,
            plan=plan,
            version=arguments.version,
            assumed=Assumptions(since_year=arguments.since_year, zone=_zone(arguments.zone)),
            redact=redact,
            told=progress.told,
        )
    except CannotRead as error:
        raise CannotRun(str(error)) from None
    finally:
        progress.clear()
    if not any(source.lines for source in diagnosis.sources):
        raise CannotRun(_nothing(diagnosis.sources))
    if arguments.json:
        print(json.dumps(as_json(diagnosis), ensure_ascii=False))
    else:
        print(diagnosis_page(diagnosis), end="")
    return FOUND if alarming(diagnosis) else OK


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The promised object; see `ocp-tui diagnose --help`."""
    index = {source.path: number for number, source in enumerate(diagnosis.sources)}
    return {
        "sources": [_source(source) for source in diagnosis.sources],
        "stages": [_stage(stage) for stage in diagnosis.stages],
        "hints": [_hint(hint, index) for hint in diagnosis.hints],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "path": source.path,
        "kind": source.kind,
        "node": source.node,
        "lines": source.lines,
        "first": _time(source.first),
        "last": _time(source.last),
        "note": source.note,
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "title": stage.title,
        "node": stage.node,
        "state": stage.state,
        "started": _time(stage.started),
        "ended": _time(stage.ended),
        "attempts": stage.attempts,
        "detail": stage.detail,
    }


def _hint(hint: Hint, index: dict[str, int]) -> dict[str, Any]:
    return {
        "id": hint.id,
        "title": hint.title,
        "severity": hint.severity,
        "becomes": hint.becomes,
        "node": hint.node,
        "unit": hint.unit,
        "first": _time(hint.first),
        "last": _time(hint.last),
        "count": hint.count,
        "state": hint.state,
        "until": _until(hint.until),
        "confirmed": hint.confirmed,
        "assumed_year": hint.assumed_year,
        "evidence": [
            {"source": index.get(piece.source), "line_number": piece.line_number, "text": piece.text}
            for piece in hint.evidence
        ],
        "cause": hint.cause,
        "remedy": hint.remedy,
        "confirm": hint.confirm,
        "captured": hint.captured,
        "root": hint.root,
        "cleared": _time(hint.cleared),
    }


def _until(until: Until | None) -> dict[str, Any] | None:
    return None if until is None else {"time": _time(until.time), "stage": until.stage}


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    there = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return there.isoformat(timespec="microseconds" if microseconds % 1_000_000 else "seconds").replace("+00:00", "Z")


def _rules(directories: list[Path]) -> tuple[Rule, ...]:
    try:
        return load([*site_directories(), *directories])
    except RulesUnreadable as error:
        raise CannotRun(str(error)) from None


def _session(directory: Path | None) -> tuple[Plan | None, Redactor]:
    if directory is None:
        return None, Redactor()
    from tui.plan.files import PlanUnreadable
    from tui.plan.files import load as load_plan
    from tui.session.directory import SessionDirectory
    from tui.session.known_secrets import known_secrets

    path = directory / "plan.yaml"
    try:
        return load_plan(path), Redactor(known_secrets(SessionDirectory(directory)))
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotRun(say("The session's plan {path} cannot be read: {reason}.", path=path, reason=reason)) from None
    except PlanUnreadable as error:
        raise CannotRun(say("The session's plan {path} cannot be used: {why}", path=path, why=error)) from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotRun(
            say("There is no time zone {name}; name one as Europe/Berlin, Asia/Shanghai or UTC.", name=name)
        ) from None


def _nothing(sources: list[Source]) -> str:
    notes = " ".join(f"{source.path}: {source.note}" for source in sources if source.note)
    return say("There is no log line in what was named. {notes}", notes=notes).rstrip()


class _Progress:
    """A bar on standard error, where a person looks on and there is much to read."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._shown = 0

    def told(self, done: int, total: int) -> None:
        """Redraws the bar when a step further."""
        if self._on and total > _PROGRESS_BYTES and done - self._shown >= _PROGRESS_BYTES:
            self._shown = done
            share = min(1.0, done / total)
            bar = ("#" * round(share * 40)).ljust(40, ".")
            sys.stderr.write(f"\r[{bar}] {share:4.0%} {done >> 20} MiB / {total >> 20} MiB")
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the bar away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
