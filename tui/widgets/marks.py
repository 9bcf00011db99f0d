"""Marks: a glyph and a word for every state, in Unicode or ASCII. Colour only repeats what they say."""

import os
from typing import Literal

from rich.style import Style

State = Literal["done", "now", "todo", "warning", "failed", "stale", "unknown", "info"]

_GLYPHS: dict[str, tuple[str, str, str, str]] = {
    "done": ("✓", "+", "done", ""),
    "now": ("●", "*", "now", "bold"),
    "todo": ("○", ".", "to do", "dim"),
    "warning": ("▲", "!", "warning", "yellow"),
    "failed": ("✗", "X", "failed", "red"),
    "stale": ("~", "~", "stale", "yellow"),
    "unknown": ("?", "?", "unknown", "dim"),
    "info": ("·", "-", "note", "dim"),
}
_ALIASES = {
    "ok": "done",
    "running": "now",
    "waiting": "todo",
    "queued": "todo",
    "cancelling": "now",
    "cancelled": "todo",
    "skipped": "todo",
    "error": "failed",
    "fatal": "failed",
    "transient": "info",
    "problems": "failed",
}
_DRAWN = str.maketrans({"─": "-", "│": "|", "…": "~", "‹": "<", "›": ">", "▸": ">", "↑": "^", "↓": "v", "━": "=",
                        "╸": "=", "▌": "|", "·": "-", "┬": "-", "—": "-", "–": "-", "“": '"', "”": '"', "’": "'",
                        "→": ">", "←": "<"})  # fmt: skip

plain_ascii = False
"""Whether only ASCII is drawn; set once, before the first screen."""


def choose(ascii_only: bool | None = None) -> None:
    """Decides between Unicode and ASCII: as asked, else by OCP_TUI_ASCII, the locale and the kind of terminal."""
    global plain_ascii  # noqa: PLW0603 - one terminal, one decision, before anything is drawn
    plain_ascii = _needs_ascii() if ascii_only is None else ascii_only


def _needs_ascii() -> bool:
    if os.environ.get("OCP_TUI_ASCII"):
        return True
    # The kernel's own console has 256 or 512 glyphs, and most fonts for it lack these marks.
    if os.environ.get("TERM", "") in {"linux", "vt100", "vt102", "vt220", "ansi"}:
        return True
    return "utf" not in _character_set().lower()


def _character_set() -> str:
    # Not the interpreter's own word: under LANG=C it coerces LC_CTYPE to C.UTF-8, whatever the terminal can show.
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE", "")
    if chosen in {"", "C.UTF-8", "C.utf8", "UTF-8"}:
        chosen = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return chosen


def known(state: str) -> str:
    """One of the eight states for any word the rooms use for theirs; "unknown" for a word nobody knows."""
    state = _ALIASES.get(state, state)
    return state if state in _GLYPHS else "unknown"


def mark(state: str) -> str:
    """The glyph of a state."""
    return _GLYPHS[known(state)][1 if plain_ascii else 0]


def word(state: str) -> str:
    """The word of a state."""
    return _GLYPHS[known(state)][2]


def style(state: str) -> str:
    """The style of a state for Textual's content: the terminal's own colours, whose names begin with ansi there."""
    named = _GLYPHS[known(state)][3]
    return f"ansi_{named}" if named in {"red", "yellow"} else named


def rich_style(state: str) -> Style:
    """The style of a state for the line API."""
    return Style.parse(_GLYPHS[known(state)][3] or "none")


def drawn(text: str) -> str:
    """Our own text with lines, dots and quotes that this terminal can show."""
    return text.translate(_DRAWN) if plain_ascii else text
