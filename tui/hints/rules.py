"""The rule file: what a detector is, as data, and the one way to read it.

A rule file is a YAML list; one entry is a `Rule`, its keys are the fields below, and a key that is not a field is an
error. The shipped catalogue is one file a phase in `tui/hints/catalogue`; a site may add directories of its own.

A rule speaks either of text (`match`) or of state (`state`), for what no program prints:

- `absence`: within `within` seconds of the moment `since` came true, `missing` has not come true.
- `presence`: `holds` has been true for `within` seconds without a break, all of them after the stage of `since`.
- `repetition`: the stage named by `holds` was tried `times` times, or so many rows fulfil `holds` at once.
- `order`: `early` came true although `needs` had not.

Where text must be met by code, as in `guaranteed`, lower case is meant: lines are searched without regard to case.
"""

import os
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from tui.hints.model import Severity
from tui.hints.required import Clause, guaranteed, needs
from tui.text import say

Phase = Literal["ignition", "coreos-install", "bootstrap", "control-plane", "workers", "operators", "host", "installer"]
Source = Literal["journal", "installer-log", "console", "any"]
Circumstance = Literal["connected", "air-gapped", "proxy", "dhcp", "static", "ha", "compact", "sno", "lab", "real"]
"""What a remedy's step may depend on: whether a mirror is used, a proxy set, addresses leased, the shape, the lab."""

CATALOGUE = Path(__file__).parent / "catalogue"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
_SHORTEST_LITERAL = 3


class RulesUnreadable(Exception):
    """A rule file cannot be used. Its text says which file, which rule, what is wrong and what is wanted."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What every part of a rule shares: immutable, and a key it does not know is an error."""


class Where(Part, frozen=True):
    """Where such lines usually come from: told to people, and never a reason to miss a line from elsewhere."""

    roles: list[Literal["bootstrap", "master", "worker", "bastion"]] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


class Match(Part, frozen=True):
    """One way the failure is printed: one of `literals` is in the lower-cased line, and `pattern` is found in it."""

    literals: list[str]
    pattern: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled when first needed: most rules of a catalogue never meet a line."""
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def needs(self) -> list[list[Clause]]:
        """What a lower-case line must contain to be worth a search; see `tui.hints.required.needs`."""
        return needs(self.pattern)


class Persistence(Part, frozen=True):
    """Transient until seen `count` times within `within` seconds of line time."""

    count: int
    within: int


class Normal(Part, frozen=True):
    """Transient for `for` seconds of line time after first seen; without `for`, before stage `until_stage` is done.

    Where both are given the seconds decide (a stage may never be done), and the stage is named beside them. A line on
    which one of `settled` is found is past that: what is printed once, by who has waited and gave up.
    """

    until_stage: str | None = None
    seconds: int | None = field(name="for", default=None)
    settled: list[str] = field(default_factory=list)


class Clears(Part, frozen=True):
    """What shows that it is over: a stage done after it was last seen, a later line of the same node, or its silence.

    `silence`: so many seconds of that node's line time without it, while the node goes on printing other lines.
    """

    stage: str | None = None
    lines: list[Match] = field(default_factory=list)
    silence: int | None = None


class Condition(Part, frozen=True):
    """A fact about one row of what is known. Exactly one of `stage`, `object` (kind), `node`, `board` is given.

    `node` and `board` speak of planned nodes; their value is a role, or "any". `state` lists the states that fulfil it
    (none: that the row is there). `each`: judged for each node by itself, and the hint is that node's. `heard`: of
    nodes only those whose journal has been read before.
    """

    stage: str | None = None
    object: str | None = None
    node: str | None = None
    board: str | None = None
    name: str | None = None
    state: list[str] = field(default_factory=list)
    each: bool = False
    heard: bool = False


class StateRule(Part, frozen=True):
    """A failure without text; see the module's words on the four kinds. `within` is seconds."""

    kind: Literal["absence", "presence", "repetition", "order"]
    since: Condition | None = None
    missing: Condition | None = None
    holds: Condition | None = None
    early: Condition | None = None
    needs: Condition | None = None
    within: int = 0
    times: int = 0


class Step(Part, frozen=True):
    """A remedy's step for some plans only: all of `when` hold, and since <= version < before. Unknown counts as yes."""

    text: str
    when: Circumstance | list[Circumstance] = field(default_factory=list)
    since: str | None = None
    before: str | None = None


class Rule(Part, frozen=True):
    """One class of failure: how to know it, how bad it is and when, what it causes, what to do."""

    id: str
    title: str
    severity: Severity
    phase: Phase
    cause: str
    remedy: list[str | Step]
    where: Where = Where()
    match: list[Match] = field(default_factory=list)
    unless: list[str] = field(default_factory=list)
    persistence: Persistence | None = None
    normal: Normal | None = None
    clears: Clears | None = None
    outranks: list[str] = field(default_factory=list)
    state: StateRule | None = None
    confirm: list[str | Step] = field(default_factory=list)
    check: dict[str, str] = field(default_factory=dict)
    repair: str = ""
    positive: list[str] = field(default_factory=list)
    negative: list[str] = field(default_factory=list)

    @cached_property
    def exceptions(self) -> list[re.Pattern[str]]:
        """`unless`, compiled when first needed."""
        return [re.compile(pattern, re.IGNORECASE) for pattern in self.unless]

    @cached_property
    def settled(self) -> list[re.Pattern[str]]:
        """`normal.settled`, compiled when first needed."""
        return [re.compile(pattern, re.IGNORECASE) for pattern in (self.normal.settled if self.normal else ())]


def load(extra_dirs: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """The shipped catalogue and every *.yaml of the site's directories, in file order; ids are unique.

    Raises RulesUnreadable. A site's rule may not take a shipped id: its files stay valid when the catalogue grows.
    """
    rules: dict[str, Rule] = {}
    for path in [*_files(CATALOGUE), *(file for directory in extra_dirs for file in _files(Path(directory)))]:
        for rule in load_file(path, thorough=path.parent != CATALOGUE):
            if rule.id in rules:
                raise RulesUnreadable(
                    say("{path}: the id {id} is taken by another rule; choose another one.", path=path, id=rule.id)
                )
            rules[rule.id] = rule
    return tuple(rules.values())


def site_directories() -> list[Path]:
    """Where this person's own rule files lie: `ocp-tui/rules` in the XDG configuration directory, if it is there."""
    configuration = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    directory = Path(configuration) / "ocp-tui" / "rules"
    return [directory] if directory.is_dir() else []


def load_file(path: Path, *, thorough: bool = True) -> list[Rule]:
    """The rules of one file. Raises RulesUnreadable with one sentence for each fault.

    Not `thorough` trusts the patterns (the tests have proved the shipped ones) and reads several times faster.
    """
    entries = _entries(path)
    faults: list[str] = []
    rules: list[Rule] = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("id") if isinstance(entry, dict) else None
        where = say("{path}, rule {number} ({id})", path=path, number=number, id=name or "?")
        try:
            rule = msgspec.convert(entry, Rule)
        except msgspec.ValidationError as error:
            faults.append(f"{where}: {error}.")
            continue
        if thorough:
            faults += [f"{where}: {fault}" for fault in faults_of(rule)]
        rules.append(rule)
    if faults:
        raise RulesUnreadable("\n".join(faults))
    return rules


def faults_of(rule: Rule) -> list[str]:
    """What the schema cannot say: one sentence for each fault of this rule."""
    faults = []
    if not _ID.fullmatch(rule.id):
        faults.append(say("the id must be lower-case words joined by hyphens."))
    if bool(rule.match) == bool(rule.state):
        faults.append(say("a rule has either `match` (text) or `state` (no text), not both and not neither."))
    if not rule.remedy or not rule.cause:
        faults.append(say("`cause` and `remedy` must say something."))
    for match in [*rule.match, *(rule.clears.lines if rule.clears else [])]:
        faults += _match_faults(match)
    for pattern in [*rule.unless, *(rule.normal.settled if rule.normal else [])]:
        faults += _pattern_faults(pattern)
    if rule.state:
        faults += _state_faults(rule.state)
    for step in [*rule.remedy, *rule.confirm]:
        if isinstance(step, Step):
            faults += [
                say("version {version!r} is not of the form 4.14.", version=version)
                for version in (step.since, step.before)
                if version and not _VERSION.fullmatch(version)
            ]
    return faults


def _match_faults(match: Match) -> list[str]:
    faults = _pattern_faults(match.pattern)
    if faults:
        return faults
    if not match.literals:
        return [say("pattern {pattern!r} has no literal; give one that every match contains.", pattern=match.pattern)]
    for literal in match.literals:
        if literal != literal.lower() or len(literal) < _SHORTEST_LITERAL:
            faults.append(say("literal {literal!r} must be lower case and at least three characters.", literal=literal))
    if not faults and not guaranteed(match.pattern, match.literals):
        faults.append(
            say(
                "pattern {pattern!r} can match a line without any of its literals {literals}; name literals that "
                "stand in the pattern as they are, one for each of its branches.",
                pattern=match.pattern,
                literals=match.literals,
            )
        )
    return faults


def _pattern_faults(pattern: str) -> list[str]:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        return [say("pattern {pattern!r} is no regular expression: {error}.", pattern=pattern, error=error)]
    return [say("pattern {pattern!r} matches the empty line.", pattern=pattern)] if compiled.search("") else []


def _state_faults(state: StateRule) -> list[str]:
    wanted = {
        "absence": ("since", "missing", "within"),
        "presence": ("holds", "within"),
        "repetition": ("holds", "times"),
        "order": ("early", "needs"),
    }[state.kind]
    faults = [
        say("a state rule of kind {kind} needs `{name}`.", kind=state.kind, name=name)
        for name in wanted
        if not getattr(state, name)
    ]
    conditions = (state.since, state.missing, state.holds, state.early, state.needs)
    if any(c and sum(map(bool, (c.stage, c.object, c.node, c.board))) != 1 for c in conditions):
        faults.append(say("a condition names exactly one of stage, object, node, board."))
    return faults


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise RulesUnreadable(say("{path} is not a directory of rule files.", path=directory))
    return sorted(directory.glob("*.yaml"))


def _entries(path: Path) -> list[object]:
    import yaml

    try:
        data = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except OSError as error:
        raise RulesUnreadable(
            say("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise RulesUnreadable(
            say("{path}{place}: not YAML: {problem}.", path=path, place=place, problem=problem)
        ) from None
    if not isinstance(data, list):
        raise RulesUnreadable(say("{path} must hold a list of rules.", path=path))
    return data
