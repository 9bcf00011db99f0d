"""Rows of a form as segments. Every segment has a style: Textual's filter for NO_COLOR cannot do without."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from tui.lines import clean
from tui.widgets import marks
from tui.widgets.form_rows import Cell, Note, Row, fit
from tui.widgets.line_edit import LineEdit

PLAIN, DIM = Style(), Style(dim=True)
ACCENT = Style(bold=True, color="cyan")
FIELD, DIM_FIELD = Style(underline=True), Style(underline=True, dim=True)
PRESSED = Style(reverse=True)
WIDEST_FIELD = 60


def drawn_row(row: Row, width: int, label_width: int, under: int | None, edit: LineEdit) -> list[Segment]:
    """One row in at most `width` cells. `under` is the number of the cell under the cursor, None where it is elsewhere;
    `edit` is what stands in that cell now."""
    segments = _label(row, label_width, current=under is not None and bool(row.cells))
    used = sum(segment.cell_length for segment in segments)
    for number, cell in enumerate(row.cells):
        last = number == len(row.cells) - 1 and not row.notes
        drawn = _cell(cell, width - used - 1, edit if number == under else None, last=last)
        segments += drawn
        used += sum(segment.cell_length for segment in drawn)
    for note in row.notes:
        drawn = _note(note, width - used - 2)
        segments += drawn
        used += sum(segment.cell_length for segment in drawn)
    return segments


def _label(row: Row, label_width: int, *, current: bool) -> list[Segment]:
    style = Style.parse(row.style) if row.style else PLAIN
    blank = Segment(" ", PLAIN)
    if not row.wide:
        return [blank, Segment(marks.drawn(fit(row.label, label_width)), ACCENT if current else style)]
    return [blank, Segment(f"{marks.drawn(row.label)} ", style)] if row.label else [blank]


def _note(note: Note, room: int) -> list[Segment]:
    room -= 2 if note.state else 0
    if room < 1:
        return []
    shown = clean(note.text).replace("\n", " ")
    shown = marks.drawn(fit(shown, room) if cell_len(shown) > room else shown)
    if not note.state:
        return [Segment(f"{shown}  ", DIM)]
    return [Segment(f"{marks.mark(note.state)} {shown}  ", marks.rich_style(note.state))]


def _cell(cell: Cell, room: int, edit: LineEdit | None, *, last: bool) -> list[Segment]:
    before = [Segment(f"{cell.before} ", DIM)] if cell.before else []
    room -= len(cell.before) + 1 if cell.before else 0
    width = room if last or cell.width == 0 else min(cell.width, room)
    if width <= 0:
        return before
    body = _at_rest(cell, width) if edit is None else _under_cursor(cell, width, edit)
    return [*before, *body, Segment("  ", PLAIN)]


def _at_rest(cell: Cell, width: int) -> list[Segment]:
    text = clean(cell.text.replace("\n", " "))
    if not text:
        return [Segment(marks.drawn(fit(cell.empty, width)), DIM)]
    return [Segment(marks.drawn(fit(f"[ {text} ]" if cell.kind == "action" else text, width)), PLAIN)]


def _under_cursor(cell: Cell, width: int, edit: LineEdit) -> list[Segment]:
    if cell.kind in {"action", "item", "paste"}:
        shown = f"[ {cell.text} ]" if cell.kind == "action" else (clean(cell.text) or cell.empty)
        length = min(width, max(1, cell_len(shown)))
        return [Segment(marks.drawn(fit(shown, length)), PRESSED), Segment(" " * (width - length), PLAIN)]
    if cell.kind == "choice":
        bare = marks.drawn(fit(f"‹ {edit.text or cell.empty} ›", width)).rstrip()
        return [Segment(bare, ACCENT), Segment(" " * (width - cell_len(bare)), PLAIN)]
    if not edit.text:
        placeholder = marks.drawn(fit(cell.empty, width))
        return [Segment(placeholder[:1], PRESSED), Segment(placeholder[1:], DIM_FIELD)]
    return _editor(edit, width)


def _editor(edit: LineEdit, width: int) -> list[Segment]:
    field = min(width, WIDEST_FIELD)
    shown, at = edit.window(field)
    before, under, after = shown[:at], shown[at : at + 1] or " ", shown[at + 1 :]
    used = cell_len(before) + cell_len(under) + cell_len(after)
    return [
        Segment(before, FIELD),
        Segment(under, PRESSED),
        Segment(after + " " * max(0, field - used), FIELD),
        Segment(" " * max(0, width - max(field, used)), PLAIN),
    ]
