"""OpenShift versions: 4.15, 4.7.7, 4.20.0-ec.0, 4.18.0-0.nightly-…; their order, and whose rules apply."""

import re
from dataclasses import dataclass
from functools import lru_cache, total_ordering

from tui.text import say

Line = tuple[int, int]
"""A minor version, such as (4, 15): what rules go by."""

KNOWN: tuple[Line, ...] = (*((4, minor) for minor in range(7, 23)), (5, 0))
"""The minor versions whose rules are known, oldest first."""

_GRAMMAR = re.compile(r"v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?(?:-([0-9A-Za-z][0-9A-Za-z.-]{0,80}))?", re.ASCII)


class NotAVersion(ValueError):
    """The text is no OpenShift version. Its text says what one looks like."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """`patch` is None for a whole minor version, which sorts before its patches; `pre` is "" for a release."""

    major: int
    minor: int
    patch: int | None = None
    pre: str = ""

    @property
    def line(self) -> Line:
        """The minor version: what rules go by."""
        return self.major, self.minor

    @property
    def name(self) -> str:
        """As a person writes it."""
        patch = "" if self.patch is None else f".{self.patch}"
        return f"{self.major}.{self.minor}{patch}{'-' if self.pre else ''}{self.pre}"

    def __lt__(self, other: "Version") -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, bool, list[tuple[bool, int, str]]]:
        parts = [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in self.pre.split(".")] if self.pre else []
        return self.major, self.minor, -1 if self.patch is None else self.patch, not self.pre, parts


@lru_cache(maxsize=256)
def parse(text: str) -> Version:
    """The version in a text. Raises NotAVersion."""
    match = _GRAMMAR.fullmatch(text.strip())
    if match is None:
        raise NotAVersion(
            say("“{text}” is not an OpenShift version such as 4.15, 4.7.7 or 4.20.0-ec.0.", text=text[:40])
        )
    major, minor, patch, pre = match.groups()
    return Version(int(major), int(minor), None if patch is None else int(patch), pre or "")


def nearest(version: Version) -> tuple[Line, str]:
    """The known minor version whose rules are used, and a warning ("" where they are its own)."""
    if version.line in KNOWN:
        return version.line, ""
    older = [line for line in KNOWN if line < version.line]
    used = older[-1] if older else KNOWN[0]
    name = f"{used[0]}.{used[1]}"
    return used, say("The rules of {version} are not known; those of {name} are used.", version=version, name=name)
