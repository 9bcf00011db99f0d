"""A plain question before something is lost."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from typing_extensions import override

from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Words


class Question(ModalScreen[bool]):
    """Enter or y: yes. Esc or n: no, and nothing is changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", show=False),
        Binding("escape,n", "dismiss(False)", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    @override
    def compose(self) -> ComposeResult:
        words = Words(id="question")
        words.say((f"{marks.mark('warning')} {marks.drawn(self._question)}", "bold"))
        yield words
        keys = KeyBar()
        keys.show((("Enter", say("yes")), ("Esc", say("no"))))
        yield keys
