"""Lines that a terminal, a mail program or a web form has broken, put together again where that is safe."""

from collections.abc import Callable, Sequence
from itertools import pairwise

_NARROWEST = 60
_LONGEST_TEXT = 256 * 1024


def rejoined(texts: Sequence[str], begins: Callable[[str], bool]) -> list[tuple[int, str]]:
    """(line number, text) of each whole line; parts of one stay apart by a line feed, for the width may lie in a word.

    A part is one that does not look like the beginning of a line (`begins`), after a line so long that what follows
    would not have fitted: everything was wrapped at one width, so no line is longer. Indented text is left alone.
    """
    numbered = list(enumerate(texts, 1))
    width = max(map(len, texts), default=0)
    if width < _NARROWEST or sum(map(len, texts)) > _LONGEST_TEXT or not any(map(begins, texts)):
        return numbered
    whole = numbered[:1]
    for (_, before), (number, text) in pairwise(numbered):
        if _broken(before, text, width) and not begins(text):
            whole[-1] = (whole[-1][0], f"{whole[-1][1]}\n{text}")
        else:
            whole.append((number, text))
    return whole


def _broken(before: str, text: str, width: int) -> bool:
    if not before or not text or text[0].isspace():
        return False
    return len(before) + 1 + len(text.split(maxsplit=1)[0]) > width
