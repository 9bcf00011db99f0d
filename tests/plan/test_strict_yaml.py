"""Strict YAML: go-yaml's meaning of plain words, and every refusal with its place."""

import math
import time
from typing import Any

import pytest

from tui.plan.strict_yaml import MOST_BYTES, YamlUnreadable, number_text, place, read, resolved, scan


@pytest.mark.parametrize(
    ("plain", "meaning"),
    [
        ("abc", "abc"),
        ("12", 12),
        ("0x1F", 31),
        ("010", 8),
        ("0o17", 15),
        ("0b101", 5),
        ("08", 8.0),
        ("1_000", 1000),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        ("2024-01-02", "2024-01-02"),
        ("52:54:00:12:34:56", "52:54:00:12:34:56"),
        ("~", None),
        ("null", None),
        ("True", True),
        ("tRue", "tRue"),
        ("1e400", "1e400"),
        ("99999999999999999999", 1e20),
        ("10.0.0.0/16", "10.0.0.0/16"),
    ],
)
def test_plain_words_mean_what_go_yaml_takes_them_for(plain: str, meaning: Any) -> None:
    assert resolved(plain) == meaning
    assert scan(f"key: {plain}").value == {"key": meaning}
    assert scan(f"key: '{plain}'").value == {"key": plain}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4, "4"),
        (4.15, "4.15"),
        (8.0, "8"),
        (1e6, "1e+06"),
        (16777217.0, "1.6777216e+07"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
    ],
)
def test_numbers_become_text_as_go_prints_them(number: float, text: str) -> None:
    assert number_text(number) == text
    assert number_text(math.inf) == "+Inf"


@pytest.mark.parametrize(
    ("text", "flaw", "path", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate-key", "a", 3, 1),
        ("a:\n  b: 1\n  b: 2\n", "yaml.duplicate-key", "a.b", 3, 3),
        ("fips: yes\n", "yaml.boolean-word", "fips", 1, 7),
        ("- n\n", "yaml.boolean-word", "[0]", 1, 3),
        ("nodes:\n- mac: 52:54:00:12:34:56\n", "yaml.sexagesimal", "nodes[0].mac", 2, 8),
        ("a: 1\n---\nb: 2\n", "yaml.second-document", "", 2, 1),
    ],
)
def test_what_a_person_misreads_is_named_with_its_place(
    text: str, flaw: str, path: str, line: int, column: int
) -> None:
    found = scan(text).flaws
    assert [(f.id, f.path, f.line, f.column) for f in found] == [(flaw, path, line, column)]
    with pytest.raises(YamlUnreadable) as refused:
        read(text)
    assert (refused.value.line, refused.value.column, refused.value.installer) == (line, column, False)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b: c\n", 1, 5),
        ("a:\n\tb: 1\n", 2, 1),
        ("a: [1, 2\n", 2, 1),
        ("a: 'open\n", 2, 1),
        ("a: *nowhere\n", 1, 4),
        ("a: &x [*x]\n", 1, 8),
        ("a: !!int word\n", 1, 4),
        ("? [1]\n: 2\n", 1, 3),
        ("ok: 1\nbad: \x00\n", 2, 6),
        (b"ok: 1\nbad: \xff\n", 2, 6),
        ("a: {<<: 1}\n", 1, 5),
        ("%YAML 1.2\n---\na: 1\n", 1, 1),
    ],
)
def test_what_is_no_yaml_is_refused_with_line_and_column(text: str | bytes, line: int, column: int) -> None:
    with pytest.raises(YamlUnreadable) as refused:
        scan(text)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.installer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 101 + "]" * 101, "yaml.too-deep"),
        ("[" * 3_000_000, "yaml.too-deep"),
        ("{a: " * 3_00_000, "yaml.too-deep"),
        ("- " * 1_000_000, "yaml.too-deep"),
        ("\n".join(f"{'  ' * level}a:" for level in range(500)), "yaml.too-deep"),
        ("a" * (MOST_BYTES + 1), "yaml.too-large"),
        ("- 1\n" * 200_000, "yaml.too-many-values"),
        ("a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
        ), "yaml.too-many-values"),
    ],
    ids=["levels", "flow", "maps", "dashes", "block", "bytes", "values", "laughs"],
)  # fmt: skip
def test_too_much_is_refused_before_it_is_built(text: str, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(YamlUnreadable) as refused:
        scan(text)
    assert refused.value.id == reason
    assert not refused.value.installer
    assert time.monotonic() - began < 4


def test_a_hundred_levels_are_read() -> None:
    value = scan("[" * 100 + "]" * 100).value
    for _ in range(99):
        value = value[0]
    assert value == []


def test_aliases_and_merge_keys_are_followed() -> None:
    text = "base: &b {p: 1, q: 2}\nother: &c {q: 3, r: 4}\nall: {<<: [*b, *c], p: 0}\nsame: *b\n"
    assert scan(text).value["all"] == {"p": 0, "q": 2, "r": 4}
    assert scan(text).value["same"] == {"p": 1, "q": 2}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert read(text) == (None, {})


def test_other_encodings_and_line_ends_are_read() -> None:
    assert read("a: ä\r\nb: 2\r\n".encode("utf-16"))[0] == {"a": "ä", "b": 2}
    assert read(b"\xef\xbb\xbfa: 1\r\n")[0] == {"a": 1}


def test_keys_become_text() -> None:
    assert scan("1: a\ntrue: b\n2.5: c\n").value == {"1": "a", "true": "b", "2.5": "c"}


def test_positions_are_those_of_keys_and_items_and_fall_back_to_what_is_around() -> None:
    positions = scan("net:\n  list:\n  - cidr: x\n  - cidr: y\n").positions
    assert positions["net.list[1].cidr"] == (4, 5)
    assert place(positions, "net.list[1].hostPrefix") == (4, 5)
    assert place(positions, "net.gone.deeper[3]") == (1, 1)
    assert place(positions, "nowhere") == (None, None)


def test_the_second_document_may_be_broken_without_stopping_the_first() -> None:
    scanned = scan("a: 1\n---\n\tb: 2\n")
    assert scanned.value == {"a": 1}
    assert [flaw.id for flaw in scanned.flaws] == ["yaml.second-document"]
