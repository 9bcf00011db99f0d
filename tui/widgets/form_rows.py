"""What a form shows, as data: rows of cells. A cell is one field of the plan, or something to press."""

from typing import Literal

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

Kind = Literal["text", "choice", "paste", "action", "item"]
"""`paste`: a long or secret text that is never typed here; `action`: Enter does it; `item`: Enter opens it."""


class Cell(Struct, frozen=True):
    """One thing the cursor can stand on. `key` is the field's path in the plan, or an action's name.

    `text` is what is shown, and edited where the kind is text; `empty` stands there, dim, while there is none.
    `before` is a word printed in front of it; `width` 0 takes the rest of the line.
    """

    key: str
    text: str = ""
    kind: Kind = "text"
    width: int = 26
    choices: tuple[str, ...] = ()
    empty: str = ""
    before: str = ""


class Note(Struct, frozen=True):
    """A state with its word behind a row's cells."""

    state: str
    text: str


class Row(Struct, frozen=True):
    """One line of a form. Without cells it is text only: a heading, an explanation."""

    label: str = ""
    cells: tuple[Cell, ...] = ()
    notes: tuple[Note, ...] = ()
    style: str = ""
    wide: bool = False
    """The cells begin at the left edge: a row of a table, an action, a line of text."""


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells, its end cut with a dot-dot-dot where it is too long."""
    if width <= 0:
        return ""
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


def middle(text: str, width: int) -> str:
    """The text in at most `width` cells, cut in its middle."""
    if cell_len(text) <= width:
        return text
    left = max(1, (width - 1) // 2)
    right = max(1, width - 1 - left)
    return f"{set_cell_size(text, left).rstrip()}…{text[-right:]}"
