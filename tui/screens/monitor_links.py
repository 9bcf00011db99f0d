"""A node that we may not log in to: why, what next, and where it was installed anew, how to forget its old host key."""

from tui.screens.monitor_panels import PanelScreen
from tui.screens.question import Question
from tui.session.rows import NodeRow
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import Words

CHANGED = "host-key-changed"
_TOLD = (CHANGED, "key-unreadable", "passphrase-needed")
"""Refusals that stay until the person acts. A live system rejects our key too, for the minutes of its installation."""


class LinkScreen(PanelScreen):
    """Panels with the sentence about a refused node above them."""

    def _show_refused(self, rows: list[NodeRow]) -> None:
        words = self.query_one("#refused", Words)
        refused = [row for row in rows if row.link == "refused" and row.link_kind in _TOLD]
        words.display = bool(refused)
        if not refused:
            return
        first = next((row for row in refused if row.link_kind == CHANGED), refused[0])
        told = marks.drawn(first.link_detail)
        if first.link_kind == CHANGED:
            told = say(
                "{node} shows another host key than before: installed anew, or somebody else is at its address. "
                "k forgets the old key.",
                node=first.name.partition(".")[0],
            )
        parts = [marks.mark("failed"), told]
        if len(refused) > 1:
            parts.append(say("And {count} more: g shows them.", count=len(refused) - 1))
        words.say((" ".join(parts), marks.style("failed")))

    def action_forget_key(self) -> None:
        """k: the pinned key of the node in this panel, else of the first that shows another one, is forgotten."""
        changed = [row.name for row in self._store.facts(NodeRow) if _changed(row)]
        here = [name for name in self._here().sources if name in changed]
        if not changed:
            self.notice(say("No node shows another host key than before."))
            return
        self.ask_to_forget((here or changed)[0])

    def ask_to_forget(self, name: str) -> None:
        """Asks plainly, for whoever answers there is trusted from then on."""
        row = self._store.fact(NodeRow, name)
        if row is None or not _changed(row):
            self.notice(say("{node} shows no other host key than before.", node=name))
            return

        def forget(sure: bool | None) -> None:
            if sure:
                self.client.request("forget-host", node=name)
                self.notice(say("The old key of {node} is forgotten; it is tried again within seconds.", node=name))

        question = say(
            "Was {node} installed anew? Then its old host key is forgotten and the one that it shows next is trusted. "
            "If not, somebody else answers at its address: answer no.",
            node=name,
        )
        _ = self.app.push_screen(Question(question), forget)


def _changed(row: NodeRow) -> bool:
    return row.link == "refused" and row.link_kind == CHANGED
