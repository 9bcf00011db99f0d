"""A page that is a form: a table of fields drawn as rows, saved as they are typed, judged beside each."""

from typing import TYPE_CHECKING

from typing_extensions import override

from tui.plan import fields
from tui.screens.client import Client
from tui.screens.form_words import FormWords
from tui.screens.spec import Field, asks, base, find, rows
from tui.session.errors import NotSaved
from tui.text import say
from tui.widgets.chrome import KeyBar
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

if TYPE_CHECKING:
    from tui.plan.importers.paths import File


class FormPage(FormWords):
    """One form. A subclass is mostly its `TABLE`, and rows and actions of its own."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.adding = ""

    def on_mount(self) -> None:
        """The first rows; the preview comes after the first paint."""
        self.refresh_rows()
        self.form.focus()
        self.later_preview()

    def rows(self) -> list[Row]:
        """Every row of the form as things stand."""
        session = self.client.session
        return rows(self.TABLE, session.plan, session.drafts(), self.client.standing, self.adding)

    def refresh_rows(self) -> None:
        """Draws the form, the sentence and the help again."""
        self.form.show(self.rows())
        self.show_frame()
        self.show_words()

    @override
    def facts_changed(self, kinds: set[str]) -> None:
        if not self.is_mounted:
            return
        if kinds - {"line", "cursor"}:
            self.refresh_rows()
        if "plan" in kinds:
            self.later_preview()

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

    def on_form_edited(self, event: Form.Edited) -> None:
        """Saves what was typed."""
        event.stop()
        self.edited(event.cell.key, event.text)
        self.refresh_rows()
        self.later_preview()

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
        self.later_preview()

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
        self.show_words()
        self.later_preview()

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

    @override
    def ask_again(self) -> None:
        spec = self.spec()
        known = {result.id for result in self.client.standing.results}
        first = sorted(id_ for id_ in known if spec is not None and asks(spec, id_))
        if first:
            self.client.request("check", only=first, step=None)
        super().ask_again()
