"""Machines out of typed and pasted text."""

import pytest

from tui.plan.model import Node, Plan, Topology
from tui.screens.machines import MOST, NotMachines, machines, taken_in, usual


def test_ranges_on_one_line_count_together() -> None:
    found = machines("worker-[08-11] 192.168.31.[164-167] /dev/sda")
    assert [(n.name, n.address, n.disk, n.role) for n in found] == [
        (f"worker-{n:02d}", f"192.168.31.{156 + n}", "/dev/sda", "worker") for n in (8, 9, 10, 11)
    ]


def test_columns_may_stand_in_any_order_and_a_heading_is_passed_over() -> None:
    table = "Name;no\n# comment\nname\tmac\trole\tip\nm1\t52:54:00:00:00:01\tmaster\t10.0.0.1\n"
    found = machines(table.replace("Name;no\n", ""))
    assert found == [Node(role="master", name="m1", mac="52:54:00:00:00:01", address="10.0.0.1")]


def test_the_second_address_and_a_url_are_the_management_controller() -> None:
    assert machines("n1 10.0.0.1 10.9.0.1")[0].bmc.address == "10.9.0.1"
    assert machines("n1 10.0.0.1 https://bmc/redfish/v1/Systems/1")[0].bmc.address.startswith("https://")


@pytest.mark.parametrize("text", ["", "   \n", "worker-[1-3] 10.0.0.[1-2]", "worker-[9-1]", f"w-[1-{MOST + 1}]", "10.0.0.1"])
def test_what_names_no_machine_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NotMachines, match=r"\.$"):
        machines(text)


def test_a_machine_known_already_takes_over_what_the_new_line_knows() -> None:
    plan = Plan(topology=Topology(nodes=[Node(role="master", name="m1", address="10.0.0.1", disk="/dev/sda")]))
    nodes = taken_in(plan, machines("m1 52:54:00:00:00:01\nm2"))
    assert [(n.name, n.address, n.mac, n.disk) for n in nodes] == [
        ("m1", "10.0.0.1", "52:54:00:00:00:01", "/dev/sda"),
        ("m2", "", "", ""),
    ]


@pytest.mark.parametrize(("shape", "count"), [("ha", 6), ("compact", 4), ("sno", 1)])
def test_the_usual_machines_follow_the_shape(shape: str, count: int) -> None:
    assert len(usual(Plan(topology=Topology(shape=shape)))) == count  # type: ignore[arg-type]
