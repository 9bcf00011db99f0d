"""Each rule by itself: its examples, its words, its references to others, and its speed on hostile text."""

import re
import time
from collections.abc import Iterator

import pytest

from tui.hints.matcher import Matcher
from tui.hints.ranking import closure
from tui.hints.rules import Match, Rule, Step, faults_of, load

RULES = tuple(rule for rule in load() if rule.match)
HOSTILE_LENGTH = 64 * 1024
SLOWEST = 0.010
KNOWN_PLACEHOLDER = re.compile(r"\{(?:plan\.[a-z_]+|[a-z_]+)\}")


def spoken(rule: Rule, text: str) -> bool:
    return any(not hit.clears for hit in Matcher([rule]).find([text]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_meets_its_positive_examples_and_leaves_its_negative_ones(rule: Rule) -> None:
    assert rule.positive
    assert rule.negative
    assert [text for text in rule.positive if not spoken(rule, text)] == []
    assert [text for text in rule.negative if spoken(rule, text)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_no_fault(rule: Rule) -> None:
    assert faults_of(rule) == []


def test_what_is_outranked_exists_and_no_rule_outranks_itself_through_others() -> None:
    outranks = {rule.id: set(rule.outranks) for rule in load()}
    assert {name for names in outranks.values() for name in names} <= set(outranks)
    below = closure(outranks)
    assert [rule for rule, names in outranks.items() if any(rule in below[name] for name in names)] == []


def test_words_use_only_captures_of_their_rule_and_fields_of_the_plan() -> None:
    for rule in RULES:
        captures = {name for match in rule.match for name in match.regex.groupindex}
        texts = [rule.cause, *map(words, rule.remedy), *map(words, rule.confirm), *rule.check.values()]
        for name in (name for text in texts for name in re.findall(r"\{([a-z][a-z_]*)\}", text)):
            assert name in captures | {"node", "server"}, f"{rule.id}: {name}"
        assert not any(re.search(r"\{(?!(?:plan\.)?[a-z][a-z_]*\})", text) for text in texts), rule.id


def words(step: str | Step) -> str:
    return step if isinstance(step, str) else step.text


def baits(match: Match) -> Iterator[str]:
    """Long lines of what the pattern begins with: its literals, and pieces of its own text."""
    pieces = sorted({*match.literals, *re.findall(r"[\w/:. -]{5,}", match.pattern)}, key=len)
    yield from match.literals
    yield from (f"{piece} x " for piece in pieces[:6])
    yield "".join(pieces)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_line_takes_a_rule_longer_than_ten_milliseconds(rule: Rule) -> None:
    matcher = Matcher([rule])
    slow = []
    for match in rule.match:
        for piece in baits(match):
            line = (piece * (HOSTILE_LENGTH // len(piece) + 1))[:HOSTILE_LENGTH]
            taken = timed(matcher, line)
            if taken > SLOWEST:  # the machine may have been busy: only what is slow three times is slow
                taken = min(taken, timed(matcher, line), timed(matcher, line))
            if taken > SLOWEST:
                slow.append((f"{taken * 1000:.0f} ms", piece))
    assert slow == []


def timed(matcher: Matcher, line: str) -> float:
    start = time.process_time()
    list(matcher.find([line]))
    return time.process_time() - start
