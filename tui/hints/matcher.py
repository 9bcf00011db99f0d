"""All rules over many lines at once: one automaton finds the literals, then only their own rules look closer."""

import re
from collections.abc import Iterable, Iterator, Sequence

import ahocorasick
from msgspec import Struct

from tui.hints.cut_ends import cut_ends
from tui.hints.dress import TELLTALES, marked, undressed
from tui.hints.required import Clause
from tui.hints.rules import Match, Rule
from tui.lines import Line

LINES_A_SWEEP = 256
"""So many lines are joined for one sweep: the automaton's start costs as much as a few lines."""
LONG = 6 * 1024
"""A longer line is searched only near its literals, so that no pattern can take long on what a node may send."""
NEAR = 1536
"""Characters before and after a literal in which its pattern is searched on a long line."""
MOST_WINDOWS = 4
_DRESSED = -1
"""In the automaton the number of no rule: the line is to be looked at in its plain form too."""


class Hit(Struct, frozen=True):
    """A rule spoke: about line `line` of those given, for its failure or (`clears`) for the failure's end."""

    line: int
    rule: Rule
    match: re.Match[str]
    clears: bool


class _Entry(Struct, frozen=True):
    rule: Rule
    match: Match
    clears: bool


def searchable(line: Line) -> str:
    """What patterns are searched in: the message, headed by who printed it as a plain journal shows it."""
    return f"{line.identifier}[{line.pid or ''}]: {line.text}" if line.identifier else line.text


class Matcher:
    """The compiled form of a set of rules. `find` is all it does."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._entries = list(_entries(rules))
        owners: dict[str, list[int]] = {}
        for number, entry in enumerate(self._entries):
            for literal in set(entry.match.literals):
                owners.setdefault(literal, []).append(number)
        self._automaton = ahocorasick.Automaton()
        self._cut = cut_ends(frozenset(owners))
        for telltale in TELLTALES:
            owners.setdefault(telltale, []).append(_DRESSED)
        for literal, numbers in owners.items():
            self._automaton.add_word(literal, tuple(numbers))
        self._automaton.make_automaton()

    def find(self, texts: Sequence[str]) -> Iterator[Hit]:
        """The hits in `texts`, in line order; a rule speaks at most once of a line as failure and once as end."""
        if not self._entries:
            return
        for start in range(0, len(texts), LINES_A_SWEEP):
            swept = texts[start : start + LINES_A_SWEEP]
            lowered = _lowered(swept)
            found = self._sweep(lowered)
            plain = self._plain(swept, found, ascii_only=lowered.isascii())
            suspects = self._cut.suspects(lowered.split("\n"))
            for line in sorted({*found, *suspects}):
                forms = (swept[line], plain[line]) if line in plain else (swept[line],)
                numbers = found.get(line, set()) - {_DRESSED}
                hits = self._look(start + line, forms, numbers) if numbers else []
                yield from hits or (self._look_at_cut(start + line, forms) if line in suspects else [])

    def _plain(self, texts: Sequence[str], found: dict[int, set[int]], *, ascii_only: bool) -> dict[int, str]:
        """Line number -> its text undressed, of those that need it; the entries it has then are added to `found`."""
        dressed = {line for line, numbers in found.items() if _DRESSED in numbers}
        if not ascii_only:
            dressed.update(line for line, text in enumerate(texts) if marked(text))
        plain = {line: undressed(texts[line]) for line in dressed}
        lines = list(plain)
        for place, numbers in self._sweep(_lowered(list(plain.values()))).items() if plain else ():
            found.setdefault(lines[place], set()).update(numbers)
        return plain

    def _sweep(self, lowered: str) -> dict[int, set[int]]:
        """Line number -> numbers of the entries one of whose literals is in it."""
        lowered += "\n"
        found: dict[int, set[int]] = {}
        numbers: set[int] = set()
        line = end = 0
        for place, owners in self._automaton.iter(lowered):
            if place >= end:
                line += lowered.count("\n", end, place)
                end = lowered.index("\n", place)
                numbers = found[line] = set()
            numbers.update(owners)
        return found

    def _look_at_cut(self, line: int, forms: tuple[str, ...]) -> list[Hit]:
        """What rules say of a text of which they know nothing, were its first or last word whole."""
        for whole in self._cut.completed(forms[-1]):
            for numbers in self._sweep(_lowered([whole])).values():
                hits = self._look(line, (whole,), numbers - {_DRESSED})
                if hits:
                    return hits
        return []

    def _likely(self, forms: tuple[str, ...], among: Iterable[int]) -> list[int]:
        """Those of the entries that are worth a search in one of a text's forms, in the rules' order."""
        entries = self._entries
        if "\n" in forms[0]:
            return sorted(among)
        likely: set[int] = set()
        for form in forms:
            lowered = form.lower()
            likely.update([n for n in among if _worth(entries[n].match.needs, lowered)])
        return sorted(likely) if len(likely) > 1 else list(likely)

    def _look(self, line: int, forms: tuple[str, ...], among: Iterable[int]) -> list[Hit]:
        hits: list[Hit] = []
        spoken: set[tuple[str, bool]] = set()
        for number in self._likely(forms, among):
            entry = self._entries[number]
            if (entry.rule.id, entry.clears) in spoken:
                continue
            matches = [match for form in forms if (match := _search(entry.match, form))]
            match = matches[0] if matches else None
            if match and (entry.clears or not any(_excepted(entry.rule, found) for found in matches)):
                spoken.add((entry.rule.id, entry.clears))
                hits.append(Hit(line, entry.rule, match, entry.clears))
        return hits


def _entries(rules: Iterable[Rule]) -> Iterator[_Entry]:
    for rule in rules:
        yield from (_Entry(rule, match, clears=False) for match in rule.match)
        if rule.clears:
            yield from (_Entry(rule, match, clears=True) for match in rule.clears.lines)


def _lowered(texts: Sequence[str]) -> str:
    """The texts in lower case, a line for each."""
    joined = "\n".join(texts)
    if joined.count("\n") >= len(texts):
        joined = "\n".join(" ".join(_unbroken(text)) for text in texts)
    return joined.lower()


def _search(wanted: Match, text: str) -> re.Match[str] | None:
    """The first match."""
    if "\n" in text:
        return next((match for whole in _unbroken(text) if (match := _search(wanted, whole))), None)
    if len(text) <= LONG:
        return wanted.regex.search(text)
    for place in _places(wanted.literals, text.lower()):
        match = wanted.regex.search(text, max(0, place - NEAR), place + NEAR)
        if match:
            return match
    return None


def _unbroken(text: str) -> tuple[str, ...]:
    """A text of several lines (a wrapped paste, a long message) as one: its breaks as spaces, and as nothing.

    Editors break at spaces, but a word longer than a line within it: there the full lines go on without a space.
    """
    if "\n" not in text:
        return (text,)
    parts = text.split("\n")
    width = max(map(len, parts))
    mixed = "".join(part if len(part) == width else f"{part} " for part in parts).rstrip(" ")
    return tuple(dict.fromkeys((" ".join(parts), "".join(parts), mixed)))


def _worth(ways: list[list[Clause]], lowered: str) -> bool:
    """Whether the line has all that one of the ways needs; a pattern whose needs are not known is always worth it."""
    for clauses in ways:
        for clause in clauses:
            for text in clause:
                if text in lowered:
                    break
            else:
                break
        else:
            return True
    return not ways


def _places(literals: Iterable[str], lowered: str) -> list[int]:
    """Where literals stand, one a window, the first ones and the last: what matters may be at either end."""
    places: set[int] = set()
    for literal in literals:
        place = lowered.find(literal)
        while place >= 0 and len(places) < MOST_WINDOWS - 1:
            places.add(place // NEAR)
            place = lowered.find(literal, place + NEAR)
        places.add(max(0, lowered.rfind(literal)) // NEAR)
    ordered = sorted(places)
    return [window * NEAR + NEAR // 2 for window in [*ordered[: MOST_WINDOWS - 1], *ordered[MOST_WINDOWS - 1 :][-1:]]]


def _excepted(rule: Rule, match: re.Match[str]) -> bool:
    """Whether what stands around the match is one of the rule's exceptions."""
    text = match.string  # a wrapped text is searched put together
    start, end = (0, len(text)) if len(text) <= LONG else (max(0, match.start() - NEAR), match.end() + NEAR)
    return any(pattern.search(text, start, end) for pattern in rule.exceptions)
