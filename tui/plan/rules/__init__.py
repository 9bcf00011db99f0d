"""The rules: what openshift-install refuses, and what it accepts and a person regrets, by version.

`RULES` is the whole table, readable as documentation (`ocp-tui validate --rules` prints it). Everything here is pure.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tui.plan import strict_yaml, versions
from tui.plan.model import Plan, Problem
from tui.plan.rules import access, families, mirrors, names, networks, options, pools, single_node, structure
from tui.plan.rules.config import Config, Target, effective
from tui.plan.rules.table import RULES, About, Found, Line, Rule
from tui.text import say

__all__ = ["RULES", "Target", "judge", "judge_file", "judge_install_config"]

_MODULES = (structure, names, pools, networks, families, access, mirrors, options, single_node)
"""Imported for the rules they put into the table."""


def judge_file(
    scanned: strict_yaml.Scanned, version: str, target: Target = "manifests", *, host_fips: bool = False
) -> list[Problem]:
    """Every problem of an install-config as it was scanned, with lines and columns, in the order of the file."""
    line, _ = versions.nearest(versions.parse(version))
    found = [_problem(row, f) for row in _rows("file", line) for f in row.judge(scanned)]
    at = {(flaw.id, flaw.path): (flaw.line, flaw.column) for flaw in scanned.flaws}
    problems = [_placed(problem, at.get((problem.id, problem.path))) for problem in found]
    for problem in judge_install_config(scanned.value, version, target, host_fips=host_fips):
        where = strict_yaml.place(scanned.positions, problem.path)
        problems.append(_placed(problem, where if where != (None, None) else None))
    return problems


def judge_install_config(
    document: object, version: str, target: Target = "manifests", *, payload: str = "amd64", host_fips: bool = False
) -> list[Problem]:
    """Every problem of an install-config document, as that version's openshift-install would judge it.

    `payload` is the architecture of the release (Go's name, or "multi"), `host_fips` whether the installer would run
    on a host in FIPS mode. Raises versions.NotAVersion.
    """
    parsed = versions.parse(version)
    line, warning = versions.nearest(parsed)
    config = effective(document, line, target, payload, host_fips)
    problems = list(_judged(config))
    if warning:
        problems.insert(0, version_problem("", warning))
    return problems


def version_problem(path: str, warning: str) -> Problem:
    """The warning that the nearest rules are used."""
    fix = say("Expect differences; a newer ocp-tui may know this version.")
    return Problem(id="version-nearest", severity="warning", path=path, message=warning, fix=fix)


def judge(plan: Plan) -> list[Problem]:
    """Every problem of a plan, at paths of plan.yaml."""
    return []


def _judged(config: Config) -> Iterator[Problem]:
    mistyped = [path for path, _ in config.decoded.mistyped]
    stopped = False
    for row in _rows("install-config", config.line):
        if stopped and not structure.is_structural(row):
            continue
        for found in row.judge(config):
            if row.id == "type" or not _lies_in(found.path, mistyped):
                stopped = stopped or row.gate
                yield _problem(row, found)


def _lies_in(path: str, mistyped: list[str]) -> bool:
    """Whether a value that has the wrong type would explain a finding there."""
    return any(
        path == other
        or not other
        or path.startswith((f"{other}.", f"{other}["))
        or other.startswith((f"{path}.", f"{path}["))
        for other in mistyped
    )


@lru_cache(maxsize=64)
def _rows(about: About, line: Line) -> tuple[Rule, ...]:
    rows = [row for row in RULES if row.about == about and row.applies(line)]
    return tuple(sorted(rows, key=lambda row: (not structure.is_structural(row), not row.gate)))


def _problem(row: Rule, found: Found) -> Problem:
    return Problem(
        id=row.id,
        severity=row.severity,
        path=found.path,
        message=found.message,
        fix=found.fix or say(row.fix),
        installer=row.installer,
    )


def _placed(problem: Problem, where: Any) -> Problem:
    if where is None:
        return problem
    from msgspec.structs import replace

    return replace(problem, line=where[0], column=where[1])
