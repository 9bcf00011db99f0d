"""Marks in Unicode and ASCII, chosen by what the terminal can show."""

import pytest

from tui.widgets import marks


@pytest.fixture(autouse=True)
def _restored() -> object:
    yield
    marks.choose(ascii_only=False)


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}, False),
        ({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.ISO-8859-1"}, True),
        ({"TERM": "xterm-256color", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
        ({"TERM": "vt220", "LANG": "C.UTF-8"}, True),
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8", "OCP_TUI_ASCII": "1"}, True),
    ],
)
def test_locale_terminal_and_an_option_decide(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], ascii_only: bool
) -> None:
    for name in ("OCP_TUI_ASCII", "LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    marks.choose()
    assert marks.plain_ascii is ascii_only


@pytest.mark.parametrize("state", ["done", "now", "todo", "warning", "failed", "stale", "unknown", "info"])
def test_every_state_has_a_word_and_two_marks_of_one_cell(state: str) -> None:
    marks.choose(ascii_only=True)
    plain = marks.mark(state)
    assert plain.isascii()
    assert len(plain) == 1
    marks.choose(ascii_only=False)
    assert len(marks.mark(state)) == 1
    assert marks.word(state)


def test_a_state_nobody_knows_is_unknown_and_never_done() -> None:
    assert marks.known("sideways") == "unknown"
    assert marks.known("ok") == "done"
