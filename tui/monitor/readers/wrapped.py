"""Lines that a terminal, a mail program or a web form has broken, put together again where that is safe."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

_NARROWEST, _WIDEST = 60, 400
_LONGEST_TEXT = 256 * 1024
_MOST_PARTS = 40
_COLUMNS = re.compile(r"\S {3,}\S")
_INDENTED = ("\t", "   ")


def rejoined(texts: Sequence[str], begins: Callable[[str], bool]) -> list[tuple[int, str]]:
    """(line number, text) of each whole line; parts of one stay apart by a line feed, for the width may lie in a word.

    A part is one that does not look like the beginning of a line (`begins`), after a line so long that what follows
    would not have fitted: everything was wrapped at one width, so no line is longer, a single long word aside. Where
    nothing looks like a beginning, it is one line or none: tables, whose rows are of one length, are left alone.
    """
    numbered = list(enumerate(texts, 1))
    width = max((len(text) for text in texts if " " in text.strip()), default=0)
    if not _NARROWEST <= width <= _WIDEST or sum(map(len, texts)) > _LONGEST_TEXT:
        return numbered
    if not any(map(begins, texts)) and not _one_paragraph(texts, width):
        return numbered
    whole = numbered[:1]
    for (_, before), (number, text) in pairwise(numbered):
        if _broken(before, text, width) and not begins(text):
            whole[-1] = (whole[-1][0], f"{whole[-1][1]}\n{text}")
        else:
            whole.append((number, text))
    return whole


def _one_paragraph(texts: Sequence[str], width: int) -> bool:
    if len(texts) > _MOST_PARTS or any(map(_COLUMNS.search, texts)):
        return False
    return all(_broken(before, text, width) for before, text in pairwise(texts))


def _broken(before: str, text: str, width: int) -> bool:
    if not before or not text.strip() or text.startswith(_INDENTED):
        return False
    if len(before) == width:
        return True
    return not text[0].isspace() and len(before) + 1 + len(text.split(maxsplit=1)[0]) > width
