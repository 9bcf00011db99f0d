"""One line at the foot of a screen where something is typed: a search, a filter, a time."""

from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.widget import Widget
from typing_extensions import override

from tui.widgets.line_edit import LineEdit


class Prompt(Widget, can_focus=True):
    """Hidden until it is opened; Enter takes the text, Esc leaves all as it was."""

    DEFAULT_CSS = "Prompt { height: 1; display: none; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._label = ""
        self._edit = LineEdit()
        self._take: Callable[[str], None] = lambda _text: None
        self._back: Widget | None = None

    def open(self, label: str, text: str, take: Callable[[str], None]) -> None:
        """Shows the line with a text to begin with; `take` gets what was typed."""
        self._label, self._edit, self._take = label, LineEdit.of(text), take
        self._back = self.screen.focused
        self.display = True
        self.focus()
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Everything typed belongs to the line; function keys and Ctrl+N and the like stay commands."""
        if event.key in ("enter", "escape"):
            event.stop()
            self._close()
            if event.key == "enter":
                self._take(self._edit.text)
            return
        edited = self._edit.key(event.key)
        if edited is None and event.character and event.is_printable:
            edited = self._edit.typed(event.character)
        if edited is not None:
            event.stop()
            event.prevent_default()
            self._edit = edited
            self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """The first line of what is pasted."""
        event.stop()
        self._edit = self._edit.typed(event.text.partition("\n")[0])
        self.refresh()

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are typed here, not commands."""
        return bool(character and character.isprintable()) or self._edit.key(key) is not None

    def _close(self) -> None:
        self.display = False
        if self._back is not None:
            self._back.focus()

    @override
    def render(self) -> Content:
        text, at = self._edit.window(max(self.size.width - len(self._label) - 3, 8))
        return Content.assemble(
            (f"{self._label} ", "bold"), text[:at], ((text[at : at + 1] or " "), "reverse"), text[at + 1 :]
        )
