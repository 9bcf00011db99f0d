"""The one table of rules. A rule is a small function that yields what it found; its row says the rest."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from tui.plan.versions import Line

Severity = Literal["error", "warning", "info"]
About = Literal["file", "install-config", "plan"]


class Found(NamedTuple):
    """Where a rule is broken, what is wrong there in plain words, and the fix where it differs from the rule's own.

    `place` is the line and column (from 1) where the rule itself knows them.
    """

    path: str
    message: str
    fix: str = ""
    place: tuple[int, int] | tuple[None, None] = (None, None)


class Rule(NamedTuple):
    """One row. `installer`: openshift-install of these versions itself refuses. `until` is the last version, or None.

    `about` is what the function looks at: a scanned YAML "file", an effective "install-config", or a "plan".
    `gate` rules come first: where one finds something, the installer looks no further, and neither do we.
    """

    id: str
    about: About
    severity: Severity
    installer: bool
    since: Line
    until: Line | None
    what: str
    fix: str
    gate: bool
    judge: Callable[[Any], Iterator[Found]]

    def applies(self, line: Line) -> bool:
        """Whether the rule holds for a minor version."""
        return self.since <= line and (self.until is None or line <= self.until)


RULES: list[Rule] = []
"""Every rule, in the order a reader of the table would want."""

Judge = Callable[[Any], Iterator[Found]]


def rule(
    name: str,
    what: str,
    fix: str,
    *,
    about: About = "install-config",
    severity: Severity = "error",
    installer: bool = False,
    since: Line = (4, 7),
    until: Line | None = None,
    gate: bool = False,
) -> Callable[[Judge], Judge]:
    """Puts a function into the table."""

    def register(judge: Judge) -> Judge:
        RULES.append(Rule(name, about, severity, installer, since, until, what, fix, gate, judge))
        return judge

    return register


def refusal(
    name: str, what: str, fix: str, *, since: Line = (4, 7), until: Line | None = None, gate: bool = False
) -> Callable[[Judge], Judge]:
    """Puts a function into the table for what openshift-install itself refuses."""
    return rule(name, what, fix, installer=True, since=since, until=until, gate=gate)
