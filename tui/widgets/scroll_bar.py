"""The scroll bar of a terminal that shows ASCII only, and tells no colours perhaps: a line with a thumb on it."""

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.scrollbar import ScrollBar, ScrollBarRender
from typing_extensions import override


class AsciiScrollBar(ScrollBarRender):
    """Textual's own has eighths of a block at the thumb's ends, and elsewhere nothing but colour."""

    VERTICAL_BARS = HORIZONTAL_BARS = [" "]  # noqa: RUF012 - Textual's own names and type

    @classmethod
    @override
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = Color.parse("#555555"),  # noqa: B008 - Textual's own signature
        bar_color: Color = Color.parse("bright_magenta"),  # noqa: B008
    ) -> Segments:
        drawn = super().render_bar(
            size, virtual_size, window_size, position, thickness, vertical, back_color, bar_color
        )
        return Segments([_plain(segment, "|" if vertical else "-") for segment in drawn.segments], vertical)


def _plain(segment: Segment, line: str) -> Segment:
    text, style, control = segment
    if text.isspace() and style is not None and "\n" not in text:
        glyph = "#" if style.reverse else line
        return Segment(glyph * len(text), Style(meta=style.meta), control)
    return segment


def choose(ascii_only: bool) -> None:
    """Decides for the whole app which scroll bars are drawn."""
    ScrollBar.renderer = AsciiScrollBar if ascii_only else ScrollBarRender
