"""What an unexplained line resembles: the known lines most like it, and their failures as a guess said as a guess.

A rule knows the words its program has been seen to use; programs find new ones. So an unusual line that no rule knows
is held against lines really printed in known failures (`known/*.yaml`, and the rules' own examples). Likeness is the
cosine of two lines' words and pairs of words, each weighed by how rare it is among the known lines.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from tui.hints.advice import Adviser
from tui.hints.model import LOUD, Evidence, Hint
from tui.hints.rules import Rule
from tui.plan.model import Plan
from tui.text import say

KNOWN = Path(__file__).parent / "known"
"""Lines of public reports, each with its class (`also`: a second one that it fits) and its source."""
_LOOKED_AT = 2000
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z][a-z0-9]+|:\d{2,5}\b|\b\d{3}\b")
_NEW_WORD = 7.0
"""What a word weighs that no known line has: about as much as one that a single line has."""
_LEAST = 0.12
"""Less alike than this is no resemblance: below it the guess is more often wrong than right."""
_GUESSES = 2
_QUOTED = 160
_MOST_KEPT = 1000


class Likeness(Struct, frozen=True):
    """A class of failure, the known line of it that is most like the one asked about, and how much: 0 to 1."""

    rule: str
    line: str
    degree: float


class Resemblance:
    """Known lines as (rule id, line), ready to be compared with."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self._known = [(rule, line, _features(line)) for rule, line in known]
        spread = Counter(feature for _, _, features in self._known for feature in features)
        total = len(self._known) + 1
        self._weights = {feature: math.log(total / (count + 0.5)) ** 2 for feature, count in spread.items()}
        self._lengths = [self._length(features) for _, _, features in self._known]
        self._having: dict[str, list[int]] = defaultdict(list)
        for number, (_, _, features) in enumerate(self._known):
            for feature in features:
                self._having[feature].append(number)

    def nearest(self, text: str) -> list[Likeness]:
        """The classes whose known lines are most like `text`, the likeliest first; none where it is like no other."""
        features = _features(text)
        shared: defaultdict[int, float] = defaultdict(float)
        for feature in features & self._having.keys():
            for number in self._having[feature]:
                shared[number] += self._weights[feature]
        length = self._length(features)
        best: dict[str, Likeness] = {}
        for number, weight in shared.items():
            rule, line, _ = self._known[number]
            degree = weight / math.sqrt(length * self._lengths[number])
            if degree >= _LEAST and (rule not in best or degree > best[rule].degree):
                best[rule] = Likeness(rule, line, degree)
        return sorted(best.values(), key=lambda likeness: -likeness.degree)[:_GUESSES]

    def _length(self, features: Iterable[str]) -> float:
        return sum(self._weights.get(feature, _NEW_WORD**2) for feature in features)


def known_lines(directory: Path = KNOWN) -> Iterator[tuple[str, str]]:
    """(class, line) of every known line."""
    import yaml

    for path in sorted(directory.glob("*.yaml")):
        for report in yaml.load(path.read_bytes(), yaml.CSafeLoader):
            yield from ((entry["id"], entry["line"]) for entry in report["lines"])


class Guesser:
    """Guesses, by one catalogue and for one plan, what unexplained lines are of. Reads the known lines when asked."""

    def __init__(self, rules: Iterable[Rule], plan: Plan | None = None, version: str = "") -> None:
        self._rules = {rule.id: rule for rule in rules if rule.match}
        self._adviser = Adviser(plan, version)
        self._nearest: dict[str, list[Likeness]] = {}

    def guesses(self, unexplained: Iterable[Hint], told: Iterable[Hint]) -> list[Hint]:
        """One hint of severity info for each class that an unexplained line resembles, the likeliest first.

        `told` are the hints of rules: on a node where one of them is an alarm there is nothing to guess.
        """
        told = list(told)
        alarmed = {hint.node for hint in told if hint.state == "active" and hint.severity in LOUD}
        named = {(hint.id, hint.node) for hint in told}
        found: dict[tuple[str, str], tuple[float, Hint]] = {}
        for hint in unexplained:
            for piece in hint.evidence if hint.node not in alarmed else ():
                for near in self._near(piece.text):
                    key = near.rule, hint.node
                    if key not in named and (key not in found or near.degree > found[key][0]):
                        found[key] = near.degree, self._guess(hint, piece, near)
        return [guess for _, guess in sorted(found.values(), key=lambda entry: -entry[0])]

    @cached_property
    def _resemblance(self) -> Resemblance:
        own = ((rule.id, line) for rule in self._rules.values() for line in rule.positive)
        return Resemblance([*own, *((rule, line) for rule, line in known_lines() if rule in self._rules)])

    def _near(self, text: str) -> list[Likeness]:
        if text not in self._nearest:
            if len(self._nearest) >= _MOST_KEPT:
                self._nearest.clear()
            self._nearest[text] = self._resemblance.nearest(text) if self._rules else []
        return self._nearest[text]

    def _guess(self, hint: Hint, piece: Evidence, near: Likeness) -> Hint:
        rule = self._rules[near.rule]
        advice = self._adviser.advise(rule, {}, hint.node)
        known = near.line if len(near.line) <= _QUOTED else f"{near.line[:_QUOTED]}…"
        return Hint(
            id=rule.id,
            title=say("Perhaps: {title}", title=rule.title),
            severity="info",
            guess=True,
            node=hint.node,
            unit=hint.unit,
            first=piece.time,
            last=piece.time,
            assumed_year=hint.assumed_year,
            evidence=[piece],
            cause=say(
                "A guess: no rule knows this line, which is like one of this failure: “{known}”. If it is: {cause}",
                known=known,
                cause=advice.cause,
            ),
            remedy=advice.remedy,
            confirm=advice.confirm,
            rank=hint.rank,
        )


def _features(text: str) -> frozenset[str]:
    words = _WORD.findall(_CAMEL.sub(" ", text[:_LOOKED_AT]).lower())
    return frozenset([*words, *map(" ".join, pairwise(words))])
