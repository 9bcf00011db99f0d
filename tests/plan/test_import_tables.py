"""Pasted tables of machines, in every shape that people keep them in."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.plan import machine_words as words
from tui.plan.tables import Table, read

EXPECTED = [
    ("bootstrap", "bootstrap", "192.168.31.160", "52:54:00:a1:b2:00", "/dev/vda"),
    ("master", "master-0", "192.168.31.161", "52:54:00:a1:b2:01", "/dev/vda"),
    ("worker", "worker-0", "192.168.31.164", "52:54:00:a1:b2:04", "/dev/vda"),
]


def told(table: Table) -> list[tuple[str, ...]]:
    return [(n.role, n.name, n.address, n.mac, n.disk) for n in table.nodes]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " | ", "   ", ", "])
@pytest.mark.parametrize("heading", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_any_delimiter_and_any_order_of_columns_with_and_without_a_heading(
    delimiter: str, heading: bool, order: tuple[int, ...]
) -> None:
    rows = [("role", "hostname", "ip", "mac", "disk")] if heading else []
    rows += EXPECTED
    text = "\n".join(delimiter.join(row[column] for column in order) for row in rows)
    table = read(text)
    assert table.problems == []
    assert told(table) == EXPECTED


def test_aligned_text_with_a_rule_below_its_heading_and_comments() -> None:
    table = read(
        "Name        Role           IP-Address\n"
        "----------  -------------  ---------------\n"
        "# the first three\n"
        "bootstrap   Bootstrap      192.168.31.160\n"
        "\n"
        "cp1         control-plane  192.168.31.161/24\n"
        "w1          Compute        fd00:31::164\n"
    )
    assert table.problems == []
    assert [(n.role, n.name, n.address) for n in table.nodes] == [
        ("bootstrap", "bootstrap", "192.168.31.160"),
        ("master", "cp1", "192.168.31.161"),
        ("worker", "w1", "fd00:31::164"),
    ]


def test_ranges_in_cells_stand_for_several_machines() -> None:
    table = read("worker-[01-03] 192.168.31.[164-166] 52:54:00:00:00:[0f-11] /dev/nvme0n1")
    assert [(n.name, n.address, n.mac) for n in table.nodes] == [
        ("worker-01", "192.168.31.164", "52:54:00:00:00:0f"),
        ("worker-02", "192.168.31.165", "52:54:00:00:00:10"),
        ("worker-03", "192.168.31.166", "52:54:00:00:00:11"),
    ]
    assert {n.disk for n in table.nodes} == {"/dev/nvme0n1"}


def test_uneven_ranges_are_a_problem_of_their_line_and_the_others_are_taken() -> None:
    table = read("worker-[1-3] 192.168.31.[164-165]\nmaster-0 192.168.31.161")
    assert [n.name for n in table.nodes] == ["master-0"]
    assert [(p.line, "count 2 and 3" in p.message) for p in table.problems] == [(1, True)]


@pytest.mark.parametrize(
    "mac",
    ["52:54:00:A1:B2:0F", "52-54-00-a1-b2-0f", "5254.00a1.b20f", "525400A1B20F", "52:54:0:a1:b2:f", "5254:00a1:b20f"],
)
def test_a_mac_address_is_known_in_every_spelling(mac: str) -> None:
    assert [n.mac for n in read(f"m0 10.0.0.1 {mac}").nodes] == ["52:54:00:a1:b2:0f"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("master01", "master"), ("ocp4-cp-1", "master"), ("okd-control-plane-2", "master"), ("controlplane0", "master"),
        ("bootstrap", "bootstrap"), ("lab-bootstrap-0.example.com", "bootstrap"), ("worker-1", "worker"),
        ("compute7", "worker"), ("infra-2", "worker"), ("bootcamp", ""), ("copper", ""), ("api", ""), ("w1", ""),
    ],
)  # fmt: skip
def test_a_role_is_told_by_a_name(name: str, role: str) -> None:
    assert words.role_of_name(name) == role


def test_the_second_address_of_a_line_is_the_management_controllers() -> None:
    (node,) = read("master-0 192.168.31.161 192.168.40.11 eno1 sda").nodes
    assert (node.address, node.bmc.address, node.interface, node.disk) == (
        "192.168.31.161", "192.168.40.11", "eno1", "/dev/sda",
    )  # fmt: skip


def test_what_stands_in_the_wrong_column_is_left_out_and_told_without_being_repeated() -> None:
    table = read("name,ip,mac\nmaster-0,hunter2hunter2,52:54:00:00:00:01\n")
    assert [(n.name, n.address, n.mac) for n in table.nodes] == [("master-0", "", "52:54:00:00:00:01")]
    (problem,) = table.problems
    assert problem.line == 2
    assert "address" in problem.message
    assert "hunter2" not in problem.message


def test_a_name_given_twice_is_told() -> None:
    table = read("w1 10.0.0.1\nw2 10.0.0.2\nw1 10.0.0.3\nw3 10.0.0.[4-5]")
    assert [(p.line, p.message) for p in table.problems] == [
        (3, "A machine of line 1 has the same name."),
        (4, "Several machines of this line have the same name."),
    ]


def test_prose_names_no_machine() -> None:
    table = read("Please find the list of our servers below, thanks")
    assert table.nodes == []
    assert len(table.problems) == 1


def test_passwords_stay_out_of_nodes() -> None:
    table = read("name,ip,bmc,bmc user,bmc password\nmaster-0,10.0.0.1,10.0.1.1,root,hunter2hunter2")
    assert "hunter2" not in repr(table.nodes)
    assert table.machines[0].bmc_password == "hunter2hunter2"


def test_more_than_a_thousand_machines_are_too_many() -> None:
    table = read("\n".join(f"worker-[{n}000-{n}499] 10.{n}.1.1" for n in range(1, 5)))
    assert len(table.nodes) == 1000
    assert "more than 1000" in table.problems[0].message


@given(st.text(alphabet="abm01.:-[],;\t|# \n\"'/", max_size=120) | st.text(max_size=80))
def test_any_text_is_machines_or_problems(text: str) -> None:
    table = read(text)
    assert table.nodes or table.problems
    assert all(problem.message for problem in table.problems)


def test_an_account_of_a_shifted_line_is_left_out() -> None:
    """Without its MAC address the line's password stands in the column of the user, and a user is shown."""
    text = "name,ip,mac,disk,bmc address,bmc user,bmc password\nmaster-0,10.0.0.1,vda,10.0.1.1,root,Tr0ub4dor&3\n"
    table = read(text)
    assert [(m.name, m.bmc_user, m.bmc_password) for m in table.machines] == [("master-0", "", "")]
    assert "the BMC's account is left out" in " ".join(problem.message for problem in table.problems)
