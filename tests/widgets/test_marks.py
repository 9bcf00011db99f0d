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
        ({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}, False),
        ({"TERM": "linux", "LC_ALL": "C.UTF-8"}, True),
        ({"TERM": "vt220", "LC_ALL": "C.UTF-8"}, True),
        ({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "OCP_TUI_ASCII": "1"}, True),
    ],
)
def test_the_terminal_and_an_option_decide(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], ascii_only: bool
) -> None:
    monkeypatch.delenv("OCP_TUI_ASCII", raising=False)
    monkeypatch.setattr("locale.nl_langinfo", lambda _: "UTF-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    marks.choose()
    assert marks.plain_ascii is ascii_only


def test_a_locale_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("OCP_TUI_ASCII", raising=False)
    monkeypatch.setattr("locale.nl_langinfo", lambda _: "ANSI_X3.4-1968")
    marks.choose()
    assert marks.mark("done") == "+"


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
