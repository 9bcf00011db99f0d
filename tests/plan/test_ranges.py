"""Ranges in names and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.plan.ranges import MOST, NotARange, expand, in_step


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("worker", ["worker"]),
        ("worker-[01-03]", ["worker-01", "worker-02", "worker-03"]),
        ("worker-[9-11]", ["worker-9", "worker-10", "worker-11"]),
        ("worker-[08-11]", ["worker-08", "worker-09", "worker-10", "worker-11"]),
        ("192.168.31.[164-166]", ["192.168.31.164", "192.168.31.165", "192.168.31.166"]),
        ("10.0.[1-2].[7-8]", ["10.0.1.7", "10.0.2.8"]),
        (
            "52:54:00:00:00:[0e-11]",
            ["52:54:00:00:00:0e", "52:54:00:00:00:0f", "52:54:00:00:00:10", "52:54:00:00:00:11"],
        ),
        ("52:54:00:00:00:[08-0A]", ["52:54:00:00:00:08", "52:54:00:00:00:09", "52:54:00:00:00:0A"]),
        ("fd00::[9-b]", ["fd00::9", "fd00::a", "fd00::b"]),
        ("rack-[a-c]", ["rack-a", "rack-b", "rack-c"]),
        ("n[1-2,5]", ["n1", "n2", "n5"]),
        ("https://10.0.0.[1-2]/redfish/v1", ["https://10.0.0.1/redfish/v1", "https://10.0.0.2/redfish/v1"]),
        ("[fd00::1]:443", ["[fd00::1]:443"]),
    ],
)
def test_a_text_with_ranges_stands_for_these(text: str, expected: list[str]) -> None:
    assert expand(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a[1-2]b[1-3]", "count 2 and 3"),
        ("a[5-1]", "backwards"),
        ("a[1-5000]", "more than 1000"),
        ("a[1-999999999]", "more than 1000"),
        ("192.168.1.[250-260]", "end at 255"),
        ("192.168.1.[1-2,300]", "end at 255"),
        ("a[1-", "without its other half"),
        ("a1-2]", "without its other half"),
        ("a[1-b]", "from a number to a letter"),
        ("a[1-2-3]", "is no range"),
        ("a[1..3]", "is no range"),
        ("a[1,]", "is no range"),
    ],
)
def test_what_cannot_be_counted_through_is_told(text: str, told: str) -> None:
    with pytest.raises(NotARange, match=told):
        expand(text)


def test_ranges_of_several_cells_count_in_step() -> None:
    rows = in_step(["worker-[1-2]", "10.0.0.[11-12]", "/dev/sda"])
    assert rows == [["worker-1", "10.0.0.11", "/dev/sda"], ["worker-2", "10.0.0.12", "/dev/sda"]]
    with pytest.raises(NotARange, match="count 2 and 3"):
        in_step(["worker-[1-2]", "10.0.0.[11-13]"])


@given(st.integers(0, 99_999), st.integers(0, MOST - 1), st.integers(0, 6))
def test_every_number_of_a_range_comes_once_in_order_with_its_zeros(low: int, more: int, width: int) -> None:
    found = expand(f"n[{low:0{width}}-{low + more:0{width}}]")
    assert [int(text[1:]) for text in found] == list(range(low, low + more + 1))
    if width > len(str(low + more)):
        assert {len(text) for text in found} == {width + 1}


@given(st.text(alphabet="ab019[]-,:./ x", max_size=30) | st.text(max_size=30))
def test_any_text_is_expanded_or_refused_with_a_sentence(text: str) -> None:
    try:
        found = expand(text)
    except NotARange as error:
        found, sentence = [], str(error)
    else:
        sentence = "."
    assert len(found) <= MOST
    assert sentence.endswith(".")
