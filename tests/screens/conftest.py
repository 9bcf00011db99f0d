"""The wizard on a session of its own, without an engine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from tests.screens import made_up
from tui.app import OcpTui
from tui.session.session import Session


class Alone(OcpTui):
    """The wizard where nothing starts an engine: the tests are of the screens."""

    @override
    def start_engine(self) -> None:
        """Nothing is started."""

    @override
    def attach_engine(self) -> None:
        """Nor later."""


@pytest.fixture
def wizard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., OcpTui]:
    """Makes the wizard on a session: a new one by default, the made-up one with `made_up=True`, or one given."""
    for name in ("OCP_TUI_ASCII", "NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    # The app decides it for its whole process: what a test chose ends with the test.
    monkeypatch.setattr("tui.widgets.marks.plain_ascii", False)

    def make(session: Session | None = None, **kind: bool) -> OcpTui:
        if session is None:
            session = made_up.session(tmp_path / "session", **(kind or {"decided": False}))
        return Alone(session)

    return make
