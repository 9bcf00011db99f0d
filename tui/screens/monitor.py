"""Step 7: the bootstrap's progress, every node's journal, and the hint beside the line that explains a failure."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from typing_extensions import override

from tui.hints.model import Hint
from tui.monitor.model import Stage
from tui.plan.endpoints import full_name
from tui.screens import monitor_pages
from tui.screens.client import Client
from tui.screens.prompt import Prompt
from tui.screens.step import StepScreen
from tui.session.rows import Mute, NodeRow
from tui.session.store import Store, now
from tui.text import say
from tui.widgets.chrome import Rule, Words
from tui.widgets.hint_card import of_day
from tui.widgets.journal_panel import JournalPanel
from tui.widgets.node_strip import NodeStrip
from tui.widgets.stage_bar import StageBar

SERVED = "file server"
"""The source of what this bastion served, shown as one more journal."""
_WIDE, _WIDER = 100, 170
_TROUBLED = ("fatal", "error", "warning")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_MOVES = {"up": -1, "down": 1}


class MonitorScreen(StepScreen):
    """One, two or three journals side by side under the stage line; the worst node comes first."""

    STEP = "monitor"
    KEYS = (
        ("F1", say("help")),
        ("Tab", say("panel")),
        ("/", say("search")),
        ("e", say("error")),
        ("h", say("hint")),
        ("f", say("filter")),
        ("space", say("pause")),
        ("z", say("zoom")),
        ("g", say("nodes")),
        ("a", say("CSRs")),
        ("^P", say("commands")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "panel(1)", show=False, priority=True),
        Binding("shift+tab", "panel(-1)", show=False, priority=True),
        *(Binding(str(number), f"panel_number({number})", show=False) for number in range(1, 10)),
        Binding("slash", "search", show=False),
        Binding("n", "found(False)", show=False),
        Binding("N", "found(True)", show=False),
        Binding("e", "error(False)", show=False),
        Binding("E", "error(True)", show=False),
        Binding("h", "hint(True)", show=False),
        Binding("H", "hint(False)", show=False),
        Binding("s", "stage(False)", show=False),
        Binding("S", "stage(True)", show=False),
        Binding("f", "filter", show=False),
        Binding("x", "mute", show=False),
        Binding("v", "confirm", show=False),
        Binding("y", "copy", show=False),
        Binding("space", "pause", show=False),
        Binding("z", "zoom", show=False),
        Binding("t", "time", show=False),
        Binding("m", "merge", show=False),
        Binding("g", "nodes", show=False),
        Binding("a", "csrs", show=False),
        Binding("enter", "card", show=False),
        Binding("escape", "end", show=False),
    ]

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._hints: list[Hint] = []
        self._stages: list[Stage] = []
        self._zoomed = False
        self._chosen = False
        self._panels: list[JournalPanel] = []

    # --- what is shown -----------------------------------------------------------------------------------------

    @override
    def body(self) -> Iterable[Widget]:
        yield StageBar()
        yield NodeStrip()
        yield Words(id="ending")
        self._panels = [JournalPanel(self._store, number) for number in (1, 2, 3)]
        yield Horizontal(*self._panels, id="panels")
        yield Prompt()
        yield Rule()

    def on_mount(self) -> None:
        """The panels begin with the bootstrap and what this bastion served."""
        self._panels[0].focus()
        self._arrange()
        self._begin_watching()

    def on_resize(self, event: events.Resize) -> None:
        """As many panels as fit."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        count = 1 if self._zoomed or width < _WIDE else 2 if width < _WIDER else 3
        here = self._here()
        for panel in self._panels:
            panel.display = panel is here if count == 1 else panel.number <= count

    def _begin_watching(self) -> None:
        """Opening the monitor asks for the following, once there is something to follow."""
        asked = any(job.kind == "watch" for job in self.client.standing.jobs)
        if not asked and self.client.standing.states.get("generate") == "done":
            self.client.request("watch")

    @property
    def _store(self) -> Store:
        return self.client.session.store

    @override
    def facts_changed(self, kinds: set[str]) -> None:
        super().facts_changed(kinds)
        if not self._panels or not self.is_mounted:
            return
        if kinds & {"hint", "mute"}:
            self._take_hints()
        if kinds & {"stage", "plan", "hint", "node"}:
            self._stages = ordered(self._store.facts(Stage))
            self.query_one(StageBar).show(self._stages, self._clock())
            self._show_nodes()
            self._show_ending()
        for panel in self._panels:
            if panel.display:
                panel.update()

    @override
    def show_frame(self) -> None:
        super().show_frame()
        if self.is_mounted and self._stages:
            self.query_one(StageBar).show(self._stages, self._clock())

    def _clock(self) -> int:
        """The present, by the nodes' clocks where they are ahead: the lab's run faster than ours."""
        return max([now(), *(row.seen or 0 for row in self._store.facts(NodeRow))])

    def _take_hints(self) -> None:
        muted = {(mute.hint, mute.node, mute.unit) for mute in self._store.facts(Mute)}
        hints = [hint for hint in self._store.facts(Hint) if hint.key not in muted and hint.state != "folded"]
        self._hints = sorted(hints, key=monitor_pages.rank)
        if not self._chosen:
            self._arrange()
        for panel in self._panels:
            self._give_hints(panel)

    def _give_hints(self, panel: JournalPanel) -> None:
        panel.set_hints([hint for hint in self._hints if not panel.sources or _speaks_in(hint) & set(panel.sources)])

    def _arrange(self) -> None:
        """Until the person chooses: the worst node, what was served, and the next worst."""
        worst = [
            hint.node for hint in self._hints if hint.state == "active" and hint.severity in _TROUBLED and hint.node
        ]
        names = list(dict.fromkeys([*worst, *self._names()]))
        wanted = [*names[:1], SERVED, *names[1:2]]
        for panel, name in zip(self._panels, wanted, strict=False):
            if panel.sources != (name,):
                self._point(panel, name)

    def _names(self) -> list[str]:
        plan = self.client.session.plan
        return [full_name(plan, node) for node in plan.topology.nodes]

    def _point(self, panel: JournalPanel, source: str) -> None:
        title = say("this bastion · files served") if source == SERVED else source.partition(".")[0]
        panel.show(title, [source])
        self._give_hints(panel)
        panel.update()

    def _show_nodes(self) -> None:
        rows = {row.name: row for row in self._store.facts(NodeRow)}
        nodes = [rows.get(name, NodeRow(name=name)) for name in self._names()]
        troubled = {
            hint.node: say("see h") for hint in self._hints if hint.state == "active" and hint.severity in _TROUBLED
        }
        self.query_one(NodeStrip).show(nodes, troubled)

    def _show_ending(self) -> None:
        words = self.query_one("#ending", Words)
        words.display = self.client.standing.installed
        if words.display:
            words.say(*monitor_pages.ending(self.client.session, self._stages))

    # --- panels ------------------------------------------------------------------------------------------------

    def _here(self) -> JournalPanel:
        focused = self.focused
        return focused if isinstance(focused, JournalPanel) else self._panels[0]

    def action_panel(self, by: int) -> None:
        """Tab: the next panel; where only one is shown, the next node in it."""
        shown = [panel for panel in self._panels if panel.display]
        here = self._here()
        if len(shown) > 1:
            shown[(shown.index(here) + by) % len(shown)].focus()
            return
        names = [*self._names(), SERVED]
        at = names.index(here.sources[0]) if here.sources and here.sources[0] in names else -1
        self._chosen = True
        self._point(here, names[(at + by) % len(names)])

    def action_panel_number(self, number: int) -> None:
        """1-9: that panel."""
        if number <= len(self._panels) and self._panels[number - 1].display:
            self._panels[number - 1].focus()

    def action_zoom(self) -> None:
        """One panel alone, or all again."""
        self._zoomed = not self._zoomed
        self._fit(self.size.width)

    def action_merge(self) -> None:
        """All nodes in one panel, or its own node again."""
        here = self._here()
        self._chosen = True
        if here.sources:
            here.show(say("all nodes"), [])
            self._give_hints(here)
            here.update()
        else:
            self._point(here, self._names()[0] if self._names() else SERVED)

    def action_pause(self) -> None:
        """Holds the panel still; lines are stored all the same."""
        here = self._here()
        here.paused = not here.paused
        if not here.paused and here.following:
            here.follow()
        here.update()
        here.refresh()

    def action_end(self) -> None:
        """Back to the end of the journal, without search mark."""
        here = self._here()
        here.search = ""
        here.follow()
        here.update()

    def on_key(self, event: events.Key) -> None:
        """Arrows and pages move in the panel."""
        here = self._here()
        page = max(here.size.height - 2, 1)
        steps = {**_MOVES, "pageup": -page, "pagedown": page}
        if not isinstance(self.focused, JournalPanel) or event.key not in (*steps, "home", "end"):
            return
        event.stop()
        if event.key == "home":
            here.move_to_start()
        elif event.key == "end":
            self.action_end()
        else:
            here.move(steps[event.key])

    # --- finding -----------------------------------------------------------------------------------------------

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

    # --- hints -------------------------------------------------------------------------------------------------

    def action_hint(self, forward: bool) -> None:
        """h and H: the line of the next hint, the worst first; across nodes."""
        spoken = [(hint, hint.evidence[-1]) for hint in self._hints if hint.evidence]
        if not spoken:
            self.notice(say("No hint so far."))
            return
        here = self._here()
        lines = [evidence.line_number for _, evidence in spoken]
        at = lines.index(here.here) if here.here in lines else (-1 if forward else 0)
        hint, evidence = spoken[(at + (1 if forward else -1)) % len(spoken)]
        if here.sources and hint.node and hint.node not in here.sources:
            self._chosen = True
            self._point(here, hint.node)
        here.go_to(evidence.line_number)

    def _hint(self) -> Hint | None:
        """The hint the keys are about: the one whose line is marked, else the panel's worst, else the worst of all."""
        here = self._here()
        marked = [h for h in self._hints if any(e.line_number == here.here for e in h.evidence)]
        return (marked or [h for h in here.hints() if h.state == "active"] or self._hints or [None])[0]  # type: ignore[list-item]

    async def action_card(self) -> None:
        """Enter: the whole card; where there is no hint, the whole line."""
        hint = self._hint()
        if hint is not None:
            await self.app.push_screen(monitor_pages.hint_page(hint))
        elif (line := self._here().current_line()) is not None:
            await self.app.push_screen(monitor_pages.line_page(line))

    def action_confirm(self) -> None:
        """v: asks whether the hint is right."""
        if hint := self._hint():
            self.client.request("confirm", id=hint.id, node=hint.node, unit=hint.unit)
            self.notice(say("Asking whether that is so…"))

    def action_mute(self) -> None:
        """x: this hint is not shown any more; the session log keeps that."""
        if hint := self._hint():
            self._store.put(Mute(hint=hint.id, node=hint.node, unit=hint.unit, time=now()))
            self._store.tell("person", say("Muted: {title}", title=hint.title), id=hint.id, node=hint.node)
            self._take_hints()

    async def action_copy(self) -> None:
        """y: the command of the hint, else the line; also as a page to select from."""
        hint, line = self._hint(), self._here().current_line()
        text = monitor_pages.command(hint) if hint is not None and hint.state == "active" else ""
        text = text or (line.text if line is not None else "")
        if text:
            self.app.copy_to_clipboard(text)
            await self.app.push_screen(monitor_pages.copy_page(text))

    # --- pages -------------------------------------------------------------------------------------------------

    async def action_nodes(self) -> None:
        """g: all nodes; Enter shows one in this panel."""

        def choose(name: str) -> None:
            self._chosen = True
            self._point(self._here(), name)

        await self.app.push_screen(monitor_pages.nodes_page(self.client, [*self._names(), SERVED], choose))

    async def action_csrs(self) -> None:
        """a: certificate requests."""
        await self.app.push_screen(monitor_pages.csrs_page(self.client))

    @override
    def next_problem(self) -> bool:
        if not any(hint.state == "active" and hint.severity in _TROUBLED for hint in self._hints):
            return False
        self.action_hint(True)
        return True

    @override
    def ask_again(self) -> None:
        self.action_confirm()

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        return monitor_pages.HELP


def _speaks_in(hint: Hint) -> set[str]:
    """The journals a hint belongs to: its node's, and those its lines stand in."""
    return {hint.node, *(evidence.source for evidence in hint.evidence)} - {""}


def _next_line(
    store: Store, panel: JournalPanel, at: int | None, *, forward: bool, containing: str = "", errors: bool = False
) -> int | None:
    """The line that has the text, or is an error: before the marked one (or the end), or after it with `forward`."""
    if forward and at is not None:
        lines = store.lines(panel.sources, after=at, containing=containing, errors=errors, most=1)
    else:
        lines = store.lines(panel.sources, before=at, containing=containing, errors=errors, most=1)
    return lines[0].id if lines else None


def ordered(stages: list[Stage]) -> list[Stage]:
    """The cluster's stages in their usual order."""
    from tui.monitor.stage_table import BOOTSTRAP, CLUSTER, NODE

    place = {definition.id: number for number, definition in enumerate((*BOOTSTRAP, *CLUSTER, *NODE))}
    return sorted(stages, key=lambda stage: place.get(stage.id, len(place)))
