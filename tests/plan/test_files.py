"""plan.yaml: written, loaded, refused with a place, and opened from older schemas."""

from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.plans import GOOD
from tui.plan import fields, files
from tui.plan.model import SCHEMA, Bmc, Node, Plan, Topology
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


odd = st.one_of(
    st.text(max_size=20), st.sampled_from(["a\n \nb", "\n", " x\n\n  y\n", "a" * 200 + " b" * 90, "- a", "x\n...\n"])
)
machine = st.builds(Node, role=st.just("master"), name=odd, disk=odd, bmc=st.builds(Bmc, address=odd, user=odd))


@settings(max_examples=300, deadline=None)
@given(st.lists(machine, max_size=3), odd)
def test_machines_written_one_by_one_are_as_if_written_together(nodes: list[Node], name: str) -> None:
    plan = Plan(topology=Topology(nodes=nodes, cluster_name=name))
    try:
        together = files.parse(write(msgspec.to_builtins(plan)))
    except files.PlanUnreadable:
        return  # a text that no YAML holds
    assert files.parse(files.dump(plan)) == together == plan


def test_an_edit_of_one_machine_in_three_hundred_writes_that_one_anew() -> None:
    nodes = [Node(role="worker", name=f"worker-{n}", address=f"10.9.{n // 250}.{n % 250 + 1}") for n in range(300)]
    plan = fields.replace(GOOD, "topology.nodes", nodes)
    files.dump(plan)
    start = perf_counter()
    whole = write(msgspec.to_builtins(plan))
    baseline = perf_counter() - start
    changed = [fields.replace(plan, "topology.nodes[17].name", f"other-{number}") for number in range(5)]
    start = perf_counter()
    texts = [files.dump(one) for one in changed]
    assert (perf_counter() - start) / 5 < baseline / 5
    assert texts[-1].partition("\n")[2] == whole.replace("name: worker-17\n", "name: other-4\n")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "data" / "plans").glob("*.yaml")), ids=str)
def test_a_plan_written_by_a_released_version_still_opens(path: Path) -> None:
    """Each file is the whole of a plan as that version wrote it; never change one, add one for each new shape."""
    plan = files.load(path)
    assert plan.topology.cluster_name == "ocp4"
    assert len(plan.topology.nodes) == 6
    assert plan.network.cluster_networks[0].host_prefix == 23
    assert plan.pull_secret.pull_secret == "pull-secret.json"
    assert files.parse(files.dump(plan)) == plan


def test_a_plan_of_the_future_is_refused_in_a_clear_sentence() -> None:
    with pytest.raises(files.PlanUnreadable) as refused:
        files.parse(f"schema: {SCHEMA + 7}\nwhatever: [1]\n")
    assert refused.value.what == (
        f"This plan has schema {SCHEMA + 7} and this ocp-tui knows up to {SCHEMA}: use the newer ocp-tui that wrote it."
    )


@pytest.mark.parametrize("path", [path for path in fields.paths(Plan()) if path != "topology.nodes"])
def test_a_plan_that_lacks_a_field_opens_with_its_default(path: str) -> None:
    document = msgspec.to_builtins(Plan())
    inside: Any = document
    *way, last = (int(step) if step.isdigit() else step for step in path.replace("[", ".").replace("]", "").split("."))
    for step in way:
        inside = inside[step]
    del inside[last]
    assert files.parse(write(document)) == Plan()
