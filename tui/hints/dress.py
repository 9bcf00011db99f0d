"""What a text put on while it was copied, and taking it off again: escapes, entities, typographer's marks, colours.

A line is stored and shown as it came; only the search for failures looks at the plain form as well.
"""

import html
import re

_UPRIGHT = {
    **dict.fromkeys(map(chr, [*range(0x2000, 0x200B), 0xA0, 0x202F, 0x205F, 0x3000]), " "),
    **dict.fromkeys("\t\v\f", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u300c\u300d", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2014\u2015", "--"),
    "\u2026": "...",
}
_TABLE = str.maketrans(_UPRIGHT)
_MARKED = re.compile(f"[{''.join(mark for mark in _UPRIGHT if not mark.isascii())}\ufffd]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ESCAPED = "\"'/_*[]()#`.-<>|~&{}+!"
TELLTALES = (
    *("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#"),
    *("\\x1b[", "\\033[", "\\e[", "#033[", "#x1b[", "^[["),
    *("[0m", "[m", "[39m", "[0;39m"),  # what is left of a colour where the escape character itself was lost
    *(f"\\{mark}" for mark in (*_ESCAPED, "n", "r", "t", "u")),
    *(f"{letter}  " for letter in _LETTERS),
    *(f"{letter}\t" for letter in _LETTERS),
)
"""Lower-case ASCII texts of which a dressed line contains one, if `marked` finds no mark; few plain lines do."""

_SEQUENCE = re.compile(
    r"(?:\\x1b|\\u001b|\\033|\\e|#033|#x1b|\^\[|\ufffd)"
    r"(?:\[[0-9;?]{0,20}[a-z]|\][^\ufffd\\]{0,300}(?:\ufffd\\?|\\a))",
    re.IGNORECASE,
)
_OPENERS = "\\#^\ufffd"
_LOST = re.compile(r"\[[0-9;]{0,12}m")
_HEX = re.compile(r"\\u((?!d[89a-f])[0-9a-f]{4})", re.IGNORECASE)
_BREAK = re.compile(r"\\[nrt]")
_BEFORE_MARK = re.compile(r"\\(?=[" + re.escape(_ESCAPED) + "])")


def marked(text: str) -> bool:
    """Whether a mark that no program prints is in the text, such as a curly quote; quickly said of ASCII."""
    return not text.isascii() and _MARKED.search(text) is not None


def undressed(text: str) -> str:
    """The text as its program printed it, as far as that can be told. Its line feeds stay where they are."""
    if not text.isascii() or "\t" in text or "\v" in text or "\f" in text:
        text = text.translate(_TABLE)
    for _ in range(2):
        if "&" in text:
            text = html.unescape(text).replace("\xa0", " ")
    while "\\\\" in text:
        text = text.replace("\\\\", "\\")
    if any(opener in text for opener in _OPENERS):
        text = _SEQUENCE.sub("", text)
    text = _LOST.sub("", text)
    if "\\" in text:
        text, decoded = _HEX.subn(_decoded, text)
        text = text.translate(_TABLE) if decoded else text
        text = _BEFORE_MARK.sub("", _BREAK.sub(" ", text))
    text = text.replace('""', '"')
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _decoded(escape: re.Match[str]) -> str:
    return max(" ", chr(int(escape[1], 16)))
