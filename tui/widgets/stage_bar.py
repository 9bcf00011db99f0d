"""The bootstrap's progress in one line: a bar, the stage that runs, how long, and how long it usually takes."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from tui.monitor.model import Stage
from tui.text import say
from tui.widgets.marks import drawn, rich_style

_COUNTED = ("done", "running", "failed", "waiting", "unknown")
_LATE = 2
"""So many times the usual length, and the time is shown as late."""


class StageBar(Widget):
    """Shows the stages of the whole cluster (those without a node), in their order."""

    DEFAULT_CSS = "StageBar { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._stages: list[Stage] = []
        self._now = 0

    def show(self, stages: list[Stage], now: int) -> None:
        """Takes the stages in order and the present instant (microseconds)."""
        self._stages, self._now = [s for s in stages if not s.node and s.state in _COUNTED], now
        self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        label, words, state = describe(self._stages, self._now)
        room = max(self.size.width - len(words) - 15, 0)
        bar = self._bar(min(room, 60))
        return Strip(
            [
                Segment(f" {label:<10} ", Style(bold=True)),
                *bar,
                Segment(f" {words}", rich_style(state) if state in ("failed", "warning") else self.rich_style),
            ]
        ).adjust_cell_length(self.size.width, self.rich_style)

    def _bar(self, width: int) -> list[Segment]:
        if width < 8 or not self._stages:
            return []
        done = sum(stage.state == "done" for stage in self._stages)
        filled = width * done // len(self._stages)
        full = drawn("━") * filled
        return [Segment(full, self.rich_style), Segment(drawn("─") * (width - filled), Style(dim=True))]


def describe(stages: list[Stage], now: int) -> tuple[str, str, str]:
    """Label, words and state of the line."""
    if not stages:
        return say("Bootstrap"), say("nothing has started yet"), "todo"
    label = say("Bootstrap") if _before(stages, "bootstrap-complete") else say("Cluster")
    current = _current(stages)
    if current is None:
        return label, say("complete"), "done"
    number = stages.index(current) + 1
    words = say("stage {number} of {count}  {title}", number=number, count=len(stages), title=current.title)
    if current.state == "failed":
        return label, words + say("  failed, tried {count} times", count=max(current.attempts, 1)), "failed"
    if current.started is None:
        return label, words, current.state
    seconds = max(now - current.started, 0) // 1_000_000
    late = current.usual is not None and seconds > current.usual * _LATE
    usual = say(", usual under {usual}", usual=length(current.usual)) if current.usual and late else ""
    return label, f"{words}  {length(seconds)}{usual}", "warning" if late else "now"


def length(seconds: int | None) -> str:
    """A length of time in its largest two units: 45 s, 6 min, 1 h 20 min."""
    if seconds is None:
        return "?"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def _before(stages: list[Stage], id_: str) -> bool:
    return any(stage.id == id_ and stage.state != "done" for stage in stages)


def _current(stages: list[Stage]) -> Stage | None:
    """The stage to name: whichever ran or failed last, else the first one waiting behind what is done."""
    moving = [stage for stage in stages if stage.state in ("failed", "running")]
    if moving:
        return max(moving, key=lambda stage: (max(stage.started or 0, stage.ended or 0), stages.index(stage)))
    last_done = max((i for i, stage in enumerate(stages) if stage.state == "done"), default=-1)
    waiting = [(i, stage) for i, stage in enumerate(stages) if stage.state in ("waiting", "unknown")]
    return next((stage for i, stage in waiting if i > last_done), waiting[0][1] if waiting else None)
