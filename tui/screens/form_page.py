"""A page that is a form: a table of fields drawn as rows, saved as they are typed, judged beside each."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from typing_extensions import override

from tui.plan import fields
from tui.plan.model import Plan
from tui.screens.client import Client
from tui.screens.spec import Field, Table, asks, base, concerns, find, rows
from tui.screens.standing import Trouble
from tui.screens.step import StepScreen, sentence
from tui.session.errors import NotSaved
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Words
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

if TYPE_CHECKING:
    from tui.plan.importers.paths import File

NOTICE_SECONDS = 6
PREVIEW_AFTER = 0.25
"""Seconds of quiet before the preview is made anew."""


class FormPage(StepScreen):
    """One form. A subclass is mostly its `TABLE`, and rows and actions of its own."""

    TABLE: Table = ()

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.form = Form()
        self.adding = ""
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

    def on_mount(self) -> None:
        """The first rows; the preview comes after the first paint."""
        self.refresh_rows()
        self.form.focus()
        self._later_preview()

    # --- rows --------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """Every row of the form as things stand."""
        session = self.client.session
        return rows(self.TABLE, session.plan, session.drafts(), self.client.standing, self.adding)

    def refresh_rows(self) -> None:
        """Draws the form, the sentence and the help again."""
        self.form.show(self.rows())
        self.show_frame()
        self._show_words()

    @override
    def facts_changed(self, kinds: set[str]) -> None:
        if not self.is_mounted:
            return
        if kinds - {"line", "cursor"}:
            self.refresh_rows()
        if "plan" in kinds:
            self._later_preview()

    @override
    def save(self) -> None:
        # The screen may be leaving for good, so this does not go the way of a message.
        unsaved = self.form.take_unsaved()
        if unsaved is not None:
            self.edited(unsaved[0].key, unsaved[1])

    @override
    def show_field(self, field: str) -> None:
        if not self.form.go(field):
            self.form.go(f"{field}[0]")
        self.form.focus()

    def spec(self) -> Field | None:
        """The field under the cursor."""
        here = self.form.here
        return find(self.TABLE, here.key) if here is not None else None

    # --- what the person does ----------------------------------------------------------------------------------

    def on_form_edited(self, event: Form.Edited) -> None:
        """Saves what was typed."""
        event.stop()
        self.edited(event.cell.key, event.text)
        self.refresh_rows()
        self._later_preview()

    def edited(self, key: str, text: str) -> None:
        """Takes typed text into the plan; items of a list are taken as the list they form."""
        spec = find(self.TABLE, key)
        if spec is not None and spec.widget == "list":
            self._edit_list(spec.path, int(key[key.rindex("[") + 1 : -1]), text)
        else:
            self.client.edit(key, text)

    def _edit_list(self, path: str, index: int, text: str) -> None:
        items = list(fields.get(self.client.session.plan, path))
        items[index : index + 1] = fields.parse(path, text)
        self.client.decide(path, items)

    def on_form_pasted(self, event: Form.Pasted) -> None:
        """Several lines: into a list they are its items, elsewhere they become one line."""
        event.stop()
        if event.cell.kind == "text" and self._is_file(event.text):
            return
        self.pasted(event.cell.key, event.text)
        self.refresh_rows()
        self._later_preview()

    def _is_file(self, text: str) -> bool:
        """Whether the text is a file that no field takes; it is imported then."""
        from tui.screens.importing import UNMISTAKABLE, pasted

        file = pasted(text)
        if file.kind in UNMISTAKABLE:
            self.import_(file)
        return file.kind in UNMISTAKABLE

    def import_(self, files: "File | str") -> None:
        """Shows what a file, or those of a path, would change; the person decides."""
        from tui.screens.importing import ImportPage

        def answered(yes: bool | None) -> None:
            if yes:
                self.imported()

        page = ImportPage(self.client, files if isinstance(files, str) else [files])
        _ = self.app.push_screen(page, answered)

    def imported(self) -> None:
        """A file was taken over."""
        self.refresh_rows()
        self.notice(say("Taken over."), "done")

    def pasted(self, key: str, text: str) -> None:
        """What a paste of several lines means on a cell."""
        spec = find(self.TABLE, key)
        if spec is not None and spec.widget in {"paste", "password"}:
            self.take(key, text)
            return
        self.edited(key, " ".join(text.split()))

    def on_form_moved(self, event: Form.Moved) -> None:
        """The words under the form follow the cursor; a blank line nobody filled goes."""
        event.stop()
        here = self.form.here
        if self.adding and (here is None or not here.key.startswith(f"{self.adding}[")):
            self.adding = ""
            self.form.show(self.rows())
        self.query_one("#keys", KeyBar).show(self.keys())
        self._show_words()
        self._later_preview()

    async def on_form_entered(self, event: Form.Entered) -> None:
        """Enter: after typing to the next field (in a list to a new line), on a problem to its repairs."""
        event.stop()
        cell = event.cell
        if await self.entered(event) or await self.opened(cell):
            return
        if cell.kind == "paste":
            await self._ask_text(cell)
            return
        spec = find(self.TABLE, cell.key)
        trouble = self.trouble_at(cell.key)
        if not event.changed and trouble is not None and trouble.state != "todo":
            await self._open_repairs()
        elif spec is not None and spec.widget == "list" and self._ends_list(spec.path, event):
            self._add_line(spec.path)
        else:
            self.form.forward()

    async def entered(self, event: Form.Entered) -> bool:  # noqa: ARG002 - for subclasses
        """Enter on a cell of the screen's own; True where it was."""
        return False

    async def opened(self, cell: Cell) -> bool:  # noqa: ARG002 - for subclasses
        """Enter on a line that every form of a kind has; True where it was."""
        return False

    def _ends_list(self, path: str, event: Form.Entered) -> bool:
        last = len(fields.get(self.client.session.plan, path)) - 1
        return bool(event.text.strip()) and event.cell.key == f"{path}[{last}]"

    def _add_line(self, path: str) -> None:
        items = fields.get(self.client.session.plan, path)
        self.adding = path
        self.form.show(self.rows())
        self.form.go(f"{path}[{len(items)}]")

    # --- problems ----------------------------------------------------------------------------------------------

    async def _ask_text(self, cell: Cell) -> None:
        from tui.screens.ask_text import AskText

        spec = find(self.TABLE, cell.key)
        title = spec.label if spec is not None else cell.key
        hidden = spec is not None and spec.widget == "password"
        page = AskText(
            title,
            f"{spec.what if spec is not None else ''}\n{self.explanation(cell.key)}",
            text=self.asked_text(cell.key),
            typed=self.form.take_typed(),
            hidden=hidden,
        )
        await self.app.push_screen(page, lambda text: self._taken(cell.key, text))

    def _taken(self, key: str, text: str | None) -> None:
        if text is not None and text != self.asked_text(key):
            self.take(key, text)
            self.refresh_rows()

    def asked_text(self, key: str) -> str:  # noqa: ARG002 - for subclasses
        """What stands in the page that asks for a long text; nothing for a secret."""
        return ""

    def explanation(self, key: str) -> str:  # noqa: ARG002 - for subclasses
        """How a long text may be given."""
        return ""

    def take(self, key: str, text: str) -> None:
        """Takes a long text or a secret."""
        spec = find(self.TABLE, key)
        if spec is not None and spec.kept_in:
            self.keep(spec, text.strip("\r\n").encode())

    def keep(self, spec: Field, content: bytes) -> None:
        """Stores a secret; the plan has only its name."""
        try:
            self.client.session.secrets.write(spec.kept_in, content)
        except NotSaved as error:
            self.notice(str(error), "failed")
            return
        self.client.decide(spec.path, spec.kept_in)
        self.notice(say("Stored; it is never shown again."), "done")

    async def key_ctrl_d(self) -> None:
        """Forgets the secret under the cursor, after a question."""
        spec = self.spec()
        if spec is None or not self._holds_secret(spec):
            return
        from tui.screens.question import Question

        def forget(yes: bool | None) -> None:
            if yes and self._holds_secret(spec):
                name = fields.get(self.client.session.plan, spec.path)
                self.client.decide(spec.path, "")
                self.client.session.secrets.remove(name)
                self.refresh_rows()

        await self.app.push_screen(Question(say("Forget what is stored for {label}?", label=spec.label)), forget)

    def _holds_secret(self, spec: Field) -> bool:
        return bool(spec.kept_in and fields.get(self.client.session.plan, spec.path))

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        spec = self.spec()
        shown = super().keys()
        if spec is not None and self._holds_secret(spec):
            return (*shown[:1], ("^D", say("forget")), *shown[2:])
        return shown

    async def _open_repairs(self) -> None:
        from tui.screens.page import help_page

        await self.app.push_screen(help_page(self))

    @override
    def next_problem(self) -> bool:
        places = [self.place(trouble) for trouble in self.client.standing.of(self.STEP)]
        here = self.form.here
        mine = {here.key, base(here.key)} if here is not None else set()
        now = next((i for i, place in enumerate(places) if place in mine), -1)
        later = [place for place in places[now + 1 :] if place and place not in mine]
        return any(self.form.go(place) or self.form.go(f"{place}[0]") for place in later)

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

    @override
    def ask_again(self) -> None:
        spec = self.spec()
        known = {result.id for result in self.client.standing.results}
        first = sorted(id_ for id_ in known if spec is not None and asks(spec, id_))
        if first:
            self.client.request("check", only=first, step=None)
        super().ask_again()

    # --- words -------------------------------------------------------------------------------------------------

    def _show_words(self) -> None:
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
        self._show_words()

    def _end_notice(self) -> None:
        self._notice = ("", "")
        self._show_words()

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

    # --- the preview -------------------------------------------------------------------------------------------

    def _later_preview(self) -> None:
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
