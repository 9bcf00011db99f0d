"""Machines out of typed and pasted text."""

import pytest

from tui.plan.model import Node, Plan, Topology
from tui.screens.machines import NotMachines, machines, taken_in, usual


def test_ranges_on_one_line_count_together_and_a_name_suggests_its_role() -> None:
    found, problems = machines("master-[1-3] 192.168.31.[161-163] /dev/sda")
    assert [(n.role, n.name, n.address, n.disk) for n in found] == [
        ("master", f"master-{n}", f"192.168.31.{160 + n}", "/dev/sda") for n in (1, 2, 3)
    ]
    assert problems == []


def test_a_role_that_is_told_wins_over_the_name() -> None:
    found, _ = machines("name,role,ip\nmaster-9,worker,10.0.0.9\n")
    assert [(n.role, n.name) for n in found] == [("worker", "master-9")]


def test_a_line_that_cannot_be_taken_is_told_with_its_number_and_the_rest_is_taken() -> None:
    found, problems = machines("name,ip\nm1,10.0.0.1\nm2-[3-1],10.0.0.2\n")
    assert [n.name for n in found] == ["m1"]
    assert problems[0].startswith("Line 3: ")


@pytest.mark.parametrize("text", ["", "   \n", "worker-[1-3] 10.0.0.[1-2]", "worker-[9-1]"])
def test_what_names_no_machine_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NotMachines, match=r"\.$"):
        machines(text)


def test_a_machine_known_already_takes_over_what_the_new_line_knows() -> None:
    plan = Plan(topology=Topology(nodes=[Node(role="master", name="m1", address="10.0.0.1", disk="/dev/sda")]))
    nodes = taken_in(plan, machines("m1 52:54:00:00:00:01\nm2 10.0.0.2")[0])
    assert [(n.name, n.address, n.mac, n.disk) for n in nodes] == [
        ("m1", "10.0.0.1", "52:54:00:00:00:01", "/dev/sda"),
        ("m2", "10.0.0.2", "", ""),
    ]


@pytest.mark.parametrize(("shape", "count"), [("ha", 6), ("compact", 4), ("sno", 1)])
def test_the_usual_machines_follow_the_shape(shape: str, count: int) -> None:
    assert len(usual(Plan(topology=Topology(shape=shape)))) == count  # type: ignore[arg-type]
