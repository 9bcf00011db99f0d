"""What stands around a form: the sentence of its problem, the help of the field, and what is made from it."""

import asyncio
from collections.abc import Iterable

from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from typing_extensions import override

from tui.plan.model import Plan
from tui.screens.client import Client
from tui.screens.spec import Field, Table, base, concerns, find
from tui.screens.standing import Trouble
from tui.screens.step import StepScreen, sentence
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import Rule, Words
from tui.widgets.form import Form

NOTICE_SECONDS = 6
PREVIEW_AFTER = 0.25
"""Seconds of quiet before the preview is made anew."""


class FormWords(StepScreen):
    """A form by its `TABLE`, with the words around it. What a person does with it is `FormPage`'s."""

    TABLE: Table = ()

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.form = Form()
        self._sentence = Words(id="sentence")
        self._help = Words(id="help")
        self._side = Words(id="side-words")
        self._preview_timer: Timer | None = None
        self._excerpt = ""
        self._notice = ("", "")
        self._notice_timer: Timer | None = None

    @override
    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.form, VerticalScroll(self._side, id="side", can_focus=False), id="body")
        yield self._sentence
        yield Rule(id="help-rule")
        yield self._help

    def spec(self) -> Field | None:
        """The field under the cursor."""
        here = self.form.here
        return find(self.TABLE, here.key) if here is not None else None

    def place(self, trouble: Trouble) -> str:
        """The cell where a trouble belongs: its field, or the one whose value a check asked about; "" for none."""
        if trouble.field or trouble.source != "check":
            return trouble.field
        for row in self.form.rows:
            for cell in row.cells:
                spec = find(self.TABLE, cell.key)
                if spec is not None and concerns(spec, cell.text, trouble):
                    return cell.key
        return ""

    def trouble_at(self, key: str) -> Trouble | None:
        """The worst trouble of a cell, of the list it is an item of, or of what a check asked about it."""
        wanted = {key, base(key)}
        return next((t for t in self.client.standing.of(self.STEP) if self.place(t) in wanted), None)

    def show_words(self) -> None:
        """Draws the sentence and the help for where the cursor is."""
        troubles = self.client.standing.of(self.STEP)
        here = self.form.here
        mine = self.trouble_at(here.key) if here is not None else None
        shown = mine or (troubles[0] if troubles else None)
        if self._notice[0]:
            self._sentence.say((f"{marks.mark(self._notice[1])} {marks.drawn(self._notice[0])}", "bold"))
        elif self.client.trouble:
            self._sentence.say((f"{marks.mark('failed')} {self.client.trouble}", marks.style("failed")))
        else:
            at = troubles.index(shown) + 1 if shown in troubles else 1
            sentence(shown, len(troubles), at, self._sentence, trailing=self.summary())
        self._show_help()

    @override
    def notice(self, text: str, state: str = "info") -> None:
        if self._notice_timer is not None:
            self._notice_timer.stop()
        self._notice = (text, state)
        self._notice_timer = self.set_timer(NOTICE_SECONDS, self._end_notice)
        self.show_words()

    def _end_notice(self) -> None:
        self._notice = ("", "")
        self.show_words()

    def summary(self) -> str:
        """What stands under the form where nothing is wrong."""
        return ""

    def _show_help(self) -> None:
        spec = self.spec()
        if spec is None:
            self._help.say((marks.drawn(self.about_here()), "dim"))
            self._show_side()
            return
        example = f"   {say('Example')} {spec.example}" if spec.example else ""
        self._help.say((marks.drawn(spec.what), ""), (marks.drawn(example), "dim"))
        self._show_side()

    def about_here(self) -> str:
        """Help for a cell that is no field of the table."""
        return ""

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        spec = self.spec()
        topics: list[tuple[str, str]] = []
        if spec is None:
            return [(say("Here"), self.about_here())] if self.about_here() else []
        topics.append((spec.label or spec.before, spec.what))
        for heading, text in ((say("Example"), spec.example), (say("Where to find it"), spec.where)):
            if text:
                topics.append((heading, text))
        if spec.leads:
            topics.append((say("What it leads to"), spec.leads))
        return topics

    @override
    def trouble_here(self) -> Trouble | None:
        here = self.form.here
        return self.trouble_at(here.key) if here is not None else None

    @override
    def shown_made(self) -> str:
        return self.preview(self.client.session.plan)

    def later_preview(self) -> None:
        """Makes the preview anew once nothing happens for a moment."""
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(PREVIEW_AFTER, self._preview)

    def _preview(self) -> None:
        if self.app.size.width >= 100 and self.is_current:
            self.run_worker(self._make_preview(), exclusive=True, group="preview")

    async def _make_preview(self) -> None:
        plan = self.client.session.plan
        self._excerpt = await asyncio.to_thread(self.preview, plan)
        self._show_side()

    def preview(self, plan: Plan) -> str:
        """What is made from the field under the cursor, as text. Runs off the screen's own thread."""
        from tui.screens import preview

        spec = self.spec()
        return preview.excerpt(plan, *spec.shows) if spec is not None else ""

    def _show_side(self) -> None:
        parts: list[str | tuple[str, str]] = []
        for heading, text in self.help_topics():
            parts += [(f"{marks.drawn(heading)}\n", "bold"), f"{marks.drawn(text)}\n\n"]
        if self._excerpt:
            title, _, body = self._excerpt.partition("\n")
            parts += [(f"{marks.drawn(title)}\n", "bold"), (marks.drawn(body), "dim")]
        self._side.say(*parts)
