"""One line of text under a cursor, as data: what each editing key makes of it."""

import re

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

_LEFT_WORD = re.compile(r"\S+\s*$")


class LineEdit(Struct, frozen=True):
    """Text and the cursor's place in it, counted in characters."""

    text: str = ""
    at: int = 0

    @classmethod
    def of(cls, text: str) -> "LineEdit":
        """The text with the cursor behind it."""
        return cls(text, len(text))

    def typed(self, more: str) -> "LineEdit":
        """With text put in at the cursor."""
        return LineEdit(self.text[: self.at] + more + self.text[self.at :], self.at + len(more))

    def key(self, key: str) -> "LineEdit | None":
        """What an editing key makes of it; None where the key does not edit."""
        before, after = self.text[: self.at], self.text[self.at :]
        match key:
            case "left":
                return replace(self, at=max(0, self.at - 1))
            case "right":
                return replace(self, at=min(len(self.text), self.at + 1))
            case "home":
                return replace(self, at=0)
            case "end":
                return replace(self, at=len(self.text))
            case _:
                return self._cut(key, before, after)

    def _cut(self, key: str, before: str, after: str) -> "LineEdit | None":
        match key:
            case "backspace" | "ctrl+h":
                left = before[:-1]
            case "ctrl+w" | "ctrl+backspace":
                left = _LEFT_WORD.sub("", before)
            case "ctrl+u":
                left = ""
            case "delete":
                return LineEdit(before + after[1:], self.at)
            case "ctrl+k":
                return LineEdit(before, self.at)
            case _:
                return None
        return LineEdit(left + after, len(left))

    def window(self, width: int) -> tuple[str, int]:
        """The part of the text that fits `width` cells with the cursor in sight, and the cursor's place in it."""
        start = 0
        while cell_len(self.text[start : self.at]) > max(0, width - 1):
            start += 1
        shown = self.text[start:]
        while cell_len(shown) > width:
            shown = shown[:-1]
        return shown, self.at - start
