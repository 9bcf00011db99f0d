"""The monitor's panels: which journal each shows, and the keys that move between and within them."""

from textual import events

from tui.hints.model import Hint
from tui.monitor.model import Stage
from tui.plan.endpoints import full_name
from tui.screens.client import Client
from tui.screens.step import StepScreen
from tui.session.store import Store
from tui.text import say
from tui.widgets.journal_panel import JournalPanel

SERVED = "file server"
"""The source of what this bastion served, shown as one more journal."""
_WIDE, _WIDER = 100, 170
_MOVES = {"up": -1, "down": 1}


class PanelScreen(StepScreen):
    """A step with journals side by side, each with the hints that belong to it."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._hints: list[Hint] = []
        self._stages: list[Stage] = []
        self._zoomed = False
        self._chosen = False
        self._panels: list[JournalPanel] = []

    def on_resize(self, event: events.Resize) -> None:
        """As many panels as fit."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        count = 1 if self._zoomed or width < _WIDE else 2 if width < _WIDER else 3
        here = self._here()
        for panel in self._panels:
            panel.display = panel is here if count == 1 else panel.number <= count

    @property
    def _store(self) -> Store:
        return self.client.session.store

    def _give_hints(self, panel: JournalPanel) -> None:
        panel.set_hints([hint for hint in self._hints if not panel.sources or _speaks_in(hint) & set(panel.sources)])

    def _names(self) -> list[str]:
        plan = self.client.session.plan
        return [full_name(plan, node) for node in plan.topology.nodes]

    def _point(self, panel: JournalPanel, source: str) -> None:
        title = say("this bastion · files served") if source == SERVED else source.partition(".")[0]
        panel.show(title, [source])
        self._give_hints(panel)
        panel.update()

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


def _speaks_in(hint: Hint) -> set[str]:
    """The journals a hint belongs to: its node's, and those its lines stand in."""
    return {hint.node, *(evidence.source for evidence in hint.evidence)} - {""}
