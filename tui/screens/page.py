"""A page of plain text over a step: help, repairs, a preview, something to copy."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from typing_extensions import override

from tui.lines import clean
from tui.screens.step import StepScreen
from tui.screens.steps import INDEX, STEPS
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words

Topic = tuple[str, str]
Later = Callable[[], str]
"""Makes one more topic, its heading on the first line; called off the screen's own thread."""


class Page(Screen[None]):
    """Topics under headings; arrows scroll, Esc goes back, `y` copies what there is to copy."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,f1", "dismiss", show=False)]

    def __init__(
        self, title: str, topics: Sequence[tuple[str, str]], *, copy: str = "", later: Later | None = None
    ) -> None:
        super().__init__()
        self._title, self._topics, self._copy, self._later = title, list(topics), copy, later
        self._words = Words()

    @override
    def compose(self) -> ComposeResult:
        self._show_topics()
        title = Title(id="title")
        title.say((marks.drawn(self._title), "bold"))
        yield title
        yield Rule()
        yield VerticalScroll(self._words, id="page")
        keys = KeyBar(id="keys")
        copy = (("y", say("copy")),) if self._copy else ()
        keys.show((("Esc", say("back")), (marks.drawn("↑") + marks.drawn("↓"), say("scroll")), *copy))
        yield keys

    def _show_topics(self) -> None:
        parts: list[str | tuple[str, str]] = []
        for heading, text in self._topics:
            if heading:
                parts.append((f"{marks.drawn(heading)}\n", "bold"))
            parts.append(f"{marks.drawn(clean(text))}\n\n")
        self._words.say(*parts)

    def on_mount(self) -> None:
        """What takes its time comes when it is there."""
        if self._later is not None:
            self.run_worker(self._add(self._later), exclusive=True)

    async def _add(self, later: Later) -> None:
        text = await asyncio.to_thread(later)
        if text:
            heading, _, body = text.partition("\n")
            self._topics.insert(max(0, len(self._topics) - 1), (heading, body))
            self._show_topics()

    def on_key(self, event: events.Key) -> None:
        """`y` copies; the rest is scrolling and going back."""
        if event.key == "y" and self._copy:
            event.stop()
            self.app.copy_to_clipboard(self._copy)
            self.notify(say("Sent to your terminal's clipboard; if it takes none, select it here."), markup=False)


def help_page(screen: StepScreen) -> Page:
    """Help for a step and its field in focus: its problem and repairs first."""
    step = STEPS[INDEX[screen.STEP]]
    topics: list[tuple[str, str]] = []
    if screen.client.trouble:
        topics.append((say("Not well"), screen.client.trouble))
    trouble = screen.trouble_here()
    if trouble is not None:
        topics.append((f"{marks.mark(trouble.state)} {trouble.word}", trouble.sentence))
        if trouble.fix:
            topics.append((say("What repairs it"), trouble.fix))
    topics += screen.help_topics()
    topics.append((say("Keys"), keys_text()))
    title = say("Help: {title}, {purpose}", title=step.title, purpose=step.purpose)
    return Page(title, topics, later=screen.shown_made)


KEYS = (
    ("F1  ?", say("this help (? where nothing is typed)")),
    ("F2 … F8", say("step 1 … 7")),
    ("Ctrl+N  Ctrl+T", say("next step, step back")),
    ("F9", say("next problem; Enter there shows its repairs")),
    ("Ctrl+R", say("ask the world again, the field in focus first")),
    ("Ctrl+P", say("all commands")),
    ("Ctrl+E", say("export the session log")),
    ("Ctrl+L", say("the lab's world, in the lab only")),
    ("Ctrl+Q", say("quit; the engine goes on with what it does")),
    ("Tab  arrows", say("move; left and right also change a choice")),
    ("Enter", say("next field; in a list one more line")),
)


def keys_text() -> str:
    """Every key and what it does."""
    return "\n".join(f"{key:<16}{what}" for key, what in KEYS)
