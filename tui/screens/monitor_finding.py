"""Finding a line in the monitor: by text, by error, by stage, by time; and showing some lines only."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from tui.screens.monitor_panels import PanelScreen
from tui.screens.prompt import Prompt
from tui.session.store import Store, now
from tui.text import say
from tui.widgets.hint_card import of_day
from tui.widgets.journal_panel import JournalPanel

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class FindingScreen(PanelScreen):
    """Panels with the keys that look for a line."""

    def action_search(self) -> None:
        """`/`: a text to find, backwards from here."""
        here = self._here()

        def take(text: str) -> None:
            here.search = text
            if text:
                self.action_found(False)

        self.query_one(Prompt).open(say("search"), here.search, take)

    def action_found(self, forward: bool) -> None:
        """n and N: the line with the text before this one, and after."""
        here = self._here()
        if here.search:
            self._find(partial(_next_line, containing=here.search, forward=forward), say("Not found."))

    def action_error(self, forward: bool) -> None:
        """e and E: the line before this one that the node calls an error or worse, and the one after."""
        self._find(partial(_next_line, errors=True, forward=forward), say("No further error in this journal."))

    def _find(self, question: Callable[[Store, JournalPanel, int | None], int | None], none: str) -> None:
        """Asks the database beside the screen: a search through millions of lines must not hold a key up."""
        panel = self._here()
        at = panel.here

        def look() -> None:
            store = Store(self._store.path)
            try:
                line = question(store, panel, at)
            finally:
                store.close()
            self.app.call_from_thread(self._found, panel, line, none)

        self.run_worker(look, thread=True, exclusive=True, group="find")

    def _found(self, panel: JournalPanel, line: int | None, none: str) -> None:
        if line is None:
            self.notice(none)
        else:
            panel.go_to(line)

    def action_stage(self, forward: bool) -> None:
        """s and S: where a stage begins, from the newest backwards."""
        here = self._here()
        marked = here.current_line()
        at = marked.time if marked is not None and marked.time is not None else now()
        begins = sorted(stage.started for stage in self._stages if stage.started is not None)
        times = [t for t in begins if t > at] if forward else [t for t in reversed(begins) if t < at]
        if not times:
            self.notice(say("No further stage."))
            return
        self._find(lambda store, panel, _at: store.line_at(panel.sources, times[0]), say("No line at that time."))

    def action_time(self) -> None:
        """t: a time of day (UTC) in the day of the line shown."""

        def take(text: str) -> None:
            here = self._here()
            line = here.current_line()
            match = _TIME.fullmatch(text.strip())
            if match is None:
                self.notice(say("A time is HH:MM or HH:MM:SS."), "failed")
                return
            day = datetime.fromtimestamp((line.time if line and line.time else now()) / 1e6, UTC)
            hour, minute, second = (int(part or 0) for part in match.groups())
            if hour > 23 or minute > 59 or second > 59:
                self.notice(say("There is no such time of day."), "failed")
                return
            at = int(day.replace(hour=hour, minute=minute, second=second, microsecond=0).timestamp() * 1e6)
            self._find(
                lambda store, panel, _at: store.line_at(panel.sources, at), say("No line at or after that time.")
            )

        line = self._here().current_line()
        self.query_one(Prompt).open(say("time (UTC)"), of_day(line.time)[:5] if line else "", take)

    def action_filter(self) -> None:
        """f: only lines with a text; `!` alone only errors; nothing takes the filter off."""
        here = self._here()

        def take(text: str) -> None:
            here.errors_only = text.strip() == "!"
            here.filter = "" if here.errors_only else text
            here.follow()
            here.update()
            here.refresh()

        shown = "!" if here.errors_only else here.filter
        self.query_one(Prompt).open(say("filter (! errors only)"), shown, take)


def _next_line(
    store: Store, panel: JournalPanel, at: int | None, *, forward: bool, containing: str = "", errors: bool = False
) -> int | None:
    """The line that has the text, or is an error: before the marked one (or the end), or after it with `forward`."""
    if forward and at is not None:
        lines = store.lines(panel.sources, after=at, containing=containing, errors=errors, most=1)
    else:
        lines = store.lines(panel.sources, before=at, containing=containing, errors=errors, most=1)
    return lines[0].id if lines else None
