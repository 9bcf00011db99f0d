"""The form: every row drawn by one widget, the one under the cursor edited in place.

One widget a field costs 200 ms a screen and resends a box for each key; here a screen of fields is built in a
millisecond and a key repaints one line. It also serves tables: a row may have several cells.
"""

from collections.abc import Iterable

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from typing_extensions import override

from tui.lines import clean
from tui.widgets import marks
from tui.widgets.form_drawing import DIM, PLAIN, drawn_row
from tui.widgets.form_rows import Cell, Row
from tui.widgets.line_edit import LineEdit

SAVE_AFTER = 0.3
"""Seconds without a key before what was typed is saved; leaving the cell saves at once."""
SAVE_AT_LATEST = 2.0


class Form(Widget, can_focus=True):
    """Rows with a cursor. It knows nothing of plans: it tells what was typed, chosen, pasted and entered."""

    class Edited(Message):
        """The text of a cell is another one."""

        def __init__(self, cell: Cell, text: str) -> None:
            super().__init__()
            self.cell, self.text = cell, text

    class Entered(Message):
        """Enter on a cell; `changed` where something was typed since the cursor came, `text` what stands there."""

        def __init__(self, cell: Cell, *, changed: bool, text: str) -> None:
            super().__init__()
            self.cell, self.changed, self.text = cell, changed, text

    class Pasted(Message):
        """More than one line was pasted, or a long text into its own cell."""

        def __init__(self, cell: Cell, text: str) -> None:
            super().__init__()
            self.cell, self.text = cell, text

    class Moved(Message):
        """The cursor stands on another cell."""

    def __init__(self, *, label_width: int = 18, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.label_width = label_width
        self.line = 0
        self.column = 0
        self.top = 0
        self._edit = LineEdit()
        self._base = ""
        self._changed = False
        self._unsaved = False
        self._ahead = ""
        self._saving: Timer | None = None
        self._first_unsaved = 0.0

    # --- what it shows -----------------------------------------------------------------------------------------

    @property
    def here(self) -> Cell | None:
        """The cell under the cursor."""
        if self.line >= len(self.rows):
            return None
        cells = self.rows[self.line].cells
        return cells[min(self.column, len(cells) - 1)] if cells else None

    @property
    def typed(self) -> str:
        """The text under the cursor as it stands now, saved or not."""
        return self._edit.text

    def clear(self) -> None:
        """Forgets what was typed under the cursor."""
        self._begin()
        self._edit = LineEdit()
        self._repaint_line()

    def show(self, rows: list[Row]) -> None:
        """Replaces the rows. The cursor stays on its cell, and so does text that is not saved yet."""
        was, before, top = self.here, self.rows, self.top
        self.rows = rows
        if was is None or not self._find(was.key):
            self.line = min(self.line, max(0, len(rows) - 1))
            if self.here is None:
                self.line = self._next_line(self.line, 1) if self._next_line(self.line, 1) is not None else 0  # type: ignore[assignment]
            self._begin()
        else:
            now = self.here
            if now is not None and not self._unsaved and now.text != self._base:
                if self._edit.text != now.text:
                    self._edit = LineEdit.of(now.text)
                self._base = now.text
        self._keep_in_sight()
        if self.top != top or len(rows) != len(before):
            self.refresh()
        else:
            self._repaint(number for number, row in enumerate(rows) if row != before[number] or number == self.line)

    def go(self, key: str) -> bool:
        """Puts the cursor on the cell of this key; False where there is none."""
        if self.here is not None and self.here.key == key:
            return True
        self.commit()
        if not self._find(key):
            return False
        self._arrived()
        return True

    def _find(self, key: str) -> bool:
        for line, row in enumerate(self.rows):
            for column, cell in enumerate(row.cells):
                if cell.key == key:
                    self.line, self.column = line, column
                    return True
        return False

    def _begin(self) -> None:
        here = self.here
        self._base = here.text if here is not None else ""
        self._edit = LineEdit.of(self._base)
        self._changed = self._unsaved = False

    def _arrived(self) -> None:
        self._begin()
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        height = self.size.height
        if height == 0:
            return
        self.top = min(max(self.top, self.line - height + 1), self.line)
        self.top = max(0, min(self.top, len(self.rows) - height))
        if self.line < height and all(not row.cells for row in self.rows[: self.line]):
            self.top = 0

    # --- saving ------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Tells what was typed, where it is not told yet."""
        unsaved = self.take_unsaved()
        if unsaved is not None:
            self.post_message(self.Edited(*unsaved))

    def take_unsaved(self) -> tuple[Cell, str] | None:
        """What was typed and is not told yet, for whoever cannot wait for a message; it counts as told then."""
        if self._saving is not None:
            self._saving.stop()
            self._saving = None
        here = self.here
        if not self._unsaved or here is None:
            return None
        self._unsaved = False
        self._base = self._edit.text
        return here, self._edit.text

    def _touched(self) -> None:
        loop_time = self.app._loop.time() if self.app._loop else 0.0  # noqa: SLF001
        if not self._unsaved:
            self._first_unsaved = loop_time
        self._changed = self._unsaved = True
        # An emptied item of a list makes room for the next one, but not under the hands that go on typing.
        emptied = not self._edit.text.strip()
        if self._saving is not None and (emptied or loop_time - self._first_unsaved < SAVE_AT_LATEST):
            self._saving.stop()
            self._saving = None
        if not emptied:
            self._saving = self.set_timer(SAVE_AFTER, self.commit)
        self._repaint_line()

    def _repaint_line(self) -> None:
        self._repaint([self.line])

    def _repaint(self, lines: Iterable[int]) -> None:
        regions = [Region(0, line - self.top, self.size.width, 1) for line in lines]
        if regions:
            self.refresh(*regions)

    # --- keys --------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Moves, edits, chooses; whatever is left goes on to the screen and the app."""
        here = self.here
        if here is None:
            return
        if self._move(event.key) or self._press(here, event):
            event.stop()
            event.prevent_default()

    def _move(self, key: str) -> bool:
        page = max(1, self.size.height - 1)
        match key:
            case "up" | "down":
                self._to_line(self._next_line(self.line + (1 if key == "down" else -1), 1 if key == "down" else -1))
            case "pageup" | "pagedown":
                step = page if key == "pagedown" else -page
                target = min(max(0, self.line + step), len(self.rows) - 1)
                found = self._next_line(target, 1 if step > 0 else -1)
                self._to_line(found if found is not None else self._next_line(target, -1 if step > 0 else 1))
            case "tab" | "shift+tab":
                self._tab(1 if key == "tab" else -1)
            case _:
                return False
        return True

    def _to_line(self, line: int | None, column: int | None = None) -> None:
        if line is None or (line == self.line and column is None):
            return
        self.commit()
        self.line = line
        cells = len(self.rows[line].cells)
        self.column = min(self.column, cells - 1) if column is None else column % cells
        self._arrived()

    def _next_line(self, start: int, step: int) -> int | None:
        while 0 <= start < len(self.rows):
            if self.rows[start].cells:
                return start
            start += step
        return None

    def _tab(self, step: int) -> None:
        column = min(self.column, len(self.rows[self.line].cells) - 1) + step
        if 0 <= column < len(self.rows[self.line].cells):
            self._to_line(self.line, column)
            return
        line = self._next_line(self.line + step, step)
        if line is None:
            line = self._next_line(0 if step > 0 else len(self.rows) - 1, step)
        self._to_line(line, 0 if step > 0 else -1)

    def forward(self) -> None:
        """To the next cell, as Enter does after typing."""
        self._tab(1)

    def _press(self, here: Cell, event: events.Key) -> bool:
        if event.key == "enter":
            return self._enter(here)
        match here.kind:
            case "choice":
                return self._choose(here, event)
            case "paste":
                return self._type_ahead(here, event)
            case "action" | "item":
                return self._push(here, event.key)
            case _:
                return self._type(event)

    def _enter(self, here: Cell) -> bool:
        if self._ahead:
            self._ahead += "\n"
            return True
        changed = self._changed
        self.commit()
        self._changed = False
        self.post_message(self.Entered(here, changed=changed, text=self._edit.text))
        return True

    def _push(self, here: Cell, key: str) -> bool:
        if key in {"left", "right"}:
            self._tab(1 if key == "right" else -1)
        elif key == "space":
            self.post_message(self.Entered(here, changed=False, text=here.text))
        else:
            return False
        return True

    def _type_ahead(self, here: Cell, event: events.Key) -> bool:
        """A long text is typed on a page of its own; what comes before that page is open is kept for it.

        Terminals without bracketed paste deliver a paste as single keys, so that may be most of it.
        """
        if not (event.is_printable and event.character) or (event.key == "question_mark" and not self._ahead):
            return False
        self._ahead += event.character
        if len(self._ahead) == 1:
            self.post_message(self.Entered(here, changed=False, text=here.text))
        return True

    def take_typed(self) -> str:
        """What was typed ahead of the page that takes it."""
        ahead, self._ahead = self._ahead, ""
        return ahead

    def _type(self, event: events.Key) -> bool:
        edited = self._edit.key(event.key)
        if edited is not None:
            if edited == self._edit and event.key in {"left", "right"} and len(self.rows[self.line].cells) > 1:
                self._tab(1 if event.key == "right" else -1)
            elif edited.text == self._edit.text:
                self._edit = edited
                self._repaint_line()
            else:
                self._edit = edited
                self._touched()
            return True
        if event.is_printable and event.character:
            self._edit = self._edit.typed(event.character)
            self._touched()
            return True
        return False

    def _choose(self, here: Cell, event: events.Key) -> bool:
        words = here.choices
        at = words.index(self._edit.text) if self._edit.text in words else -1
        if event.key in {"right", "space"}:
            chosen = words[(at + 1) % len(words)]
        elif event.key == "left":
            chosen = words[(at - 1) % len(words)]
        else:
            letter = (event.character or "").lower()
            after = [*words[at + 1 :], *words[: at + 1]]
            chosen = next((word for word in after if letter and word.lower().startswith(letter)), "")
        if not chosen:
            return False
        self._edit = LineEdit.of(chosen)
        self._changed = self._unsaved = True
        self.commit()
        self._repaint_line()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """One line goes in at the cursor; more lines, and long texts, are the screen's."""
        here = self.here
        if here is None:
            return
        event.stop()
        text = event.text
        if here.kind == "text" and "\n" not in text.strip("\r\n").replace("\r", "\n"):
            self._edit = self._edit.typed(clean(text.strip("\r\n")))
            self._touched()
        else:
            self.post_message(self.Pasted(here, text))

    def on_blur(self) -> None:
        """What was typed is saved before the cursor is elsewhere."""
        self.commit()

    def on_resize(self) -> None:
        """Keeps the cursor in sight."""
        self._keep_in_sight()
        self.refresh()

    # --- drawing -----------------------------------------------------------------------------------------------

    @override
    def render_line(self, y: int) -> Strip:
        """One row of the form."""
        width = self.size.width
        line = self.top + y
        if line >= len(self.rows):
            return Strip.blank(width, PLAIN)
        row = self.rows[line]
        under = min(self.column, len(row.cells) - 1) if line == self.line and self.has_focus else None
        segments = drawn_row(row, width, self.label_width, under, self._edit)
        strip = Strip(segments).adjust_cell_length(width, PLAIN)
        more = self._more(y)
        return Strip.join([strip.crop(0, width - 2), Strip([Segment(f"{more} ", DIM)])]) if more else strip

    def _more(self, y: int) -> str:
        if y == 0 and self.top > 0:
            return marks.drawn("↑")
        if y == self.size.height - 1 and self.top + self.size.height < len(self.rows):
            return marks.drawn("↓")
        return ""
