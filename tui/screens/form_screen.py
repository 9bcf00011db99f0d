"""A step's form: its fields, and a line on what the world answered."""

from typing_extensions import override

from tui.screens.checks import ChecksScreen, counted, worst
from tui.screens.form_page import FormPage
from tui.screens.standing import Trouble
from tui.text import say
from tui.widgets.form_rows import Cell, Note, Row

CHECKS = "checks"
"""The key of the line on what the world answered."""


class FormScreen(FormPage):
    """The form of one step."""

    @override
    def rows(self) -> list[Row]:
        return [*super().rows(), *self.checks_row()]

    def checks_row(self) -> list[Row]:
        """One line on what the world answered for this step; Enter opens all of it."""
        results = [result for result in self.client.standing.results if result.step == self.STEP]
        if not results:
            return []
        stale = "check" in self.client.standing.stale
        cell = Cell(key=CHECKS, text=counted(results), kind="item")
        note = Note("stale", say("the plan changed since")) if stale else Note(worst(results), say("Enter: all"))
        return [Row(label=say("Checks"), cells=(cell,), notes=(note,))]

    @override
    async def opened(self, cell: Cell) -> bool:
        if cell.key != CHECKS:
            return False
        await self.app.push_screen(ChecksScreen(self.client, self.STEP))
        return True

    @override
    def place(self, trouble: Trouble) -> str:
        return super().place(trouble) or (CHECKS if trouble.source == "check" else "")
