"""Versions: grammar, order, and whose rules are used."""

import itertools
import random

import pytest

from tui.plan.versions import NotAVersion, nearest, parse

IN_ORDER = [
    "4.7", "4.7.7", "4.14.34", "4.15", "4.15.0-rc.1", "4.15.0", "4.18.0-0.nightly-2025-01-02-030405", "4.18.3",
    "4.20.0-ec.0", "4.20.0-ec.2", "4.20.0-ec.10", "4.20.0-rc.0", "4.20.0", "4.20.13", "4.22", "5.0.0-rc.2", "5.0.1",
]  # fmt: skip


def test_versions_are_ordered_as_releases_come_out() -> None:
    parsed = [parse(text) for text in IN_ORDER]
    assert sorted(random.Random(1).sample(parsed, len(parsed))) == parsed
    assert [version.name for version in parsed] == IN_ORDER
    assert all(a < b and b > a and a != b for a, b in itertools.pairwise(parsed))
    assert parse("4.15") <= parse("4.15")


@pytest.mark.parametrize(
    "text", ["", "4", "4.", "4.15.", "four", "4.15.1.2", "4.15-", "4.15 3", "4.15\n5", "٤.١٥", "stable-4.15"]
)
def test_other_texts_are_no_versions(text: str) -> None:
    with pytest.raises(NotAVersion, match=r"4\.20\.0-ec\.0"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "line", "warns"),
    [
        ("4.7", (4, 7), False),
        ("4.20.0-ec.0", (4, 20), False),
        ("v5.0.1", (5, 0), False),
        ("4.6.3", (4, 7), True),
        ("3.11", (4, 7), True),
        ("4.23", (4, 22), True),
        ("5.1", (5, 0), True),
        ("6.0", (5, 0), True),
    ],
)
def test_unknown_versions_take_the_nearest_rules_with_a_warning(text: str, line: tuple[int, int], warns: bool) -> None:
    used, warning = nearest(parse(text))
    assert used == line
    assert bool(warning) == warns
