"""The Textual application: screens in order, keys, theme, and the one timer that looks for news."""

import asyncio
import contextlib
import gc
import os
import signal
import sqlite3
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from tui.screens.begin import BEGINNINGS, beginning, build_beginning
from tui.screens.client import Client
from tui.screens.step import Go, StepScreen
from tui.screens.steps import INDEX, STEPS, build
from tui.secrets import Redactor
from tui.session.errors import NotSaved
from tui.session.session import Session
from tui.text import say
from tui.widgets import marks, scroll_bar
from tui.widgets.terminal import DroppingDriver

LOOK_SECONDS = 0.25
HEARTBEAT_LOOKS = 20
"""Every so many looks this client says that it is there: five seconds."""
SMALLEST = (60, 16)


class OcpTui(App[Any]):
    """The wizard on one session."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "ocp-tui"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it as an instance's
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", show=False),
        *(Binding(f"f{number + 2}", f"step({number})", show=False) for number in range(len(STEPS))),
        Binding("ctrl+n", "move(1)", show=False),
        Binding("ctrl+t", "move(-1)", show=False),
        Binding("f9", "next_problem", show=False),
        Binding("ctrl+r", "ask_again", show=False),
        Binding("ctrl+e", "export", show=False, priority=True),
        Binding("ctrl+l", "lab", show=False),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "copy_or_tell", show=False),
    ]

    def __init__(self, session: Session) -> None:
        marks.choose()
        scroll_bar.choose(marks.plain_ascii)
        self.session = session
        self.client = Client(session)
        self.DEFAULT_MODE = beginning(self.client)  # type: ignore[misc]  # where this session begins
        # Said here and not by the theme alone: with NO_COLOR Textual decides on its filter before a theme is set.
        super().__init__(driver_class=DroppingDriver, ansi_color=True)
        self.set_class(marks.plain_ascii, "-ascii")
        for name, make in self._screens().items():
            self.add_mode(name, make)
        if not os.environ.get("TEXTUAL_THEME"):
            self.theme = "ansi-dark"
        self.animation_level = "none"
        self._looks = 0
        self._data_version = -1
        self._revision = 0
        self._last_line = 0
        self._plan_trouble = ""
        self._told: set[int] = set()

    @property
    def lab(self) -> bool:
        """Whether this is a rehearsal."""
        return self.session.plan.lab

    # --- beginning and end -------------------------------------------------------------------------------------

    def _screens(self) -> dict[str, Callable[[], Screen[Any]]]:
        """What makes each screen. A mode a screen: once built it stays, and pages over it stay with it."""
        made: dict[str, Callable[[], Screen[Any]]] = {}
        for name in BEGINNINGS:
            made[name] = partial(build_beginning, name, self.client)
        for step in STEPS:
            made[step.id] = partial(build, step.id, self.client)
        return made

    def on_mount(self) -> None:
        """Everything that is not needed for the first paint begins after it."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            # Textual dies of either without putting the terminal back.
            asyncio.get_running_loop().add_signal_handler(number, self._hung_up)
        self.call_after_refresh(self._begin)

    def _hung_up(self) -> None:
        self._save()
        self.exit()

    def _begin(self) -> None:
        from tui.plan.files import dump

        if not self.is_headless:
            # What is loaded now stays for life: the collector need not look at it again between two keys.
            gc.collect()
            gc.freeze()
        self.client.look()
        self._data_version = self.session.store.data_version()
        self._revision = self.session.store.revision()
        self._told = {job.id for job in self.client.standing.jobs if job.finished}
        self.set_interval(LOOK_SECONDS, self._look)
        self.set_timer(0.05, self.start_engine)
        # Made once without haste, so that no key waits for the text of three hundred machines.
        self.run_worker(partial(dump, self.session.plan), thread=True)
        self._tell({"plan", "job", "check"})

    def start_engine(self) -> None:
        from tui.engine.logind import warning

        if would_end := warning():
            self.notify(would_end, severity="warning", markup=False, timeout=20)
        try:
            self.attach_engine()
        except (OSError, sqlite3.Error, NotSaved) as error:
            self.client.engine_trouble = say("The engine could not be started: {why}.", why=error)
        if self.client.engine_trouble:
            self.notify(self.client.engine_trouble, severity="warning", markup=False, timeout=10)

    def attach_engine(self) -> None:
        """Finds the session's engine, or starts one."""
        from tui.engine.client import attach

        self.client.engine_trouble = attach(self.session)

    def _save(self) -> None:
        for screen in self.screen_stack:
            save = getattr(screen, "save", None)
            if save is not None:
                save()
        try:
            self.client.remember(self._step())
        except (NotSaved, sqlite3.Error):
            return

    @override
    def _fatal_error(self) -> None:
        # No traceback reaches a person: it goes to a file of the session, and the person gets a sentence.
        log = self.session.directory.path / "screen.log"
        with contextlib.suppress(OSError):
            redact = Redactor(self.session.secrets.values())
            with log.open("a", encoding="utf-8") as file:
                file.write(redact(traceback.format_exc()))
        self.panic(
            say(
                "The screen failed: {error}. Nothing is lost: the session is on disk and the engine goes on. "
                "Start ocp-tui again; the details are in {log}.",
                error=type(self._exception).__name__,
                log=log,
            )
        )

    # --- news --------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._mend_terminal()
        self._looks += 1
        try:
            if self._looks % HEARTBEAT_LOOKS == 0:
                self._beat()
            kinds = self._news()
        except (sqlite3.Error, NotSaved) as error:
            self.client.trouble = say("The session's database cannot be read: {why}.", why=error)
            kinds = {"plan"}
        if kinds:
            self._tell(kinds)

    def _beat(self) -> None:
        # An engine that died is started again here, and goes on where it was.
        self.attach_engine()
        self.client.remember(self._step())
        # The clock in the header moves although nothing happened.
        self._current_frame()

    def _news(self) -> set[str]:
        store = self.session.store
        kinds: set[str] = set()
        lost = self.session.refresh()
        if self.client.plan_changed():
            kinds.add("plan")
        if self.session.trouble != self._plan_trouble:
            # Somebody edited plan.yaml by hand into something else than a plan, or mended it.
            self.client.trouble = self._plan_trouble = self.session.trouble
            kinds.add("plan")
        if lost:
            self.notify(say("Another terminal changed {fields}.", fields=", ".join(lost)), markup=False)
        version = store.data_version()
        if version != self._data_version:
            self._data_version = version
            revision = store.revision()
            kinds |= store.changed_kinds(self._revision)
            self._revision = revision
            last = store.last_line()
            if last != self._last_line:
                self._last_line = last
                kinds.add("line")
        return kinds

    def _tell(self, kinds: set[str]) -> None:
        if kinds - {"line", "cursor"}:
            self.client.look()
            self._tell_finished()
        screen = self._step_screen()
        if screen is not None:
            screen.facts_changed(kinds)

    def _tell_finished(self) -> None:
        for job in self.client.standing.jobs:
            if job.finished and job.id not in self._told:
                self._told.add(job.id)
                if job.kind == "export" or job.state == "failed":
                    failed = job.state == "failed"
                    self.notify(
                        job.message or job.kind,
                        severity="error" if failed else "information",
                        markup=False,
                        timeout=10,
                    )

    def _mend_terminal(self) -> None:
        driver = self._driver
        if isinstance(driver, DroppingDriver) and driver.recovered():
            self.screen.refresh(layout=True)

    def _current_frame(self) -> None:
        screen = self._step_screen()
        if screen is not None and screen is self.screen:
            screen.show_frame()

    # --- moving about ------------------------------------------------------------------------------------------

    def _step_screen(self) -> StepScreen | None:
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, StepScreen)), None)

    def _step(self) -> str:
        screen = self._step_screen()
        return screen.STEP if screen is not None else ""

    async def open_step(self, step: str, field: str = "") -> None:
        """Shows a step, and there the cursor on a field."""
        current = self._step_screen()
        if current is not None:
            current.save()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_mode(step)
        screen = self._step_screen()
        if field and screen is not None:
            screen.call_after_refresh(screen.show_field, field)

    async def on_go(self, event: Go) -> None:
        """A screen asks for another."""
        await self.open_step(event.step, event.field)

    async def action_step(self, number: int) -> None:
        """F2 … F8."""
        await self.open_step(STEPS[number].id)

    async def action_move(self, by: int) -> None:
        """Ctrl+N and Ctrl+T."""
        number = INDEX.get(self._step(), -1) + by
        if 0 <= number < len(STEPS):
            await self.open_step(STEPS[number].id)

    async def action_next_problem(self) -> None:
        """F9: the next problem of this step, else of the next step that has one."""
        screen = self._step_screen()
        if screen is None or screen.next_problem():
            return
        troubles = self.client.standing.troubles
        here = INDEX.get(screen.STEP, 0)
        order = sorted(troubles, key=lambda trouble: (INDEX[trouble.step] - here - 1) % len(STEPS))
        if not order:
            self.notify(say("No problem is known."), markup=False)
            return
        first = order[0]
        await self.open_step(first.step, first.field)

    async def action_help(self) -> None:
        """F1: help for this screen and field."""
        from tui.screens.page import help_page

        if isinstance(self.screen, StepScreen):
            await self.push_screen(help_page(self.screen))

    def action_ask_again(self) -> None:
        """Ctrl+R."""
        if isinstance(self.screen, StepScreen):
            self.screen.ask_again()

    def action_export(self) -> None:
        """Ctrl+E."""
        self._save()
        if self.client.request("export") is not None:
            self.notify(say("Exporting the session log; no secret goes into it."), markup=False)

    async def action_lab(self) -> None:
        """Ctrl+L: the lab's world."""
        if not self.session.plan.lab:
            self.notify(say("This is no rehearsal: ocp-tui lab opens one."), markup=False)
            return
        from tui.screens.lab import LabScreen  # type: ignore[import-not-found,unused-ignore]

        if not isinstance(self.screen, LabScreen):
            await self.push_screen(LabScreen(self.client))

    def action_leave(self) -> None:
        """Ctrl+Q: the engine goes on, so nothing stops and nothing is asked."""
        self._save()
        self.exit()

    def action_copy_or_tell(self) -> None:
        """Ctrl+C copies what is selected, and otherwise says how to quit."""
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            return
        self.notify(say("Ctrl+Q quits. The engine goes on with what it does."), markup=False)

    @override
    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for number, step in enumerate(STEPS):
            yield SystemCommand(
                f"{step.title}  (F{number + 2})",
                step.purpose,
                lambda step=step: self.run_worker(self.open_step(step.id)),
            )
        yield SystemCommand(say("Next problem  (F9)"), say("go where something is wrong"), self.action_next_problem)
        yield SystemCommand(say("Ask again  (Ctrl+R)"), say("run this step's checks"), self.action_ask_again)
        yield SystemCommand(say("Export  (Ctrl+E)"), say("one archive of the session, redacted"), self.action_export)
        yield SystemCommand(say("Help  (F1)"), say("for this screen and field"), self.action_help)
        if self.session.plan.lab:
            yield SystemCommand(say("The lab's world  (Ctrl+L)"), say("what runs, and repairs"), self.action_lab)
        yield SystemCommand(say("End the engine"), say("when its jobs are done"), self._end_engine)
        yield SystemCommand(say("Quit  (Ctrl+Q)"), say("the engine goes on"), self.action_leave)

    def _end_engine(self) -> None:
        from tui.engine.client import end

        end(self.session)
        self.notify(
            say("The engine ends after what it does now; the next start of ocp-tui starts it again."), markup=False
        )

    # --- the terminal ------------------------------------------------------------------------------------------

    async def on_resize(self, event: events.Resize) -> None:
        """A terminal too small for any screen gets a sentence until it is larger."""
        from tui.screens.small import TooSmall

        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        shown = isinstance(self.screen, TooSmall)
        if small and not shown:
            await self.push_screen(TooSmall(*SMALLEST))
        elif shown and not small:
            await self.pop_screen()


def run(session: Session) -> str | None:
    """Runs the wizard until the person leaves it; gives "lab" where they would rather rehearse first."""
    app = OcpTui(session)
    try:
        wanted: str | None = app.run(mouse=False)
        return wanted
    finally:
        session.close()
