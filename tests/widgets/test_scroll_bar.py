"""A page longer than the terminal in ASCII: its scroll bar is made of ASCII, and says where one is."""

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Static
from typing_extensions import override

from tui.widgets import scroll_bar


class Long(App[None]):
    CSS = "VerticalScroll { scrollbar-size: 1 1; }"

    @override
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("\n".join("line" for _ in range(60)))


def shown(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


def bar(pilot: Pilot[None]) -> str:
    return "".join(line[-1:] for line in shown(pilot).splitlines())


async def test_the_bar_is_ascii_and_its_thumb_moves() -> None:
    scroll_bar.choose(ascii_only=True)
    try:
        async with Long().run_test(size=(40, 20)) as pilot:
            await pilot.pause()
            first = bar(pilot)
            assert shown(pilot).isascii()
            assert set(first) == {"#", "|"}
            assert first.startswith("#")
            pilot.app.query_one(VerticalScroll).scroll_end(animate=False)
            await pilot.pause()
            assert bar(pilot).endswith("#")
    finally:
        scroll_bar.choose(ascii_only=False)


async def test_elsewhere_it_is_textuals_own() -> None:
    async with Long().run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        assert "#" not in bar(pilot)
