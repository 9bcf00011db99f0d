"""A terminal too small for the wizard gets a sentence."""

from textual.app import ComposeResult
from textual.screen import Screen
from typing_extensions import override

from tui.text import say
from tui.widgets.chrome import Words


class TooSmall(Screen[None]):
    """Stands over everything until the terminal is larger; nothing under it is lost."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._least = (width, height)

    @override
    def compose(self) -> ComposeResult:
        words = Words()
        words.say(
            say(
                "This terminal is too small: ocp-tui needs {width} columns and {height} lines, better 80 and 24. "
                "Enlarge it; nothing is lost. Ctrl+Q quits, the engine goes on.",
                width=self._least[0],
                height=self._least[1],
            )
        )
        yield words
