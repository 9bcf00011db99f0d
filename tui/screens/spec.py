"""A field of the wizard as a table row: where it lives in the plan, its name, and what a person needs to know."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from tui.checks.model import Result
from tui.plan import fields
from tui.plan.endpoints import listed
from tui.plan.fields import NoSuchField
from tui.plan.model import Plan
from tui.screens.standing import Standing, Trouble
from tui.session.rows import Draft
from tui.text import say
from tui.widgets.form_rows import Cell, Kind, Note, Row

Widget = Literal["text", "choice", "yes", "list", "paste", "password"]
"""`paste`: a long text that is taken on a page of its own; `password`: one line there, and nothing of it is shown."""


class Field(Struct, frozen=True, kw_only=True):
    """One decision.

    `what` says what it is, `example` how it looks, `where` where to find it, `leads` what follows from it; `empty`
    stands where nothing is decided; `checks` are the beginnings of the ids of checks that ask about it, and `about`,
    where given, is what their subjects have in them in place of the value; `shows` names the generated file, and a
    text in it, where its effect is seen; `beside` gives a consequence in a few words; `kept_in` is the file below
    secrets/ for its content, where it is a secret: then the plan has only that name.
    """

    path: str
    label: str
    what: str
    example: str = ""
    where: str = ""
    leads: str = ""
    widget: Widget = "text"
    width: int = 26
    empty: str = ""
    before: str = ""
    checks: tuple[str, ...] = ()
    about: str = ""
    shows: tuple[str, str] = ("install-config.yaml", "")
    choices: tuple[str, ...] = ()
    beside: Callable[[Plan], str] | None = None
    kept_in: str = ""


Table = tuple[Field | tuple[Field, ...] | str, ...]
"""A form as a table: a field a line, several fields on one line, or a heading."""


def rows(table: Table, plan: Plan, drafts: dict[str, Draft], standing: Standing, adding: str = "") -> list[Row]:
    """The rows of a form. `adding` is the list that has a blank line at its end."""
    made: list[Row] = []
    for entry in table:
        if isinstance(entry, str):
            made.append(Row(label=entry, style="bold", wide=True))
        elif isinstance(entry, tuple):
            made.append(_line(entry, plan, drafts, standing))
        elif entry.widget == "list":
            made += _list(entry, plan, standing, more=adding == entry.path)
        else:
            made.append(_line((entry,), plan, drafts, standing))
    return made


def _line(specs: tuple[Field, ...], plan: Plan, drafts: dict[str, Draft], standing: Standing) -> Row:
    cells = tuple(cell(spec, plan, drafts) for spec in specs)
    notes = [
        note for spec in specs for note in notes_at(spec, spec.path, fields.text(_value(plan, spec.path)), standing)
    ]
    notes += [Note("", spec.beside(plan)) for spec in specs if spec.beside is not None and spec.beside(plan)]
    return Row(label=specs[0].label, cells=cells, notes=tuple(notes))


def cell(spec: Field, plan: Plan, drafts: dict[str, Draft]) -> Cell:
    """The cell of a field that is one value."""
    draft = drafts.get(spec.path)
    words = choices(spec)
    kind: Kind = "paste" if spec.widget in {"paste", "password"} else ("choice" if words else "text")
    text = draft.text if draft is not None else fields.text(_value(plan, spec.path))
    return Cell(
        key=spec.path,
        text=say("stored, not shown") if spec.kept_in and text else text,
        kind=kind,
        width=spec.width,
        choices=words,
        empty=spec.empty or say("not decided"),
        before=spec.before,
    )


def choices(spec: Field) -> tuple[str, ...]:
    """The words a field admits; empty where it is free text."""
    if spec.widget == "yes":
        return (say("no"), say("yes"))
    if spec.widget == "choice":
        return spec.choices or fields.choices(spec.path)
    return ()


def _list(spec: Field, plan: Plan, standing: Standing, *, more: bool) -> list[Row]:
    items = [fields.text(item) for item in _value(plan, spec.path) or []]
    shown = [*items, ""] if more or not items else items
    made = []
    for index, text in enumerate(shown):
        key = f"{spec.path}[{index}]"
        empty = spec.empty or say("not decided")
        notes = [] if not text and items else notes_at(spec, key, text, standing)
        if index == 0 and not any(note.state in {"failed", "warning"} for note in notes):
            notes += notes_at(spec, spec.path, "", standing)
        one = Cell(key=key, text=text, width=spec.width, empty=empty if index == 0 else say("another"))
        made.append(Row(label=spec.label if index == 0 else "", cells=(one,), notes=tuple(notes)))
    return made


def notes_at(spec: Field, path: str, text: str, standing: Standing) -> list[Note]:
    """The mark and word beside a field: what is wrong with it, else what the world answered."""
    trouble = standing.at(path)
    if trouble is not None:
        return [Note(trouble.state, trouble.word)]
    return answered(spec, text, standing)


def answered(spec: Field, text: str, standing: Standing) -> list[Note]:
    """What the checks of this field say of this value: a note for each port, else the worst answer."""
    found = [result for result in standing.results if result.overridden is None and concerns(spec, text, result)]
    if spec.about:
        ports = {result.subject.rpartition(":")[2]: result for result in sorted(found, key=_badness, reverse=True)}
        return [Note(_state(result), port) for port, result in ports.items() if port.isdigit()]
    if not found:
        return []
    worst = min(found, key=_badness)
    if worst.state == "ok" and len(found) > 1:
        return [Note(_state(worst), say("{count} answers right", count=len(found)))]
    return [Note(_state(worst), brief(worst.evidence, text))]


def concerns(spec: Field, text: str, answer: Result | Trouble) -> bool:
    """Whether an answer is about this value of this field; one of two families is about each of its addresses."""
    if not (text and asks(spec, answer.id)):
        return False
    return spec.about in answer.subject if spec.about else any(part in answer.subject for part in listed(text))


def asks(spec: Field, check: str) -> bool:
    """Whether a check of this id asks about this field."""
    return any(check.startswith(beginning) for beginning in spec.checks)


def _badness(result: Result) -> int:
    return ("failed", "warning", "unknown", "ok").index(result.state)


def _state(result: Result) -> str:
    return "stale" if result.stale else result.state


def brief(evidence: str, value: str, length: int = 34) -> str:
    """What came back, in a few words for the place beside a field that shows the value already."""
    first = evidence.partition(". ")[0].partition("\n")[0].rstrip(".")
    first = first.removeprefix(value).lstrip(" :")
    if first.startswith(("Asked", "Connected")):
        first = first.rpartition(": ")[2]
    return first if len(first) <= length else f"{first[: length - 1].rstrip()}…"


def base(key: str) -> str:
    """The list or field that a cell's key belongs to: `network.name_servers[1]` is of `network.name_servers`."""
    return key[: key.rindex("[")] if key.endswith("]") else key


def find(table: Table, key: str) -> Field | None:
    """The field of a cell."""
    wanted = {key, base(key)}
    for entry in table:
        for spec in entry if isinstance(entry, tuple) else (entry,):
            if isinstance(spec, Field) and spec.path in wanted:
                return spec
    return None


def _value(plan: Plan, path: str) -> Any:
    try:
        return fields.get(plan, path)
    except NoSuchField:
        return ""
