"""plan.yaml: read strictly, written plainly. Replacing the file atomically is the session's business."""

from pathlib import Path
from typing import Any

import msgspec

from tui.plan.model import SCHEMA, Plan
from tui.plan.strict_yaml import YamlUnreadable, read
from tui.text import say

_MIGRATIONS: dict[int, Any] = {}
"""From a schema number to the function that turns its document into the next one's."""


class PlanUnreadable(ValueError):
    """plan.yaml cannot be taken as a plan: `what` says why in a sentence, `line` and `column` (1-based) where."""

    def __init__(self, what: str, line: int | None = None, column: int | None = None, path: str = "") -> None:
        where = say("line {line}: ", line=line) if line else ""
        super().__init__(f"{where}{what}")
        self.what = what
        self.line = line
        self.column = column
        self.path = path


def load(path: Path) -> Plan:
    """The plan in a file. Raises PlanUnreadable, or OSError where the file cannot be read."""
    return parse(path.read_bytes())


def parse(data: bytes | str) -> Plan:
    """The plan in the text of a plan.yaml, of this schema or an older one. Raises PlanUnreadable."""
    try:
        document, positions = read(data)
    except YamlUnreadable as error:
        raise PlanUnreadable(error.what, error.line, error.column) from None
    return from_document(document, positions)


def from_document(document: object, positions: dict[str, tuple[int, int]]) -> Plan:
    """The plan in a document already read from YAML. Raises PlanUnreadable."""
    current = _migrated(document)
    try:
        return msgspec.convert(current, Plan)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        place = path.strip("`").lstrip(".")
        line, column = positions.get(place, (None, None))
        raise PlanUnreadable(
            say("{place}: {what}.", place=place or "plan.yaml", what=what), line, column, place
        ) from None


def dump(plan: Plan) -> str:
    """The plan as the text of plan.yaml: every field, in the order of the steps."""
    import yaml

    header = say("# The decisions of one installation; secrets are file names below secrets/.")
    body = yaml.dump(
        msgspec.to_builtins(plan),
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
    )
    return f"{header}\n{body}"


def schema() -> dict[str, Any]:
    """The JSON Schema of plan.yaml."""
    return msgspec.json.schema(Plan)


def _migrated(document: object) -> object:
    if not isinstance(document, dict):
        raise PlanUnreadable(say("This is not a plan: a plan is a map that begins with topology, network and so on."))
    number = document.get("schema", SCHEMA)
    if not isinstance(number, int) or number < 1:
        raise PlanUnreadable(say("schema: {number} is not a schema number.", number=number), path="schema")
    if number > SCHEMA:
        raise PlanUnreadable(
            say(
                "This plan has schema {number}, this ocp-tui knows up to {known}: use the newer ocp-tui that wrote it.",
                number=number,
                known=SCHEMA,
            ),
            path="schema",
        )
    while number < SCHEMA:
        document = _MIGRATIONS[number](document)
        number += 1
    return document
