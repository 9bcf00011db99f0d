"""What frames every screen: header, step rail, rule, the sentence under the form, and the keys."""

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from typing_extensions import override

from tui.widgets import marks
from tui.widgets.form_rows import middle


class Head(Struct, frozen=True):
    """What the header says. `clock` and `engine` are a state and words; `lab` puts LAB in front."""

    name: str = ""
    lab: bool = False
    clock: tuple[str, str] = ("", "")
    engine: tuple[str, str] = ("unknown", "")


class Header(Widget):
    """One line: which cluster, how long the certificates last, how the engine is."""

    DEFAULT_CSS = "Header { height: 1; }"
    head = Head()

    def show(self, head: Head) -> None:
        """Replaces what it says."""
        if head != self.head:
            self.head = head
            self.refresh()

    @override
    def render(self) -> Content:
        """The line, the clock in its middle where there is room."""
        width, head = self.size.width, self.head
        clock_state, clock = head.clock
        engine_state, engine = head.engine
        right = marks.drawn(f"{engine} {marks.mark(engine_state)} " if engine else "")
        clock = marks.drawn(clock)
        lab = "LAB " if head.lab else ""
        room = width - 1 - len(lab) - cell_len(right) - cell_len(clock) - 4
        name = marks.drawn(middle(head.name, max(8, room)))
        gap = max(2, width - 1 - len(lab) - cell_len(name) - cell_len(right) - cell_len(clock))
        before = min(gap - 1, max(1, gap * 2 // 3))
        return Content.assemble(
            " ",
            (lab, "bold reverse" if lab else ""),
            (name, "bold"),
            " " * before,
            (clock, marks.style(clock_state) if clock_state else "dim"),
            " " * (gap - before),
            (right, "" if engine_state in {"now", "done"} else marks.style(engine_state)),
        )


class Rail(Widget):
    """The steps, each with its state; the narrower the terminal, the shorter."""

    DEFAULT_CSS = "Rail { height: 1; }"
    steps: tuple[tuple[str, str], ...] = ()
    current = -1

    def show(self, steps: tuple[tuple[str, str], ...], current: int) -> None:
        """Replaces the steps: (title, state), and which one is open."""
        if (steps, current) != (self.steps, self.current):
            self.steps, self.current = steps, current
            self.refresh()

    @override
    def render(self) -> Content:
        """Marks and titles on one line."""
        parts: list[tuple[str, str]] = [(" ", "")]
        for number, (title, state) in enumerate(self.steps):
            here = number == self.current
            glyph = marks.mark("now" if here and state in {"todo", "done"} else state)
            style = "bold reverse" if here else marks.style(state)
            parts += [(f"{glyph} ", "bold" if here and state not in {"failed", "warning"} else marks.style(state))]
            parts += [(title, style), ("  " if self.size.width >= 90 else " ", "")]
        return Content.assemble(*parts)


class Rule(Widget):
    """A quiet line across."""

    DEFAULT_CSS = "Rule { height: 1; }"

    @override
    def render(self) -> Content:
        """The line, a column free on either side."""
        return Content.styled(" " + marks.drawn("─") * max(0, self.size.width - 2), "dim")


class KeyBar(Widget):
    """The keys that fit, the most useful first."""

    DEFAULT_CSS = "KeyBar { height: 1; }"
    keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: tuple[tuple[str, str], ...]) -> None:
        """Replaces the keys: (key, word)."""
        if keys != self.keys:
            self.keys = keys
            self.refresh()

    @override
    def render(self) -> Content:
        """As many as fit whole."""
        parts: list[tuple[str, str]] = [(" ", "")]
        used = 1
        for key, what in self.keys:
            wide = len(key) + len(what) + 1
            if used + wide > self.size.width - 1:
                break
            parts += [(key, "bold"), (f" {what}  ", "dim")]
            used += wide + 2
        return Content.assemble(*parts)


class Words(Widget):
    """Lines of our own words that wrap: a sentence with a mark, help, a preview."""

    DEFAULT_CSS = "Words { height: auto; padding: 0 1; }"
    content = Content("")

    def say(self, *parts: str | tuple[str, str]) -> None:
        """Replaces the words; each part is a text or a text and its style. Never read as markup."""
        content = Content.assemble(*parts)
        if content != self.content:
            self.content = content
            self.refresh(layout=self.styles.height is not None and self.styles.height.is_auto)

    @override
    def render(self) -> Content:
        """The words."""
        return self.content


class Title(Words):
    """The first line of a page that covers the header: in the lab it begins with LAB, as the header does."""

    DEFAULT_CSS = "Title { height: 1; padding: 0 1; }"

    @override
    def render(self) -> Content:
        """The words, marked where this is a rehearsal."""
        lab = bool(getattr(self.app, "lab", False))
        return Content.assemble(("LAB ", "bold reverse"), self.content) if lab else self.content
