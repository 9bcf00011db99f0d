"""The last screenful of some journals, painted from the session's database; it keeps no line but those it shows.

Its cost does not depend on how fast lines come in: one query for what is new and one paint, a few times a second.
"""

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from tui.hints.model import LOUD, Hint
from tui.session.rows import StoredLine
from tui.session.store import Store
from tui.text import say
from tui.widgets.hint_card import card, of_day, short
from tui.widgets.marks import drawn, mark

BACK = 200_000
"""A filter looks this many lines back at most, so that a rare word does not stop the screen."""


class JournalPanel(Widget, can_focus=True):
    """One panel: a title line, then lines, the worst hint's card beside the line that speaks for it."""

    DEFAULT_CSS = """
    JournalPanel {
        height: 1fr; width: 1fr; min-height: 4; margin: 0 0 0 1;
        & > .journal--title { text-style: bold; }
        & > .journal--rule { color: $text-muted; text-style: dim; }
        & > .journal--time { text-style: dim; }
        & > .journal--error { color: $text-error; }
        & > .journal--warning { color: $text-warning; }
        & > .journal--twin { text-style: dim; }
        & > .journal--here { text-style: reverse; }
        & > .journal--found { text-style: underline bold; }
        & > .journal--hint { text-style: bold; color: $text-error; }
        & > .journal--calm { text-style: dim; }
        & > .journal--focused { text-style: bold; color: $text-accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"journal--{name}"
        for name in ("title", "rule", "time", "error", "warning", "twin", "here", "found", "hint", "calm", "focused")
    }

    def __init__(self, store: Store, number: int) -> None:
        super().__init__()
        self._store = store
        self.number = number
        self.panel_title = ""
        self.sources: tuple[str, ...] = ("",)
        self.following = True
        self.paused = False
        self.here: int | None = None
        self.filter = ""
        self.errors_only = False
        self.search = ""
        self._hints: list[Hint] = []
        self._lines: list[StoredLine] = []
        self._strips: list[Strip] = []
        self._newest = 0
        self._behind = 0

    # --- what is shown ---------------------------------------------------------------------------------------------

    def show(self, title: str, sources: Iterable[str]) -> None:
        """Shows other journals from their end."""
        self.panel_title, self.sources = title, tuple(sources)
        self.follow()

    def follow(self) -> None:
        """Back to the end, and on with it."""
        self.following, self.paused, self.here = True, False, None
        self._lines, self._newest = [], 0
        self._paint()
        self.update()

    def set_hints(self, hints: list[Hint]) -> None:
        """The hints of these journals, ranked: the first active one gets its card; a mere note waits for `h`."""
        if hints != self._hints:
            self._hints = hints
            self._paint()

    def hints(self) -> list[Hint]:
        """The hints that belong to this panel, ranked."""
        return self._hints

    def update(self) -> None:
        """Takes in what is new. Called by the screen's one timer."""
        if self.paused:
            behind = self._store.last_line() - self._newest
            if behind != self._behind:
                self._behind = behind
                self.refresh(Region(0, 0, self.size.width, 1))
            return
        if not self.following:
            return
        new = self._query(self._newest) if self._newest else self._window()
        newest = self._store.last_line()
        if new or newest != self._newest:
            self._newest = newest
            self._lines = [*self._lines, *new][-max(self._room, 1) :]
            if new:
                self._paint()

    def _window(self) -> list[StoredLine]:
        return self._query(self._store.last_line() - BACK if self.filter else 0)

    def _query(self, above: int) -> list[StoredLine]:
        """The last lines that fit the panel, as long as they came after line `above`."""
        return self._store.lines(
            self.sources, above=above, containing=self.filter, errors=self.errors_only, most=self._room
        )

    def go_to(self, line: int) -> None:
        """Stops following and shows this line in the middle, marked."""
        half = max(self._room // 2, 1)
        before = self._store.lines(
            self.sources, before=line + 1, containing=self.filter, errors=self.errors_only, most=half
        )
        after = self._store.lines(
            self.sources, after=line, containing=self.filter, errors=self.errors_only, most=self._room - len(before)
        )
        self.following, self.here, self._lines = False, line, [*before, *after]
        self._paint()

    def move(self, rows: int) -> None:
        """Scrolls by so many lines; the first step back stops the following, reaching the end takes it up again."""
        if not self._lines:
            return
        if rows < 0:
            more = self._store.lines(
                self.sources, before=self._lines[0].id, containing=self.filter, errors=self.errors_only, most=-rows
            )
            if more:
                self.following = False
                self._lines = [*more, *self._lines][: self._room]
        else:
            more = self._store.lines(
                self.sources, after=self._lines[-1].id, containing=self.filter, errors=self.errors_only, most=rows
            )
            self._lines = [*self._lines, *more][-self._room :]
            if not more and not self.following:
                self.follow()
        self._paint()

    def move_to_start(self) -> None:
        """The first line there is."""
        self.following, self.here = False, None
        self._lines = self._store.lines(
            self.sources, after=0, containing=self.filter, errors=self.errors_only, most=self._room
        )
        self._paint()

    def shown(self) -> tuple[StoredLine, ...]:
        """The lines on screen, oldest first."""
        return tuple(self._lines)

    def current_line(self) -> StoredLine | None:
        """The marked line, else the last one shown."""
        marked = [line for line in self._lines if line.id == self.here]
        return (marked or self._lines or [None])[-1]  # type: ignore[list-item]

    # --- painting --------------------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        return max(self.size.height - 1, 1)

    @override
    def render_line(self, y: int) -> Strip:
        if y == 0:
            return self._title()
        index = y - 1
        return self._strips[index] if index < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """A changed size shows another number of lines."""
        if self.following:
            self.follow()
        else:
            self._paint()

    def on_focus(self) -> None:
        """The title says which panel the keys go to."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_blur(self) -> None:
        """The title says which panel the keys go to."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def _title(self) -> Strip:
        rule, style = self._style("rule"), self._style("focused" if self.has_focus else "title")
        line = drawn("─")
        name = drawn(f" {self.number} {self.panel_title} ")
        state = drawn(f" {self._state()} ")
        gap = max(self.size.width - cell_len(name) - cell_len(state) - 3, 0)
        segments = [
            Segment(line, rule),
            Segment(set_cell_size(name, min(cell_len(name), self.size.width - 2)), style),
            Segment(line * gap, rule),
            Segment(state, style),
            Segment(line * 2, rule),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _state(self) -> str:
        words = []
        if self.errors_only:
            words.append(say("errors only"))
        if self.filter:
            words.append(say("filter “{text}”", text=self.filter))
        if self.paused:
            words.append(say("paused, {count} new", count=max(self._behind, 0)))
        else:
            words.append(say("following") if self.following else say("stopped, End follows"))
        return ", ".join(words)

    def _paint(self) -> None:
        self._strips = self._rows()
        self.refresh()

    def _rows(self) -> list[Strip]:
        width, room = self.size.width, self._room
        if not self._lines:
            return self._empty(width)
        rows = [self._line(line, width) for line in self._lines]
        hint = next((h for h in self._hints if h.state == "active" and h.severity != "info"), None)
        if hint is None:
            return rows[-room:] if self.following else rows[:room]
        ids = [line.id for line in self._lines]
        spoken = [e.line_number for e in hint.evidence if e.line_number in ids]
        if not spoken and not self.following:
            return rows[:room]
        block = self._card(hint, width, room)
        at = ids.index(spoken[-1]) + 1 if spoken else 0
        # The card is never pushed out of sight by what came after: what explains matters more than what repeats.
        above = max(room - len(block) - (len(rows) - at), min(at, 2))
        rows = [*rows[max(at - above, 0) : at], *block, *rows[at:]] if spoken else [*block, *rows[len(block) :]]
        return rows[:room] if spoken or len(rows) > room else rows

    def _empty(self, width: int) -> list[Strip]:
        text = say("Nothing matches.") if self.filter or self.errors_only else say("No line has come yet.")
        return [Strip([Segment(f" {text}", self._style("calm"))]).adjust_cell_length(width, self.rich_style)]

    def _card(self, hint: Hint, width: int, room: int) -> list[Strip]:
        bar = drawn("▌")
        severe = hint.severity in LOUD
        if not severe or room < 8:
            texts = [(f"{mark('warning' if severe else 'now')} {short(hint)}", "title")]
        else:
            texts = card(hint, width - 2, mark("failed" if hint.severity != "warning" else "warning"))[: room - 3]
            texts.append((say("y copy   v ask again   Enter all   x mute"), "fact"))
        title = self._style("hint" if severe else "calm")
        strips = []
        for text, kind in texts:
            style = title if kind == "title" else self._style("calm") if kind == "fact" else self.rich_style
            strip = Strip([Segment(f"{bar} ", title), Segment(text, style)])
            strips.append(strip.adjust_cell_length(width, self.rich_style))
        return strips

    def _line(self, line: StoredLine, width: int) -> Strip:
        several = len(self.sources) != 1
        head = f"{of_day(line.time)} " + (f"{line.source.partition('.')[0][:10]:<10} " if several else "")
        style = self._line_style(line)
        here = self._style("here") if line.id == self.here else Style.null()
        body = line.text.replace("\n", " ").replace("\t", " ")
        room = width - cell_len(head)
        if cell_len(body) > room:
            body = set_cell_size(body, max(room - 1, 0)) + drawn("…")
        segments = [Segment(head, self._style("time") + here), *self._body(body, style + here)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _body(self, text: str, style: Style) -> list[Segment]:
        at = text.lower().find(self.search.lower()) if self.search else -1
        if at < 0:
            return [Segment(text, style)]
        end = at + len(self.search)
        return [
            Segment(text[:at], style),
            Segment(text[at:end], style + self._style("found")),
            Segment(text[end:], style),
        ]

    def _line_style(self, line: StoredLine) -> Style:
        if line.twin:
            return self._style("twin")
        if line.priority is not None and line.priority <= 3:
            return self._style("error")
        if line.priority == 4:
            return self._style("warning")
        return self.rich_style

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"journal--{name}")
