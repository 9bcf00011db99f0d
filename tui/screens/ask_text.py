"""A page that takes a long text, or a secret: pasted, typed, or named by its file."""

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input, TextArea
from typing_extensions import override

from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words

MOST = 4 * 1024 * 1024


class AskText(Screen[str | None]):
    """Gives the text when the person leaves it: Esc takes what is there, so that nothing typed is lost.

    A single line that names a file stands for the file's content. `hidden` takes one line and shows none of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "take", show=False, priority=True),
        Binding("ctrl+n", "take", show=False, priority=True),
    ]

    def __init__(self, title: str, explain: str, *, text: str = "", typed: str = "", hidden: bool = False) -> None:
        super().__init__()
        self._title, self._explain = title, explain
        self._hidden = hidden
        self._entry: Input | TextArea = (
            Input(typed, password=True, id="entry") if hidden else TextArea(text + typed, id="entry", soft_wrap=True)
        )

    @override
    def compose(self) -> ComposeResult:
        title, explain = Title(id="title"), Words()
        title.say((marks.drawn(self._title), "bold"))
        explain.say(marks.drawn(self._explain))
        yield title
        yield Rule()
        yield explain
        yield Rule()
        yield self._entry
        keys = KeyBar(id="keys")
        keys.show((("Esc", say("take it and go back")), ("^U", say("empty the line")), ("^Q", say("quit"))))
        yield keys

    def on_mount(self) -> None:
        """The cursor behind what is there."""
        self._entry.focus()
        if isinstance(self._entry, TextArea):
            self._entry.move_cursor(self._entry.document.end)

    def on_input_submitted(self) -> None:
        """Enter in the one line takes it."""
        self.action_take()

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere on the page is meant for the text."""
        if isinstance(self._entry, TextArea):
            self._entry.insert(event.text)

    def action_take(self) -> None:
        """Goes back with the text."""
        text = self._entry.value if isinstance(self._entry, Input) else self._entry.text
        _ = self.dismiss(text)  # awaiting it here would wait for this very handler


def content(text: str) -> str:
    """The text, or the content of the file that its only line names. Raises OSError where that cannot be read."""
    line = text.strip()
    if "\n" not in line and line.startswith(("/", "~/", "./")):
        path = Path(line).expanduser()
        if path.stat().st_size > MOST:
            raise OSError(27, say("it is larger than 4 MB"), str(path))
        return path.read_text("utf-8", "replace")
    return text
