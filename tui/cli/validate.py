"""`ocp-tui validate`: plan.yaml or install-config.yaml, judged as that version's openshift-install would."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from tui.cli import CANNOT, FOUND, OK, CannotRun
from tui.plan import files, strict_yaml, versions
from tui.plan.host import in_fips_mode
from tui.plan.model import Plan, Problem
from tui.plan.node_pull_secret import for_nodes
from tui.plan.rules import RULES, Target, judge, judge_file, judge_flaws
from tui.plan.rules.table import Rule
from tui.text import say

HELP = "judge plan.yaml or install-config.yaml as that version's openshift-install would; touches nothing"
EXAMPLE = "ocp-tui validate install-config.yaml --version 4.15"

_PLAN_KEYS = {"topology", "network", "pull_secret", "artifacts", "generate", "boot"}
_INSTALL_CONFIG_KEYS = {"apiVersion", "baseDomain", "metadata", "platform", "pullSecret", "controlPlane", "networking"}


class Judged(Struct, frozen=True):
    """One file's verdict, with the names of `--json`."""

    file: str
    kind: str
    version: str
    verdict: str
    problems: list[Problem]


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help=say("plan.yaml or install-config.yaml"))
    parser.add_argument("--version", help=say("the OpenShift version; a plan has its own, an install-config needs it"))
    parser.add_argument(
        "--target",
        choices=("manifests", "sno"),
        help=say("judge as create manifests does, or as create single-node-ignition-config (sno)"),
    )
    parser.add_argument("--json", action="store_true", help=say("one JSON object a file, one a line"))
    parser.add_argument("--rules", action="store_true", help=say("print the rules instead"))


def run(arguments: argparse.Namespace) -> int:
    """Judges each file. 0: nothing above a warning, 1: errors, 2: a file could not be judged."""
    if arguments.version:
        _checked(arguments.version)
    if arguments.rules:
        sys.stdout.writelines(_rules_text(arguments.version))
        return OK
    if not arguments.files:
        raise CannotRun(say("Name at least one FILE to judge, or use --rules."))
    code = OK
    host_fips = in_fips_mode()
    for name in arguments.files:
        try:
            judged = judge_path(name, arguments.version or "", arguments.target or "", host_fips=host_fips)
        except CannotRun as error:
            sys.stderr.write(f"ocp-tui: {error}\n")
            code = CANNOT
            continue
        sys.stdout.writelines(_json(judged) if arguments.json else _lines(judged))
        if code == OK and judged.verdict in {"errors", "refused"}:
            code = FOUND
    return code


def judge_path(name: str, version: str, target: str, *, host_fips: bool = False) -> Judged:
    """The verdict on one file. Raises CannotRun where it cannot be read, or its version is not known."""
    data = _read(name)
    try:
        scanned = strict_yaml.scan(data)
    except strict_yaml.YamlUnreadable as error:
        return _judged(name, "unknown", version, [_unreadable(error)])
    if Path(name).name == "plan.yaml" or _is_plan(scanned.value):
        return _judge_plan(name, scanned, version, host_fips)
    if not version:
        raise CannotRun(
            say(
                "{file} is an install-config, which does not name its OpenShift version: add --version 4.15.", file=name
            )
        )
    wanted: Target = "sno" if target == "sno" else "manifests"
    return _judged(name, "install-config", version, judge_file(scanned, version, wanted, host_fips=host_fips))


def _judge_plan(name: str, scanned: strict_yaml.Scanned, version: str, host_fips: bool) -> Judged:
    """A plan is judged for its own version, or the one asked for; its shape decides the target."""
    try:
        plan = files.from_document(scanned.value, scanned.positions)
    except files.PlanUnreadable as error:
        return _judged(name, "plan", version, _in_order([*_flaws(scanned, version), *_misfits(error, scanned)]))
    plan = _with_version(plan, version)
    problems = _flaws(scanned, plan.topology.version)
    for problem in judge(plan, _pull_secret_beside(Path(name), plan), host_fips=host_fips):
        line, column = strict_yaml.place(scanned.positions, problem.path)
        problems.append(msgspec.structs.replace(problem, line=line, column=column) if line else problem)
    return _judged(name, "plan", plan.topology.version, _in_order(problems))


def _pull_secret_beside(file: Path, plan: Plan) -> str | None:
    """What the nodes will pull with, where plan.yaml lies in its session; None where its secrets are not there."""
    names = [name for name in (plan.pull_secret.pull_secret, plan.pull_secret.mirror_credentials) if name]
    secrets = file.parent / "secrets"
    if not names or not all(Path(name).name == name and (secrets / name).is_file() for name in names):
        return None
    try:
        pull, mirror = (
            (secrets / name).read_text("utf-8", "replace") if name else ""
            for name in (plan.pull_secret.pull_secret, plan.pull_secret.mirror_credentials)
        )
    except OSError:
        return None
    return for_nodes(plan, pull, mirror)


def _misfits(error: files.PlanUnreadable, scanned: strict_yaml.Scanned) -> Iterator[Problem]:
    fix = say("Correct it; ocp-tui schema prints what each field takes.")
    for path, message, suggestion in error.faults:
        line, column = strict_yaml.place(scanned.positions, path)
        yield Problem(
            id="plan-type",
            severity="error",
            path=path,
            message=message,
            fix=suggestion or fix,
            line=line,
            column=column,
        )


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.line or 0)


def _with_version(plan: Plan, version: str) -> Plan:
    if not version:
        return plan
    return msgspec.structs.replace(plan, topology=msgspec.structs.replace(plan.topology, version=version))


def _flaws(scanned: strict_yaml.Scanned, version: str) -> list[Problem]:
    """Flaws of a plan: the installer never sees this file, so none is its own."""
    newest = ".".join(map(str, versions.KNOWN[-1]))
    flaws = judge_flaws(scanned, version if _is_version(version) else newest)
    return [msgspec.structs.replace(flaw, installer=False) for flaw in flaws]


def _is_version(text: str) -> bool:
    try:
        versions.parse(text)
    except versions.NotAVersion:
        return False
    return True


def _unreadable(error: strict_yaml.YamlUnreadable) -> Problem:
    return Problem(
        id=error.id,
        severity="error",
        path="",
        message=error.what,
        fix=say("Open the file at that place and correct it."),
        installer=error.installer,
        line=error.line,
        column=error.column,
    )


def _judged(name: str, kind: str, version: str, problems: list[Problem]) -> Judged:
    severities = {problem.severity for problem in problems}
    if any(problem.installer for problem in problems):
        verdict = "refused"
    elif "error" in severities:
        verdict = "errors"
    else:
        verdict = "warnings" if "warning" in severities else "ok"
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Judged(shown, kind, version, verdict, problems)


def _is_plan(value: Any) -> bool:
    """Whether a document is a plan: it has sections of one, and nothing that only an install-config has."""
    if not isinstance(value, dict):
        return False
    return not value.keys().isdisjoint(_PLAN_KEYS) and value.keys().isdisjoint(_INSTALL_CONFIG_KEYS)


def _read(name: str) -> bytes:
    """The file's bytes, at most one more than is ever read: a size the reader then refuses."""
    try:
        with _open(name) as file:
            return file.read(strict_yaml.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else say("its name is not a file's")
        raise CannotRun(say("{file} cannot be read: {why}.", file=name, why=why)) from None


def _open(name: str) -> BinaryIO:
    return Path(name).open("rb")


def _checked(version: str) -> None:
    try:
        versions.parse(version)
    except versions.NotAVersion as error:
        raise CannotRun(str(error)) from None


_ENCODER = msgspec.json.Encoder()


def _json(judged: Judged) -> Iterator[str]:
    yield _ENCODER.encode(judged).decode()
    yield "\n"


_VERDICTS = {
    "ok": "nothing wrong",
    "warnings": "warnings only",
    "errors": "errors that openshift-install would not name",
    "refused": "openshift-install would refuse it",
}


def _lines(judged: Judged) -> Iterator[str]:
    version = f" {judged.version}" if judged.version else ""
    yield f"{judged.file}: {judged.kind}{version}: {say(_VERDICTS[judged.verdict])}\n"
    for problem in judged.problems:
        where = f"{problem.line}:{problem.column}" if problem.line else "-"
        who = say(" (openshift-install refuses this)") if problem.installer else ""
        yield f"  {where:<8} {problem.severity:<8} {problem.path}: {problem.message}{who}\n"
        yield f"  {'':<17} {problem.fix} [{problem.id}]\n"


def _rules_text(version: str | None) -> Iterator[str]:
    line = versions.nearest(versions.parse(version))[0] if version else None
    for about, title in (("file", "YAML"), ("install-config", "install-config.yaml"), ("plan", "plan.yaml")):
        yield f"{title}\n"
        for row in RULES:
            if row.about == about and (line is None or row.applies(line)):
                yield from _rule_text(row)
        yield "\n"


def _rule_text(row: Rule) -> Iterator[str]:
    until = f"–{row.until[0]}.{row.until[1]}" if row.until else "+"
    who = say("openshift-install refuses") if row.installer else row.severity
    yield f"  {row.id}  [{row.since[0]}.{row.since[1]}{until}, {who}]\n"
    yield f"      {say(row.what)}\n      {say('Fix: {fix}', fix=say(row.fix))}\n"
