"""What an unexplained line resembles: a guess from lines never seen by it, said as a guess."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import yaml
from msgspec.structs import replace

from tui.hints.model import Evidence, Hint
from tui.hints.resemblance import KNOWN, Guesser, Resemblance
from tui.hints.rules import Rule, load

REPORTS: list[dict[str, Any]] = [
    report for path in sorted(KNOWN.glob("*.yaml")) for report in yaml.safe_load(path.read_text())
]

LINE = "x509 trouble: certificate of mirror signed by an unknown certification authority, pull given up"


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return load()


def half(number: int) -> Iterator[dict[str, Any]]:
    """The entries of one half of all reports."""
    for report in REPORTS:
        if crc32(report["source"].encode()) % 2 == number:
            yield from report["lines"]


def unexplained(*lines: str, node: str = "") -> Hint:
    evidence = [Evidence(source="x", line_number=n, text=line) for n, line in enumerate(lines, 1)]
    return Hint(id="unexplained", title="Unusual", severity="info", node=node, evidence=evidence)


def asked(rules: tuple[Rule, ...], *lines: str, told: tuple[Hint, ...] = ()) -> list[Hint]:
    return Guesser(rules).guesses([unexplained(*lines)], told)


@pytest.mark.parametrize("number", [0, 1])
def test_lines_of_other_reports_tell_most_classes(number: int) -> None:
    known = Resemblance((entry["id"], entry["line"]) for entry in half(1 - number))
    classes = {entry["id"] for entry in half(1 - number)}
    wanted = [
        ({entry["id"], *entry.get("also", [])}, entry["line"]) for entry in half(number) if entry["id"] in classes
    ]
    right = sum(not fits.isdisjoint(near.rule for near in known.nearest(line)) for fits, line in wanted)
    assert right >= 0.6 * len(wanted), f"{right} of {len(wanted)}"


def test_a_guess_is_no_alarm_and_says_that_it_is_one(rules: tuple[Rule, ...]) -> None:
    guess = asked(rules, LINE)[0]
    assert guess.severity == "info"
    assert guess.title.startswith("Perhaps: ")
    assert "A guess" in guess.cause
    assert guess.remedy
    assert "{" not in guess.cause + "".join(guess.remedy)


def test_what_a_rule_has_said_of_the_node_is_not_guessed_again(rules: tuple[Rule, ...]) -> None:
    ids = [guess.id for guess in asked(rules, LINE)]
    assert ids
    told = tuple(Hint(id=rule, title="", severity="transient") for rule in ids)
    assert not {guess.id for guess in asked(rules, LINE, told=told)} & set(ids)


def test_where_a_rule_raised_an_alarm_nothing_is_guessed_about_that_node(rules: tuple[Rule, ...]) -> None:
    alarm = Hint(id="oom-killed", title="", severity="error")
    assert asked(rules, LINE, told=(alarm,)) == []
    assert asked(rules, LINE, told=(replace(alarm, node="master-0"),))
    assert asked(rules, LINE, told=(replace(alarm, state="cleared"),))


def test_a_line_like_no_other_is_not_guessed_about(rules: tuple[Rule, ...]) -> None:
    assert asked(rules, "blorp quux zanzibar 12", "", "(((") == []


def test_each_class_is_guessed_once_a_node(rules: tuple[Rule, ...]) -> None:
    found = [(guess.id, guess.node) for guess in asked(rules, LINE, f"{LINE}!", f"{LINE}?")]
    assert len(found) == len(set(found))
