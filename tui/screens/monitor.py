"""Step 7: the bootstrap's progress, every node's journal, and the hint beside the line that explains a failure."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from typing_extensions import override

from tui.hints.model import LOUD
from tui.monitor.model import Stage
from tui.screens import monitor_pages
from tui.screens.monitor_finding import FindingScreen
from tui.screens.monitor_hints import HintScreen
from tui.screens.monitor_links import LinkScreen
from tui.screens.monitor_panels import SERVED
from tui.screens.prompt import Prompt
from tui.session.rows import NodeRow
from tui.text import say
from tui.widgets.chrome import Rule, Words
from tui.widgets.journal_panel import JournalPanel
from tui.widgets.node_strip import NodeStrip
from tui.widgets.stage_bar import StageBar


class MonitorScreen(FindingScreen, HintScreen, LinkScreen):
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
        Binding("k", "forget_key", show=False),
        Binding("enter", "card", show=False),
        Binding("escape", "end", show=False),
    ]

    # --- what is shown -----------------------------------------------------------------------------------------

    @override
    def body(self) -> Iterable[Widget]:
        yield StageBar()
        yield NodeStrip()
        yield Words(id="refused")
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

    def _begin_watching(self) -> None:
        """Opening the monitor asks for the following, once there is something to follow."""
        asked = any(job.kind == "watch" for job in self.client.standing.jobs)
        if not asked and self.client.standing.states.get("generate") == "done":
            self.client.request("watch")

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
        """The session's present, by the nodes' clocks where they are ahead of it."""
        return max([self._store.clock(), *(row.seen or 0 for row in self._store.facts(NodeRow))])

    def _show_nodes(self) -> None:
        rows = {row.name: row for row in self._store.facts(NodeRow)}
        nodes = [rows.get(name, NodeRow(name=name)) for name in self._names()]
        troubled = {hint.node: say("see h") for hint in self._hints if hint.state == "active" and hint.severity in LOUD}
        self.query_one(NodeStrip).show(nodes, troubled)
        self._show_refused(nodes)

    def _show_ending(self) -> None:
        words = self.query_one("#ending", Words)
        words.display = self.client.standing.installed
        if words.display:
            words.say(*monitor_pages.ending(self.client.session, self._stages))

    # --- pages -------------------------------------------------------------------------------------------------

    async def action_nodes(self) -> None:
        """g: all nodes; Enter shows one in this panel."""

        def choose(name: str) -> None:
            self._chosen = True
            self._point(self._here(), name)

        names = [*self._names(), SERVED]
        await self.app.push_screen(monitor_pages.nodes_page(self.client, names, choose, self.ask_to_forget))

    async def action_csrs(self) -> None:
        """a: certificate requests."""
        await self.app.push_screen(monitor_pages.csrs_page(self.client))

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        return monitor_pages.HELP


def ordered(stages: list[Stage]) -> list[Stage]:
    """The cluster's stages in their usual order."""
    from tui.monitor.stage_table import BOOTSTRAP, CLUSTER, NODE

    place = {definition.id: number for number, definition in enumerate((*BOOTSTRAP, *CLUSTER, *NODE))}
    return sorted(stages, key=lambda stage: place.get(stage.id, len(place)))
