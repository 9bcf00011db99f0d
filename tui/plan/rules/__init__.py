"""The rules: what openshift-install refuses, and what it accepts and a person regrets, by version.

`RULES` is the whole table, readable as documentation (`ocp-tui validate --rules` prints it). Everything here is pure.
"""

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from tui.plan import install_config, strict_yaml, versions
from tui.plan.install_config import ARCHITECTURES, line_of
from tui.plan.model import Plan, Problem
from tui.plan.rules import (
    access,
    families,
    mirrors,
    names,
    networks,
    options,
    ovn,
    plan_network,
    plan_nodes,
    pools,
    single_node,
    structure,
)
from tui.plan.rules.config import Config, Target, effective
from tui.plan.rules.plan_paths import plan_path
from tui.plan.rules.table import RULES, About, Found, Rule
from tui.plan.rules.view import view
from tui.text import say

__all__ = ["RULES", "Target", "judge", "judge_file", "judge_flaws", "judge_install_config"]

_MODULES = (
    structure,
    names,
    pools,
    networks,
    ovn,
    families,
    access,
    mirrors,
    options,
    single_node,
    plan_nodes,
    plan_network,
)
"""Imported for the rules they put into the table, in its order."""

_NOT_FOR_PLANS = {"machine-network-missing", "network-defaulted", "compute-replicas", "single-node-undecided"}
"""Rules on what a person wrote into an install-config, not on what a plan decides."""

_STAND_IN = '{"auths":{"registry.example.com":{"auth":"dTpw"}}}'


def judge(plan: Plan, pull_secret: str | None = None, *, host_fips: bool = False) -> list[Problem]:
    """Every problem of a plan, at paths of plan.yaml, in the order of the steps.

    `pull_secret` is the text of the secret file, where whoever asks has it; without it only its being there is judged.
    """
    line = line_of(plan)
    seen = view(plan, line)
    problems = [_problem(row, found) for row in _rows("plan", line) for found in row.judge(seen)]
    text = pull_secret if pull_secret is not None else (_STAND_IN if plan.pull_secret.pull_secret else "")
    target: Target = "sno" if plan.topology.shape == "sno" else "manifests"
    payload = ARCHITECTURES[plan.topology.architecture]
    config = effective(install_config.document(plan, text), line, target, payload, host_fips)
    for problem in _judged(config):
        unread = pull_secret is None and plan.pull_secret.pull_secret and problem.id.startswith("pull-secret")
        if problem.id not in _NOT_FOR_PLANS and not unread:
            problems.append(replace(problem, path=plan_path(plan, problem.path)))
    return sorted(_once(problems), key=lambda problem: _STEPS.get(problem.path.partition(".")[0], len(_STEPS)))


_STEPS = {name: number for number, name in enumerate(Plan.__struct_fields__)}


def _once(problems: list[Problem]) -> list[Problem]:
    """Each sentence once a place: several parts of an install-config may come from one field of the plan."""
    return list({(problem.id, problem.path, problem.message): problem for problem in problems}.values())


def judge_install_config(
    document: object, version: str, target: Target = "manifests", *, payload: str = "amd64", host_fips: bool = False
) -> list[Problem]:
    """Every problem of an install-config document, as that version's openshift-install would judge it.

    `payload` is the architecture of the release (Go's name, or "multi"), `host_fips` whether the installer would run
    on a host in FIPS mode. Raises versions.NotAVersion.
    """
    line, warning = versions.nearest(versions.parse(version))
    problems = list(_judged(effective(document, line, target, payload, host_fips)))
    if warning:
        fix = say("Expect differences; a newer ocp-tui may know this version.")
        problems.append(Problem(id="version-nearest", severity="warning", path="", message=warning, fix=fix))
    return problems


def judge_file(
    scanned: strict_yaml.Scanned, version: str, target: Target = "manifests", *, host_fips: bool = False
) -> list[Problem]:
    """Every problem of an install-config as `strict_yaml.scan` read it, with lines and columns, in the file's order."""
    problems = judge_flaws(scanned, version)
    for problem in judge_install_config(scanned.value, version, target, host_fips=host_fips):
        line, column = strict_yaml.place(scanned.positions, problem.path)
        problems.append(replace(problem, line=line, column=column) if line else problem)
    return sorted(problems, key=lambda problem: problem.line or 0)


def judge_flaws(scanned: strict_yaml.Scanned, version: str) -> list[Problem]:
    """What YAML allowed in a file and a person misreads."""
    line, _ = versions.nearest(versions.parse(version))
    return [_problem(row, found) for row in _rows("file", line) for found in row.judge(scanned)]


def _judged(config: Config) -> Iterator[Problem]:
    mistyped = [path for path, _ in config.decoded.mistyped]
    stopped = False
    for row in _rows("install-config", config.line):
        if stopped and not structure.is_structural(row):
            continue
        for found in row.judge(config):
            if row.id == "type" or not _explained(found.path, mistyped):
                stopped = stopped or row.gate
                yield _problem(row, found)


def _explained(path: str, mistyped: list[str]) -> bool:
    """Whether a value of the wrong type, there or around it or in it, explains a finding."""
    return any(not other or _within(path, other) or _within(other, path) for other in mistyped)


def _within(path: str, outer: str) -> bool:
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


@lru_cache(maxsize=128)
def _rows(about: About, line: versions.Line) -> tuple[Rule, ...]:
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
        line=found.place[0],
        column=found.place[1],
    )
