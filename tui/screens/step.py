"""What every step's screen shares: the frame, the sentence under the form, moving on, and being told of changes."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from typing_extensions import override

from tui.screens.client import Client
from tui.screens.standing import Trouble
from tui.screens.steps import INDEX, STEPS
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import Header, KeyBar, Rail, Rule, Words

KEYS: tuple[tuple[str, str], ...] = (
    ("F1", say("help")),
    ("F2-F8", say("step")),
    ("^N", say("next")),
    ("F9", say("problem")),
    ("^R", say("ask again")),
    ("^P", say("commands")),
    ("^Q", say("quit")),
)


class Go(Message):
    """Somebody wants another step, and there perhaps a field."""

    def __init__(self, step: str, field: str = "") -> None:
        super().__init__()
        self.step, self.field = step, field


class StepScreen(Screen[None]):
    """One step. `STEP` is its id; a subclass gives the body, its keys, and what it does when facts changed."""

    STEP = ""
    KEYS: tuple[tuple[str, str], ...] = KEYS
    AUTO_FOCUS = ""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    @override
    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield Header()
        yield Rail()
        yield Rule()
        yield from self.body()
        yield KeyBar(id="keys")

    def body(self) -> Iterable[Widget]:
        """What the step itself shows."""
        return ()

    # --- what the app calls ------------------------------------------------------------------------------------

    def facts_changed(self, kinds: set[str]) -> None:  # noqa: ARG002 - for subclasses
        """The session has news: kinds of facts, "job", "line", "plan". Called at most four times a second."""
        self.show_frame()

    def on_screen_resume(self) -> None:
        """Everything may have changed while another screen was shown."""
        self.facts_changed({"plan", "check", "job", "stage", "hint", "node", "object", "draft", "lab", "line"})

    def save(self) -> None:
        """Saves what is typed but not saved yet; before the screen is left."""

    def show_field(self, field: str) -> None:
        """Puts the cursor on a field of this step."""

    def ask_again(self) -> None:
        """Ctrl+R: asks the world the questions of this step."""
        self.client.request("check", only=[], step=self.STEP)
        self.notice(say("Asking again…"))

    def next_problem(self) -> bool:
        """F9: goes to the next problem of this step; False where there is none after the cursor."""
        return False

    def help_topics(self) -> list[tuple[str, str]]:
        """What F1 says of the field in focus: (heading, text)."""
        return []

    def trouble_here(self) -> Trouble | None:
        """The trouble that F1 explains first."""
        return next(iter(self.client.standing.of(self.STEP)), None)

    def shown_made(self) -> str:
        """What is made from the field in focus, its name on the first line; called off the screen's own thread."""
        return ""

    # --- the frame ---------------------------------------------------------------------------------------------

    def show_frame(self) -> None:
        """Header, rail and keys as they stand now."""
        if not self.is_mounted:
            return
        standing = self.client.standing
        self.query_one(Header).show(self.client.head())
        steps = tuple((step.title, standing.states[step.id]) for step in STEPS)
        self.query_one(Rail).show(steps, INDEX.get(self.STEP, -1))
        self.query_one("#keys", KeyBar).show(self.keys())

    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys in the footer, the most useful first."""
        return self.KEYS

    def notice(self, text: str, state: str = "info") -> None:
        """Says something for a moment, where the sentence under the form is."""
        self.app.notify(text, severity="error" if state == "failed" else "information", markup=False)


def sentence(trouble: Trouble | None, count: int, at: int, words: Words, *, trailing: str = "") -> None:
    """Puts a trouble into the lines under a form: mark, sentence, what repairs it, and how many there are."""
    if trouble is None:
        words.say(trailing)
        return
    shown = marks.drawn(trouble.sentence)
    place = say("{at} of {count} problems", at=at, count=count) if count > 1 else ""
    fix = f"  {marks.drawn(trouble.fix)}" if trouble.fix else ""
    style = marks.style(trouble.state)
    words.say(
        (f"{marks.mark(trouble.state)} ", style), (shown, style), (fix, ""), (f"  {place}" if place else "", "dim")
    )
