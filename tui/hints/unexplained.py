"""The unknown failure: the most unusual lines that no rule explains. Said as unexplained, never as a diagnosis.

A line is unusual by its words and pairs of words: how rare they are in journals of good installations (the shipped
profile) and among the other kinds of line here, how loudly they complain, and on how few nodes the kind is found.
Names, numbers, addresses and quoted places are not words. Kinds of line, not lines, are looked at: the cost is one
look-up a line and a closer look at each new kind.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct, field

from tui.hints.model import Evidence, Hint
from tui.lines import Line
from tui.text import say

PROFILE = Path(__file__).parent / "benign_profile.txt"
MOST = 5
_KEPT = 200
_MOST_KINDS = 50_000
_KIND_LENGTH = 240
_LOOKED_AT = 1000
_DROPPED = b"0123456789abcdef"
_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]{2,}")
_NAME = re.compile(r"[0-9/@]|\.\S+\.")
_ALARMS = (
    *("abort", "broken", "can't", "cannot", "conflict", "corrupt", "could not", "couldn't", "crash", "deadline"),
    *("degraded", "denied", "does not", "doesn't", "error", "evict", "exceed", "expired", "fail", "fatal", "forbidden"),
    *("giving up", "invalid", "kill", "lost", "mismatch", "missing", "no such", "not found", "oom", "panic", "refus"),
    *("reject", "reset", "retry", "segfault", "timed out", "timeout", "took too long", "unable", "unauthorized"),
    *("unexpected", "unhealthy", "unknown", "unreachable", "wrong", "x509", " not ", " no "),
)
_STRONGEST = 8
_KNOWN = 0.02
"""What a feature is worth that one kind of benign line has, where one that none has is worth 1."""
_LOUDEST = 3
_LEAST = 0.5
"""Below this a line is what good installations print too."""

UNEXPLAINED = "unexplained"
"""The id of every hint of this kind: said as unexplained, never as a diagnosis."""


class Profile(Struct, frozen=True):
    """How many kinds of benign line have each feature: a word, or two neighbours joined by a space."""

    features: Mapping[str, int]

    def text(self) -> str:
        """As shipped: `count feature` a line, in alphabetical order."""
        return "".join(f"{count} {feature}\n" for feature, count in sorted(self.features.items()))


@cache
def shipped() -> Profile:
    """The profile made from public journals of good installations."""
    rows = (line.split(" ", 1) for line in PROFILE.read_text("utf-8").splitlines())
    return Profile({feature: int(count) for count, feature in rows})


def profile_of(texts: Iterable[str]) -> Profile:
    """A profile of these lines, each kind counted once, with all that any line of it says."""
    kinds: dict[bytes, set[str]] = {}
    for text in texts:
        kinds.setdefault(_kind(text), set()).update(_features(text))
    return Profile(dict(Counter(feature for features in kinds.values() for feature in features)))


class _Seen(Struct):
    """The first line of a kind that looked unusual. `order` makes the choice among equals the earliest."""

    line: Line
    features: set[str]
    loud: float
    nodes: set[str]
    count: int = 1


class _Snapshot(Struct):
    """What stood out, with its place in the heap, and how often its features were met here."""

    heap: list[tuple[float, int, bytes]] = field(default_factory=list)
    seen: dict[bytes, _Seen] = field(default_factory=dict)
    here: dict[str, int] = field(default_factory=dict)
    met: int = 0


class Unexplained:
    """Feed it every line with which of them a rule has explained; ask for the hints at any time.

    `snapshot` goes on from an earlier one's: what stood out is known again, plain kinds are learnt anew.
    """

    def __init__(self, profile: Profile | None = None, snapshot: bytes = b"") -> None:
        before = msgspec.msgpack.decode(snapshot, type=_Snapshot) if snapshot else _Snapshot()
        self._benign = (profile or shipped()).features
        self._kinds: dict[bytes, _Seen | None] = dict(before.seen)
        self._here: Counter[str] = Counter(before.here)
        self._heap = before.heap
        self._met = before.met
        self.changed = False
        """Whether another kind stands out, or one on another node, since the last snapshot."""

    def feed(self, lines: Iterable[Line], explained: set[int]) -> None:
        """Takes lines in; `explained` are the places among them of those that a rule spoke of."""
        kinds = self._kinds
        for place, line in enumerate(lines):
            kind = line.text[:_KIND_LENGTH].encode("utf-8", "replace").translate(None, _DROPPED)
            if kind not in kinds:
                if place not in explained and not line.twin:
                    self._meet(kind, line)
            elif (seen := kinds[kind]) is not None:
                seen.count += 1
                if line.node not in seen.nodes:
                    seen.nodes.add(line.node)
                    self.changed = True

    def hints(self) -> list[Hint]:
        """At most five lines, the most unusual first, as one hint a node and unit."""
        groups: dict[tuple[str, str], list[_Seen]] = {}
        for seen in self._most_unusual():
            groups.setdefault((seen.line.node, seen.line.unit), []).append(seen)
        return [_hint(node, unit, group) for (node, unit), group in groups.items()]

    def snapshot(self) -> bytes:
        """The memory of what stands out, to be stored with the lines that were fed."""
        self.changed = False
        seen = {kind: kept for _, _, kind in self._heap if (kept := self._kinds[kind])}
        features = set().union(*(kept.features for kept in seen.values()))
        here = {feature: self._here[feature] for feature in features}
        return msgspec.msgpack.encode(_Snapshot(heap=self._heap, seen=seen, here=here, met=self._met))

    def _meet(self, kind: bytes, line: Line) -> None:
        if len(self._kinds) >= _MOST_KINDS:
            self._forget()
        self._met += 1
        features = set() if line.text.startswith("#") else _features(line.text)
        self._here.update(features)
        self._kinds[kind] = None
        if not features:
            return
        loud = _loudness(line.text)
        strange = loud * _strangeness(features, self._benign, {})
        entry = (strange, -self._met, kind)
        if len(self._heap) < _KEPT:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            self._kinds[heapq.heapreplace(self._heap, entry)[2]] = None
        else:
            return
        self._kinds[kind] = _Seen(line, features, loud, {line.node})
        self.changed = True

    def _forget(self) -> None:
        """Drops the older half of the kinds that did not stand out, and the features met once: memory stays flat."""
        plain = [kind for kind, seen in self._kinds.items() if seen is None]
        for kind in plain[: len(plain) // 2]:
            del self._kinds[kind]
        self._here = Counter({feature: count for feature, count in self._here.items() if count > 1})

    def _most_unusual(self) -> list[_Seen]:
        kept = [seen for _, _, kind in sorted(self._heap, key=lambda e: -e[1]) if (seen := self._kinds[kind])]
        kept = sorted((seen for seen in kept if self._unusual(seen) > _LEAST), key=self._unusual, reverse=True)
        chosen: list[_Seen] = []
        for seen in kept:
            if len(chosen) < MOST and not any(_alike(seen.features, other.features) for other in chosen):
                chosen.append(seen)
        return chosen

    def _unusual(self, seen: _Seen) -> float:
        return seen.loud * _strangeness(seen.features, self._benign, self._here) / math.sqrt(len(seen.nodes))


def _kind(text: str) -> bytes:
    return text[:_KIND_LENGTH].encode("utf-8", "replace").translate(None, _DROPPED)


def _features(text: str) -> set[str]:
    words: list[str] = []
    for token in text[:_LOOKED_AT].split():
        if not _NAME.search(token):
            words += _WORD.findall(token)
    words = [word.lower() for word in words]
    return {*words, *map(" ".join, pairwise(words))}


def _strangeness(features: Iterable[str], benign: Mapping[str, int], here: Mapping[str, int]) -> float:
    """How many features good installations never print, and how rare they are here; a pair is half a word."""
    words: list[float] = []
    pairs: list[float] = []
    for name in features:
        known = benign.get(name, 0)
        rarity = _KNOWN / known if known else 1 / max(1, here.get(name, 0))
        (pairs if " " in name else words).append(rarity)
    strongest = sum(sorted(words)[-_STRONGEST:]), sum(sorted(pairs)[-_STRONGEST:])
    return strongest[0] + strongest[1] / 2


def _loudness(text: str) -> float:
    lowered = text[:_LOOKED_AT].lower()
    return 0.4 + 0.6 * min(sum(word in lowered for word in _ALARMS), _LOUDEST)


def _alike(one: set[str], other: set[str]) -> bool:
    return 2 * len(one & other) > len(one | other)


def _hint(node: str, unit: str, group: list[_Seen]) -> Hint:
    times = [seen.line.time for seen in group if seen.line.time is not None]
    return Hint(
        id=UNEXPLAINED,
        title=say("Unusual lines that no rule explains"),
        severity="info",
        node=node,
        unit=unit,
        first=min(times, default=None),
        last=max(times, default=None),
        count=sum(seen.count for seen in group),
        assumed_year=any(seen.line.assumed_year for seen in group),
        evidence=[
            Evidence(source=seen.line.source, line_number=seen.line.number, text=seen.line.text, time=seen.line.time)
            for seen in group
        ],
        cause=say("Not known. These lines are unlike those of good installations and of the other nodes here."),
        remedy=[say("Read them together with the lines around them; they may or may not matter.")],
    )
