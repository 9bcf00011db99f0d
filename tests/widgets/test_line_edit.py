"""What each editing key makes of a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.line_edit import LineEdit

KEYS = ["left", "right", "home", "end", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k"]


@pytest.mark.parametrize(
    ("key", "text", "at"),
    [
        ("left", "192.168 31", 6),
        ("right", "192.168 31", 8),
        ("home", "192.168 31", 0),
        ("end", "192.168 31", 10),
        ("backspace", "192.16 31", 6),
        ("delete", "192.16831", 7),
        ("ctrl+w", " 31", 0),
        ("ctrl+u", " 31", 0),
        ("ctrl+k", "192.168", 7),
    ],
)
def test_a_key_edits_at_the_cursor(key: str, text: str, at: int) -> None:
    assert LineEdit("192.168 31", 7).key(key) == LineEdit(text, at)


def test_a_key_that_does_not_edit_is_left_to_others() -> None:
    assert LineEdit.of("x").key("f1") is None


def test_typing_goes_in_at_the_cursor() -> None:
    assert LineEdit("ac", 1).typed("b") == LineEdit("abc", 2)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me"]), max_size=60), st.lists(st.sampled_from(KEYS))
)
def test_the_cursor_never_leaves_the_text(text: str, keys: list[str]) -> None:
    edit = LineEdit.of(text)
    for key in keys:
        edit = edit.key(key) or edit
        assert 0 <= edit.at <= len(edit.text)


@given(st.text(st.sampled_from("ab1.网络é"), max_size=80), st.integers(0, 80), st.integers(2, 40))
def test_the_window_fits_and_holds_the_cursor(text: str, at: int, width: int) -> None:
    edit = LineEdit(text, min(at, len(text)))
    shown, place = edit.window(width)
    assert cell_len(shown) <= width
    assert 0 <= place <= len(shown)
    assert shown in text
