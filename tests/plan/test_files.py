"""plan.yaml: written, loaded, refused with a place, and opened from older schemas."""

from pathlib import Path
from typing import Any

import pytest

from tests.plan.plans import GOOD
from tui.plan import files
from tui.plan.model import SCHEMA, Node, Plan, Topology
from tui.plan.strict_yaml import read
from tui.plan.yaml_text import write


def test_an_empty_plan_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("{}\n")
    assert files.load(path) == Plan()


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("", "not a plan", None),
        ("- a\n", "not a plan", None),
        ("topology:\n  version: 4.15\n", "must be text", 2),
        ("lab: yes\n", "true or false", 1),
        ("a: b: c\n", "not YAML", 1),
        ("network:\n  gateway: a\n  gateway: b\n", "twice", 3),
        ("topology:\n  nodes:\n  - name: a\n", "role is missing", 3),
        ("schema: 99\n", "newer ocp-tui", None),
        ("schema: one\n", "schema number", None),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(text: str, says: str, line: int | None) -> None:
    with pytest.raises(files.PlanUnreadable, match=says) as refused:
        files.parse(text)
    assert refused.value.line == line


def test_a_plan_of_an_older_schema_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(old: dict[str, Any]) -> dict[str, Any]:
        return {"topology": {"cluster_name": old["name"]}, "schema": SCHEMA}

    monkeypatch.setattr(files, "SCHEMA", SCHEMA + 1)
    monkeypatch.setitem(files._MIGRATIONS, SCHEMA, renamed)
    assert files.parse(f"schema: {SCHEMA}\nname: ocp4\n").topology.cluster_name == "ocp4"


def test_a_written_plan_holds_every_field_in_the_order_of_the_steps() -> None:
    document, _ = read(files.dump(GOOD))
    assert list(document) == list(Plan.__struct_fields__)
    assert document["topology"]["nodes"][0]["bmc"]["verify_tls"] is True


@pytest.mark.parametrize(
    "word", ["y", "N", "yes", "off", "12", "1e3", "0x1", "~", "", "52:54:00:12:34:56", "<<", "a: b", "#"]
)
def test_text_that_looks_like_something_else_is_written_in_quotes(word: str) -> None:
    assert read(write({"key": word, "list": [word]}))[0] == {"key": word, "list": [word]}


def test_several_lines_are_written_as_a_block() -> None:
    assert write({"bundle": "one\ntwo\n"}) == "bundle: |\n  one\n  two\n"
    for text in ("one\ntwo", "\n", "a\n\n", " a\nb \n", "a\r\nb", "tab\t\n"):
        assert read(write({"x": text}))[0] == {"x": text}


def test_a_mac_of_digits_only_is_written_so_that_it_is_read_back() -> None:
    plan = Plan(topology=Topology(nodes=[Node(role="master", name="n", mac="02:00:00:00:00:30", address="y")]))
    assert files.parse(files.dump(plan).encode()) == plan
