"""What copying did to a text is undone before the search; words cut at its ends are put together; nothing else is."""

import time

import pytest

from tui.hints.cut_ends import CutEnds
from tui.hints.dress import TELLTALES, marked, undressed
from tui.hints.matcher import Matcher
from tui.hints.rules import Match, Rule
from tui.lines import received

PLAIN = 'Get "https://api.lab:6443/v2/?a=1&b=2": it\'s <not> a-b ... done'


@pytest.mark.parametrize(
    "dressed",
    [
        PLAIN,
        PLAIN.replace(" ", "  "),
        PLAIN.replace(" ", "\t"),
        PLAIN.replace(" ", "\u00a0"),
        PLAIN.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
        PLAIN.replace("&", "&amp;amp;").replace("<", "&amp;lt;").replace('"', "&#34;"),
        PLAIN.replace('"', '\\"').replace("'", "\\'"),
        PLAIN.replace('"', '\\\\\\"'),
        PLAIN.replace('"', "\\u0022").replace("<", "\\u003c").replace("&", "\\u0026"),
        PLAIN.replace(" ", "\\u202f").replace("'", "\\u00b4").replace("a-b", "a\\u2011b").replace("...", "\\u2026"),
        PLAIN.replace(" ", "\\u0009").replace('"', "\\u201D"),
        PLAIN.replace(' "', " “").replace('"', "”").replace("'", "’").replace("...", "…").replace("a-b", "a‑b"),
        PLAIN.replace(" ", "\\n"),
        PLAIN.replace("not", "\\x1b[1mnot\\x1b[0m"),
        PLAIN.replace("not", "#033[1;31mnot#033[0m"),
        PLAIN.replace("not", "[1mnot[0m"),
        received(PLAIN.replace("not", "\x1b[Knot\x1b]8;;http://x\x1b\\")),
    ],
)
def test_what_copying_did_is_undone(dressed: str) -> None:
    assert undressed(dressed) == PLAIN
    assert dressed == PLAIN or marked(dressed) or any(telltale in dressed.lower() for telltale in TELLTALES)


def test_line_feeds_stay() -> None:
    assert undressed("a  b\nc &amp; d\n") == "a b\nc & d\n"


@pytest.mark.parametrize(
    "bait", ["&amp;", "&lt;", "&#", "\\", "\\u00", "[0;", "\\x1b[", "\\x1b]", "\ufffd]", "“", "  ", '\\"', "#033[0;"]
)
def test_a_long_line_is_undressed_in_ten_milliseconds(bait: str) -> None:
    text = bait * (65_000 // len(bait))
    taken = []
    for _ in range(3):
        start = time.process_time()
        undressed(text)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.010


def rule(pattern: str, literal: str, unless: str = "") -> Rule:
    return Rule(
        id="r", title="t", severity="error", phase="host", cause="c", remedy=["r"],
        match=[Match(literals=[literal], pattern=pattern)], unless=[unless] if unless else [],
    )  # fmt: skip


def spoken(wanted: Rule, text: str) -> bool:
    return any(True for _ in Matcher([wanted]).find([text]))


def test_an_exception_counts_in_either_form() -> None:
    wanted = rule("gizmo failed", "gizmo failed", unless='"mild"')
    assert spoken(wanted, "gizmo failed: “wild”")
    assert not spoken(wanted, "gizmo failed: “mild”")
    assert not spoken(wanted, 'gizmo failed: \\"mild\\"')


WORDS = "certificate signed by unknown authority"


@pytest.mark.parametrize(
    "text", [f"x: {WORDS[:-n]}" for n in range(1, 9)] + [f"{WORDS[:-3]}{mark}" for mark in (">", "…", "...", '"')]
)
def test_a_word_cut_at_the_end_is_put_together(text: str) -> None:
    assert spoken(rule(WORDS, WORDS), text)


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_word_cut_at_the_start_is_put_together(cut: int) -> None:
    assert spoken(rule(WORDS, WORDS), f"{WORDS[cut:]}: and so on")


@pytest.mark.parametrize("text", [WORDS[:-10], WORDS[:21], WORDS[12:], f"a {WORDS[3:]}", f"{WORDS[:-3]} b", "cert", ""])
def test_nothing_but_a_cut_word_is_put_together(text: str) -> None:
    assert not spoken(rule(WORDS, WORDS), text)


def test_a_word_that_stands_whole_elsewhere_was_not_cut() -> None:
    cut = CutEnds(["etcdcluster is degraded", "the cluster is gone"])
    assert cut.completed("cluster is degraded") == []
    assert cut.completed("uster is degraded") == ["etcdcluster is degraded"]
