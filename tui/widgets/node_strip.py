"""Every node with its mark and its state, worst first where the line is too short for all."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from tui.session.rows import NodeRow
from tui.text import say
from tui.widgets.marks import mark, rich_style

_BOOT = {
    "failed": "failed",
    "ready": "done",
    "joined": "done",
    "ssh": "now",
    "answers": "now",
    "rebooting": "now",
    "installing": "now",
    "fetching": "now",
    "on": "now",
    "off": "todo",
    "unknown": "unknown",
}


class NodeStrip(Widget):
    """One line of nodes."""

    DEFAULT_CSS = "NodeStrip { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[NodeRow, str]] = []

    def show(self, nodes: list[NodeRow], troubled: dict[str, str]) -> None:
        """Takes the nodes in the plan's order; `troubled` has a few words for each node with an active hint."""
        self._rows = [(node, troubled.get(node.name, "")) for node in nodes]
        self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        segments = [Segment(f" {say('Nodes'):<10} ", self.rich_style)]
        room = self.size.width - 20
        ordered = sorted(self._rows, key=lambda pair: not pair[1]) if self._too_long(room) else self._rows
        for node, trouble in ordered:
            state = state_of(node, trouble)
            text = f"{node.name.partition('.')[0]} {mark(state)} {words(node, trouble)}   "
            if cell_len(text) > room:
                segments.append(Segment(say("g: all"), self.rich_style))
                break
            room -= cell_len(text)
            segments.append(
                Segment(text, rich_style(state) if state in ("failed", "todo", "unknown") else self.rich_style)
            )
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _too_long(self, room: int) -> bool:
        return sum(len(node.name.partition(".")[0]) + len(words(node, t)) + 6 for node, t in self._rows) > room


def state_of(node: NodeRow, trouble: str) -> str:
    """The state whose mark stands for the node."""
    if trouble:
        return "failed"
    return _BOOT.get(node.boot, "unknown") if node.link != "following" or node.boot in _BOOT else "now"


def words(node: NodeRow, trouble: str) -> str:
    """The node's state in a word or two."""
    if trouble:
        return trouble
    if node.boot in ("ready", "joined", "failed"):
        return node.boot
    if node.link == "following":
        return say("follows")
    return say("refuses us") if node.link == "refused" else node.boot
