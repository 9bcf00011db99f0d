"""Every answer of the world for one step: a line each, the worst first, with its evidence and repair."""

from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from typing_extensions import override

from tui.checks.model import Result
from tui.screens.client import Client, lasting
from tui.screens.form_page import FormPage
from tui.screens.standing import BASTION
from tui.session.store import now
from tui.text import say
from tui.widgets import marks
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Note, Row, fit

_ORDER = {"failed": 0, "warning": 1, "unknown": 2, "ok": 3}


def counted(results: list[Result]) -> str:
    """How many answers of each kind, in words."""
    states = [result.state for result in results if result.overridden is None]
    parts = [f"{states.count(state)} {state}" for state in _ORDER if state in states]
    overridden = len(results) - len(states)
    if overridden:
        parts.append(say("{count} overridden", count=overridden))
    return ", ".join(parts)


def worst(results: list[Result]) -> str:
    """The worst state among the answers that count."""
    states = [result.state for result in results if result.overridden is None]
    return min(states, key=_ORDER.__getitem__, default="ok")


class ChecksScreen(FormPage):
    """A page over a step; Esc goes back to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("o", "override", show=False),
    ]

    def __init__(self, client: Client, step: str) -> None:
        super().__init__(client)
        self.STEP = step

    def results(self) -> list[Result]:
        """This step's answers, the worst first."""
        mine = [result for result in self.client.standing.results if result.step == self.STEP]
        return sorted(mine, key=lambda result: (_ORDER[result.state], result.id, result.subject, result.asked_from))

    @override
    def rows(self) -> list[Row]:
        heading = Row(label=say("Checks  {counted}", counted=counted(self.results())), style="bold", wide=True)
        made = [_row(result) for result in self.results()]
        return [heading, *made] if made else [heading, Row(label=say("None asked yet: Ctrl+R asks."), wide=True)]

    def here(self) -> Result | None:
        """The answer under the cursor."""
        key = self.form.here.key if self.form.here is not None else ""
        return next((result for result in self.results() if _key(result) == key), None)

    @override
    async def entered(self, event: Form.Entered) -> bool:
        result = self.here()
        if result is not None:
            from tui.screens.page import Page

            await self.app.push_screen(Page(f"{result.id}  {result.subject}", told(result), copy=result.fix))
        return True

    async def action_override(self) -> None:
        """`o`: the person answers for it, with a reason that the session log keeps; an empty one takes it back."""
        result = self.here()
        if result is None:
            return
        from tui.screens.ask_text import AskText

        title = say("Override {id} {subject}", id=result.id, subject=result.subject)
        why = say("Why may the installation go on all the same? The session log keeps the reason.")
        page = AskText(title, why, text=result.overridden or "")
        await self.app.push_screen(page, lambda reason: self._override(result, (reason or "").strip()))

    def _override(self, result: Result, reason: str) -> None:
        if reason == (result.overridden or ""):
            return
        self.client.record(replace(result, overridden=reason or None))
        name = f"{result.id} {result.subject}"
        self.client.tell(say("{name} overridden: {reason}", name=name, reason=reason or say("taken back")))
        self.refresh_rows()

    @override
    def about_here(self) -> str:
        result = self.here()
        return f"{result.evidence} {result.fix}" if result is not None else ""

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        result = self.here()
        return told(result) if result is not None else []

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("Esc", say("back")), ("Enter", say("all of it")), ("o", say("override")), *self.KEYS[4:])


def told(result: Result) -> list[tuple[str, str]]:
    """Everything about one answer, under headings."""
    age = lasting(now() - result.asked_at) if result.asked_at else "?"
    topics = [(f"{marks.mark(result.state)} {result.state}", result.evidence)]
    if result.fix:
        topics.append((say("What repairs it"), result.fix))
    if result.overridden:
        topics.append((say("Overridden"), result.overridden))
    topics.append((say("Asked"), say("from {place}, {age} ago", place=result.asked_from, age=age)))
    return topics


def _row(result: Result) -> Row:
    state = "stale" if result.stale else result.state
    cell = Cell(key=_key(result), text=fit(result.id, 20), kind="item", width=20)
    subject = result.subject
    if result.asked_from != BASTION:
        subject = say("from {node}: {subject}", subject=subject, node=result.asked_from.partition(".")[0])
    words = say("overridden: {reason}", reason=result.overridden) if result.overridden else subject
    return Row(label="", cells=(cell,), notes=(Note("info" if result.overridden else state, words),), wide=True)


def _key(result: Result) -> str:
    return f"{result.id}|{result.subject}|{result.asked_from}"
