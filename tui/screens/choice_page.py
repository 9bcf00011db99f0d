"""A list over a step: pick one row with the arrows, act on it with Enter or a letter."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from typing_extensions import override

from tui.lines import clean
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words


class Row(NamedTuple):
    """One row: an id for whoever acts on it, a state for its mark, and its text."""

    id: str
    state: str
    text: str


Rows = Callable[[], Sequence[Row]]
Act = Callable[[str, str], bool]
"""Takes the key pressed and the row's id; says whether the page has done its work and closes."""


class ChoiceList(Widget, can_focus=True):
    """The rows; keeps the one in focus in sight, and its place when rows change."""

    DEFAULT_CSS = "ChoiceList { height: 1fr; padding: 0 1; }"

    def __init__(self, rows: Rows, empty: str) -> None:
        super().__init__()
        self._source, self._empty = rows, empty
        self.rows: list[Row] = list(rows())
        self.at = 0

    def again(self) -> None:
        """Reads the rows again; the cursor stays on its row, or in its place where that row was dealt with."""
        here = self.here()
        self.rows = list(self._source())
        same = [number for number, row in enumerate(self.rows) if here and (row.id, row.state) == (here.id, here.state)]
        if same:
            self.at = same[0]
        self.at = max(0, min(self.at, len(self.rows) - 1))
        self.refresh()

    def here(self) -> Row | None:
        """The row in focus."""
        return self.rows[self.at] if self.rows else None

    def move(self, by: int) -> None:
        """Moves the cursor."""
        self.at = max(0, min(self.at + by, len(self.rows) - 1))
        self.refresh()

    @override
    def render(self) -> Content:
        if not self.rows:
            return Content.styled(marks.drawn(self._empty), "dim")
        room = max(self.size.height, 1)
        first = max(0, min(self.at - room // 2, len(self.rows) - room))
        parts: list[tuple[str, str]] = []
        for number, row in enumerate(self.rows[first : first + room], first):
            style = "reverse" if number == self.at else ""
            text = marks.drawn(clean(row.text))[: max(self.size.width - 4, 1)]
            parts += [(f"{marks.mark(row.state)} ", marks.style(row.state)), (f"{text}\n", style)]
        return Content.assemble(*parts)


class ChoicePage(Screen[None]):
    """A title, what it is about, the rows, and the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False)]
    AGAIN_SECONDS = 1.0

    def __init__(
        self, title: str, about: str, rows: Rows, act: Act, *, keys: Sequence[tuple[str, str]], empty: str = ""
    ) -> None:
        super().__init__()
        self._title, self._about, self._act, self._keys = title, about, act, tuple(keys)
        self._list = ChoiceList(rows, empty)

    @override
    def compose(self) -> ComposeResult:
        title, about, keys = Title(id="title"), Words(), KeyBar(id="keys")
        title.say((marks.drawn(self._title), "bold"))
        about.say((marks.drawn(self._about), "dim"))
        keys.show((*self._keys, ("Esc", "back")))
        yield title
        yield Rule()
        yield about
        yield self._list
        yield keys

    def on_mount(self) -> None:
        """The rows are live."""
        self._list.focus()
        self.set_interval(self.AGAIN_SECONDS, self._list.again)

    def on_key(self, event: events.Key) -> None:
        """Arrows move, everything else is for whoever opened the page."""
        room = max(self._list.size.height - 1, 1)
        steps = {"up": -1, "down": 1, "pageup": -room, "pagedown": room, "home": -(10**6), "end": 10**6}
        if event.key in steps:
            event.stop()
            self._list.move(steps[event.key])
            return
        here = self._list.here()
        if here is not None and event.key not in ("escape", "q") and self._act(event.key, here.id):
            event.stop()
            _ = self.dismiss()  # awaiting it here would wait for this very handler
        self._list.again()
