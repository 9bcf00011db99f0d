"""Coming back: what happened while nobody was looking."""

import re
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from typing_extensions import override

from tui.lines import clean
from tui.monitor.model import ClusterObject
from tui.screens.client import Client, Last, lasting
from tui.screens.standing import Standing
from tui.screens.step import Go
from tui.screens.steps import INDEX, STEPS
from tui.session.rows import Event
from tui.session.store import now
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words

MOST = 200
LONGEST = 140
_STEPS = {"job": "", "stage": "monitor", "hint": "monitor", "node": "monitor"}


class AwayScreen(Screen[object]):
    """One screen of what happened; Enter goes where it happened."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,space", "on", show=False)]

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self._last = client.last() or Last()
        self._events = client.missed()

    @override
    def compose(self) -> ComposeResult:
        title, words = Title(id="title"), Words()
        away = lasting(now() - self._last.time)
        title.say((say("While you were away ({away})", away=away), "bold"))
        lines: list[str | tuple[str, str]] = []
        for event, times in folded(self._events)[-MOST:]:
            state = state_of(event)
            text = marks.drawn(brief(clean(event.text)))
            again = say("  ({times} times)", times=times) if times > 1 else ""
            lines += [(f"{of_day(event.time)}  ", "dim"), (f"{marks.mark(state)} ", marks.style(state))]
            lines += [text, (f"{again}\n", "dim")]
        words.say(*lines)
        waits = Words(id="sentence")
        waits.say(waiting(self.client))
        yield title
        yield Rule()
        yield VerticalScroll(words, id="page", can_focus=False)
        yield waits
        yield Rule()
        keys = KeyBar(id="keys")
        step = STEPS[INDEX[self.target()]].title
        keys.show((("Enter", say("go to {step}", step=step)), ("F2-F8", say("step")), ("^Q", say("quit"))))
        yield keys

    def target(self) -> str:
        """The step where the newest of it happened."""
        for event in reversed(self._events):
            if _STEPS.get(event.kind):
                return _STEPS[event.kind]
        return self._last.step if self._last.step in INDEX else "topology"

    def action_on(self) -> None:
        """Enter."""
        self.post_message(Go(self.target()))


def folded(events: list[Event]) -> list[tuple[Event, int]]:
    """Each thing told once, where it was told last, and how often."""
    told: dict[tuple[str, str], tuple[Event, int]] = {}
    for event in events:
        key = event.kind, re.sub(r"\d+", "#", event.text)
        _, times = told.pop(key, (event, 0))
        told[key] = event, times + 1
    return list(told.values())


def brief(text: str) -> str:
    """The first of a long telling; all of it is in the session log."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"


def state_of(event: Event) -> str:
    """The mark of an event: its own state, for a hint how grave it is."""
    state = str(event.data.get("state", "info"))
    if event.kind != "hint":
        return marks.known(state)
    if state == "active":
        return "failed" if event.text.endswith(("fatal", "error")) else "warning"
    return "done" if state == "cleared" else "info"


def waiting(client: Client) -> str:
    """What waits for the person, in one sentence."""
    requests = [thing for thing in client.session.store.facts(ClusterObject) if thing.kind == "csr"]
    pending = sum(thing.state.lower() == "pending" for thing in requests)
    told = [_problems(client.standing)]
    if pending:
        told.append(say("{count} certificate requests wait for you (a in the monitor).", count=pending))
    return "  ".join(sentence for sentence in told if sentence)


def _problems(standing: Standing) -> str:
    failed = sum(trouble.state == "failed" for trouble in standing.troubles)
    if not failed:
        return ""
    count = say("One problem") if failed == 1 else say("{count} problems", count=failed)
    return say("{count}: F9 goes there.", count=count)


def of_day(time: int) -> str:
    """The time of day, UTC as in the journals."""
    return datetime.fromtimestamp(time / 1_000_000, UTC).strftime("%H:%M")
