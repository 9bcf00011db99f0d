"""Words cut in two where a text begins or ends: as a terminal's width, a selection or a limit on length leaves them.

Only the word that was cut is put together again, and only where it is no whole word as it stands and those next to it
are as a rule looks for them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

_SEEN = 8
"""So many characters of a rule's words must be there, the cut word's part among them."""
_SHARED = 20
"""A part that more of the rules' words begin or end with, such as "re" or "ed", tells nothing of the word it was."""
_MARKS = " >.…\"'`)"
"""What stands where something was left out, or closed a quotation that was cut."""
_MOST = 8
_COMMON = (" not found", " not exist", "file exists", "cluster operator ")
"""Words that patterns often hold, yet too common to be literals."""
_WORD = re.compile("[a-z]+")

_Places = dict[str, list[tuple[str, int]]]


class CutEnds:
    """Knows the words of the rules (`literals`, lower case) and where each may be cut.

    Of a literal that is one long word nothing is put together: a line that ends in "cluster" would become its name.
    """

    def __init__(self, literals: Iterable[str]) -> None:
        self._begun: _Places = {}
        self._ended: _Places = {}
        several = {literal for literal in literals if len(literal) > _SEEN and not literal.isalpha()}
        several |= set(_COMMON)
        whole = {word for literal in several for word in _WORD.findall(literal)}
        beginnings = _telling(word[:cut] for word in whole for cut in range(1, len(word))) - whole
        endings = _telling(word[cut:] for word in whole for cut in range(1, len(word))) - whole
        for literal in sorted(several):
            words = list(_WORD.finditer(literal))
            for word in words:
                for cut in range(word.start() + 1, word.end()):
                    if word is not words[0] and cut >= _SEEN and literal[word.start() : cut] in beginnings:
                        self._begun.setdefault(literal[cut - _SEEN : cut], []).append((literal, cut))
                    if word is not words[-1] and len(literal) - cut >= _SEEN and literal[cut : word.end()] in endings:
                        self._ended.setdefault(literal[cut : cut + _SEEN], []).append((literal, cut))

    def suspects(self, lowered: Sequence[str]) -> set[int]:
        """The places of those texts that may have been cut within a rule's words; quick, for few have."""
        begun, ended = self._begun, self._ended
        return {
            place
            for place, text in enumerate(lowered)
            if text[:_SEEN] in ended
            or text[-_SEEN:] in begun
            or (text[-1:] in _MARKS and text.rstrip(_MARKS)[-_SEEN:] in begun)
        }

    def completed(self, text: str) -> list[str]:
        """The text with the first or the last word put together again, in each way that rules know."""
        return list(dict.fromkeys([*self._with_end(text), *self._with_start(text)]))[:_MOST]

    def _with_end(self, text: str) -> Iterator[str]:
        text = text.rstrip(_MARKS)
        lowered = text.lower()
        for literal, cut in self._begun.get(lowered[-_SEEN:], ()):
            if lowered.endswith(literal[:cut]):
                yield text + _word_end(literal, cut)

    def _with_start(self, text: str) -> Iterator[str]:
        lowered = text.lower()
        for literal, cut in self._ended.get(lowered[:_SEEN], ()):
            if lowered.startswith(literal[cut:]):
                yield _word_start(literal, cut) + text


@cache
def cut_ends(literals: frozenset[str]) -> CutEnds:
    """Those of these literals; made once."""
    return CutEnds(literals)


def _telling(parts: Iterable[str]) -> set[str]:
    return {part for part, words in Counter(parts).items() if words <= _SHARED}


def _word_end(literal: str, cut: int) -> str:
    end = cut
    while end < len(literal) and literal[end].isalpha():
        end += 1
    return literal[cut:end]


def _word_start(literal: str, cut: int) -> str:
    start = cut
    while start and literal[start - 1].isalpha():
        start -= 1
    return literal[start:cut]
