"""plan.yaml: read strictly, written plainly. Replacing the file atomically is the session's business."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from tui.plan.conformity import Fault, faults
from tui.plan.model import SCHEMA, Node, Plan
from tui.plan.strict_yaml import Positions, YamlUnreadable, place, read
from tui.plan.yaml_text import write
from tui.text import say

_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a schema number to the function that turns its document into the next one's."""


class PlanUnreadable(ValueError):
    """plan.yaml cannot be taken as a plan: `what` says why in a sentence, `line` and `column` (from 1) where.

    `faults` are all the places that do not fit, where the text itself could be read.
    """

    def __init__(
        self,
        what: str,
        line: int | None = None,
        column: int | None = None,
        path: str = "",
        found: tuple[Fault, ...] = (),
    ) -> None:
        where = say("line {line}: ", line=line) if line else ""
        super().__init__(f"{where}{path}{': ' if path else ''}{what}")
        self.what = what
        self.line = line
        self.column = column
        self.path = path
        self.faults = found or (Fault(path, what),)


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


def from_document(document: object, positions: Positions) -> Plan:
    """The plan in a document already read from YAML. Raises PlanUnreadable."""
    current = _migrated(document)
    found = tuple(faults(current))
    if found:
        line, column = place(positions, found[0].path)
        raise PlanUnreadable(found[0].message, line, column, found[0].path, found)
    return msgspec.convert(current, Plan)


def dump(plan: Plan) -> str:
    """The plan as the text of plan.yaml: every field, in the order of the steps.

    It is written at every edit, and three hundred machines take YAML a tenth of a second: each machine's text is
    kept, so that only what changed is made anew.
    """
    header = say("# The decisions of one installation; secrets are file names below secrets/.")
    nodes = plan.topology.nodes
    bare = replace(plan, topology=replace(plan.topology, nodes=[]))
    text = write(msgspec.to_builtins(bare))
    if nodes:
        text = text.replace("\n  nodes: []\n", "\n  nodes:\n" + "".join(map(_machine, nodes)), 1)
    return f"{header}\n{text}"


@lru_cache(maxsize=2048)
def _machine(node: Node) -> str:
    """One machine's lines, as they stand below topology.nodes."""
    # A text that ends in line breaks makes YAML write the document's end, which this is not.
    lines = write([msgspec.to_builtins(node)]).removesuffix("\n").removesuffix("\n...").split("\n")
    return "".join(f"  {line}\n" if line else "\n" for line in lines)


def schema() -> dict[str, Any]:
    """The JSON Schema of plan.yaml."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Plan)}


def _migrated(document: object) -> object:
    if not isinstance(document, dict):
        raise PlanUnreadable(say("This is not a plan: a plan is a map that begins with topology, network and so on."))
    number = document.get("schema", SCHEMA)
    if type(number) is not int or number < 1:
        raise PlanUnreadable(say("This is not a schema number."), path="schema")
    if number > SCHEMA:
        newer = say(
            "This plan has schema {number} and this ocp-tui knows up to {known}: use the newer ocp-tui that wrote it.",
            number=number,
            known=SCHEMA,
        )
        raise PlanUnreadable(newer, path="schema")
    while number < SCHEMA:
        document = _MIGRATIONS[number](document)
        number += 1
    return {**document, "schema": SCHEMA}
