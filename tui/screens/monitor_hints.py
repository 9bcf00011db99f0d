"""Hints in the monitor: from one to the next, its card, whether it is so, its command, and not to see it any more."""

from typing_extensions import override

from tui.hints.model import LOUD, Hint
from tui.screens import monitor_pages
from tui.screens.monitor_panels import SERVED, PanelScreen
from tui.session.rows import Mute
from tui.session.store import now
from tui.text import say


class HintScreen(PanelScreen):
    """Panels with the keys that are about a hint."""

    def _take_hints(self) -> None:
        muted = {(mute.hint, mute.node, mute.unit) for mute in self._store.facts(Mute)}
        hints = [hint for hint in self._store.facts(Hint) if hint.key not in muted and hint.state != "folded"]
        self._hints = sorted(hints, key=monitor_pages.rank)
        if not self._chosen:
            self._arrange()
        for panel in self._panels:
            self._give_hints(panel)

    def _arrange(self) -> None:
        """Until the person chooses: the worst node, what was served, and the next worst."""
        worst = [hint.node for hint in self._hints if hint.state == "active" and hint.severity in LOUD and hint.node]
        names = list(dict.fromkeys([*worst, *self._names()]))
        wanted = [*names[:1], SERVED, *names[1:2]]
        for panel, name in zip(self._panels, wanted, strict=False):
            if panel.sources != (name,):
                self._point(panel, name)

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

    @override
    def next_problem(self) -> bool:
        if not any(hint.state == "active" and hint.severity in LOUD for hint in self._hints):
            return False
        self.action_hint(True)
        return True

    @override
    def ask_again(self) -> None:
        self.action_confirm()
