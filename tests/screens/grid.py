"""A screen as plain text, and its comparison with a stored one."""

import os
from pathlib import Path

from tui.app import OcpTui

STORED = Path(__file__).parent / "snapshots"


def grid(app: OcpTui) -> str:
    """What the terminal shows, as lines without styles and trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


def same_as_stored(name: str, shown: str) -> None:
    """Fails with both texts where the screen differs from the stored one.

    With SNAPSHOTS=write in the environment the stored one is replaced: look at the difference before committing it.
    """
    path = STORED / f"{name}.txt"
    if os.environ.get("SNAPSHOTS") == "write":
        STORED.mkdir(exist_ok=True)
        path.write_text(shown, "utf-8")
    stored = path.read_text("utf-8") if path.exists() else "(nothing stored: run with SNAPSHOTS=write and look at it)\n"
    assert shown.splitlines() == stored.splitlines(), f"\nstored {name}:\n{stored}\nnow:\n{shown}"
