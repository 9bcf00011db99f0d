"""`python -m tests.screenshots`: pictures of every screen, from the running app on a made-up session."""

import asyncio
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from typing_extensions import override

from tests.screens import made_up
from tui.app import OcpTui
from tui.screens.steps import STEPS

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZE = (120, 40)
SMALL = (80, 24)
CELL = 12.2
"""The width of a cell in the picture."""
FONT_SIZE = 20.26
"""What makes a character of DejaVu Sans Mono as wide as a cell."""
_TEXT = re.compile(r'(<text class="[^"]*" )x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)</text>')
_FONT_FACES = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


class Pictured(OcpTui):
    """The app without an engine: the made-up session must stay as it is."""

    @override
    def start_engine(self) -> None:
        """Nothing is started."""

    @override
    def attach_engine(self) -> None:
        """Nor later."""


def svg(app: OcpTui) -> str:
    """The screen as a picture that needs no font from anywhere."""
    picture = _FONT_FACES.sub("", app.export_screenshot(title="ocp-tui", simplify=True))
    picture = picture.replace("Fira Code", "DejaVu Sans Mono").replace("font-size: 20px", f"font-size: {FONT_SIZE}px")
    return _TEXT.sub(_without_blanks, picture)


def _without_blanks(match: re.Match[str]) -> str:
    # Some viewers swallow blanks at either end of a text, so the text is moved instead.
    start, x, y, length, rest, text = match.groups()
    words = text.replace("&#160;", "\xa0")
    bare = words.strip("\xa0")
    if not bare:
        return ""
    left = len(words) - len(words.lstrip("\xa0"))
    gone = len(words) - len(bare)
    moved = f'{start}x="{float(x) + left * CELL:.1f}" y="{y}" textLength="{float(length) - gone * CELL:.1f}"{rest}'
    return f"{moved}>{bare.replace(chr(160), '&#160;')}</text>"


async def _first_start(folder: Path, below: Path) -> None:
    app = Pictured(made_up.session(below / "new", decided=False))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause(0.3)
        (folder / "first-start.svg").write_text(svg(app), "utf-8")


async def _steps(folder: Path, below: Path, size: tuple[int, int], suffix: str) -> None:
    app = Pictured(made_up.session(below / f"steps{suffix}"))
    async with app.run_test(size=size) as pilot:
        for number, step in enumerate(STEPS):
            import_module(f"tui.screens.{step.id}")
            made_up.freeze()
            await pilot.press(f"f{number + 2}")
            if step.id == "network":
                await pilot.press("f9")
            await pilot.pause(1.0)
            (folder / f"{number + 1}-{step.id}{suffix}.svg").write_text(svg(app), "utf-8")
        await pilot.press("f3", "f1")
        await pilot.pause(0.3)
        (folder / f"help{suffix}.svg").write_text(svg(app), "utf-8")


def main(folder: Path = FOLDER) -> None:
    """Writes every picture into `folder`."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as below:
        asyncio.run(_first_start(folder, Path(below)))
        asyncio.run(_steps(folder, Path(below), SIZE, ""))
        asyncio.run(_steps(folder, Path(below), SMALL, "-80x24"))
    names = ", ".join(sorted(path.name for path in folder.glob("*.svg")))
    print(f"{folder}: {names}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
