"""Rows of a form as they are drawn."""

from rich.cells import cell_len

from tui.widgets.form_drawing import drawn_row
from tui.widgets.form_rows import Cell, Note, Row, fit, middle
from tui.widgets.line_edit import LineEdit


def text(row: Row, width: int = 60, under: int | None = None, edit: LineEdit | None = None) -> str:
    return "".join(segment.text for segment in drawn_row(row, width, 12, under, edit or LineEdit()))


def test_label_value_and_note_stand_in_columns() -> None:
    row = Row(label="Gateway", cells=(Cell("g", "192.168.31.1", width=15),), notes=(Note("ok", "answers"),))
    assert text(row).rstrip() == " Gateway     192.168.31.1     ✓ answers"


def test_every_segment_has_a_style_because_the_filter_for_no_colour_needs_one() -> None:
    row = Row(label="x", cells=(Cell("g", "1"), Cell("a", "go", kind="action"), Cell("c", kind="choice")))
    for under in (None, 0, 1, 2):
        assert all(segment.style is not None for segment in drawn_row(row, 70, 12, under, LineEdit()))


def test_hostile_text_is_cleaned_and_never_read_as_markup() -> None:
    row = Row(label="Node", cells=(Cell("n", "a\x1b]52;c;x\x07[red]b\nc"),), notes=(Note("failed", "\x9b2J[/]"),))
    shown = text(row)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    assert "[red]b" in shown
    assert "[/]" in shown


def test_a_row_never_grows_wider_than_the_screen() -> None:
    row = Row(label="x" * 40, cells=(Cell("a", "网" * 50), Cell("b", "y" * 90)), notes=(Note("failed", "z" * 200),))
    for width in (30, 60, 80):
        assert cell_len(text(row, width, 0, LineEdit.of("网" * 50))) <= width + 2


def test_what_is_too_long_is_cut_with_dots_and_a_name_in_its_middle() -> None:
    assert fit("abcdef", 4) == "abc…"
    assert fit("ab", 4) == "ab  "
    assert middle("a-very-long-cluster-name.example.com", 20) == "a-very-lo…xample.com"
