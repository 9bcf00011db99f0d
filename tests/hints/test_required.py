"""A pattern's sure words: what every match contains."""

import pytest

from tui.hints.required import guaranteed


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"lookup (?P<host>\S+) on (?P<server>[\d.]+):53: .*refused", ["lookup "]),
        (r"lookup (?P<host>\S+) on (?P<server>[\d.]+):53: .*refused", ["refused"]),
        (r"(?:x|y)?foo ba[rz]+", ["foo bar", "foo baz"]),
        (r"(?:error|failed) pulling image", ["error pulling", "failed pulling"]),
        (r"(?:error|failed) pulling image", [" pulling image"]),
        (r"No CNI configuration file", ["cni configuration"]),
        (r"(ab)+c", ["ab"]),
        (r"colou?r", ["color", "colour"]),
        (r"(?=.*x)abc", ["abc"]),
    ],
)
def test_a_literal_that_stands_in_every_branch_is_guaranteed(pattern: str, literals: list[str]) -> None:
    assert guaranteed(pattern, literals)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"foo ba[rz]", ["foo bar"]),
        (r"(?:error|failed) pulling", ["error pulling"]),
        (r"(abc)?def", ["abc"]),
        (r"(abc)*def", ["abc"]),
        (r"a.c", ["abc"]),
        (r"(?=abc)\w+", ["abc"]),
        (r"x(?!abc)y", ["abc"]),
        (r"ab\s+cd", ["ab cd"]),
        (r"[a-z]+ failed", ["it failed"]),
    ],
)
def test_a_literal_that_a_match_can_do_without_is_not_guaranteed(pattern: str, literals: list[str]) -> None:
    assert not guaranteed(pattern, literals)
