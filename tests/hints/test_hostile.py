"""Lines made to hurt: they change nothing but their own text, and no rule takes long on one."""

import time
from pathlib import Path

import pytest
import yaml

from tui.engine.diagnosis import diagnose
from tui.hints.detector import Detector
from tui.hints.matcher import Matcher
from tui.hints.rules import Rule, load
from tui.lines import MOST_BYTES, Line, received

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
RULES = load()
MOST_SECONDS = 0.010


def baits(rule: Rule) -> list[str]:
    """64 KiB lines that a careless pattern of this rule would be slow on: its own words over and over."""
    words = [literal for match in rule.match for literal in match.literals]
    seeds = [*words, " ".join(words), "".join(f"{word}x " for word in words), *rule.positive, *rule.negative]
    fillers = [" ", "a", "1.", '"', "/a", "error: ", "a a "]
    lines = [seed * (MOST_BYTES // max(1, len(seed))) for seed in seeds]
    lines += [
        word + filler * ((MOST_BYTES - len(word)) // len(filler)) + word for word in words[:4] for filler in fillers
    ]
    lines += [
        half + filler * (MOST_BYTES // len(filler))
        for text in rule.positive[:1]
        for half in (text[: len(text) // 2],)
        for filler in fillers
    ]
    return [line[: MOST_BYTES - 16] for line in lines]


def seconds(matcher: Matcher, line: str) -> float:
    """The best of ten, of fewer where it is plainly short: others work on this machine too."""
    best = 1.0
    for _ in range(10):
        start = time.process_time()
        list(matcher.find([line]))
        best = min(best, time.process_time() - start)
        if best < MOST_SECONDS / 2:
            break
    return best


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.match], ids=lambda rule: rule.id)
def test_no_rule_takes_more_than_ten_milliseconds_on_a_line(rule: Rule) -> None:
    matcher = Matcher([rule])
    swept = Matcher([])
    slow = {}
    for line in baits(rule):
        spent = seconds(matcher, line) - seconds(swept, line)
        if spent > MOST_SECONDS:
            slow[line[:60]] = round(spent * 1000, 1)
    assert not slow, f"milliseconds: {slow}"


HOSTILE = [
    "\x1b[2J\x1b]52;c;aGk=\x07",
    "[bold red]x[/bold red] [@click=app.quit]y[/]",
    "{{ 7*7 }} {% for x in range(10) %} {plan.mirror} {0} {server!r}",
    "%s %n %(x)s ${HOME} `reboot` $(reboot)",
    "a" * 10_000_000,
    "(" * 60_000,
    "\u202egnp.exe\u2066",
    "\ud800 lone surrogate",
    "\x00\x01\x7f\x9b",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_line_changes_nothing_but_itself(number: int, tmp_path: Path) -> None:
    real = (CORPUS / "journals" / "bootkube-manifest-unknown-loop-4.6.log").read_bytes()
    hostile = HOSTILE[number].encode("utf-8", "surrogatepass")
    (tmp_path / "clean.log").write_bytes(real)
    (tmp_path / "mixed.log").write_bytes(hostile + b"\n" + real + hostile + b"\n")
    found = {}
    for name in ("clean", "mixed"):
        diagnosis = diagnose([str(tmp_path / f"{name}.log")], RULES, redact=str)
        hints = [hint for hint in diagnosis.hints if hint.id != "unexplained"]
        found[name] = [(hint.id, hint.state, hint.severity, hint.count, hint.cause, hint.remedy) for hint in hints]
    assert found["mixed"] == found["clean"]


def test_hostile_words_within_a_failure_stay_words() -> None:
    text = received("lookup {plan.mirror}$(reboot)\x1b[2J on 10.0.0.5:53: read udp: connection refused")
    hints = Detector(RULES).feed([Line(text=text, node="b", time=n * 1_000_000) for n in range(5)])
    for hint in hints:
        words = " ".join([hint.cause, *hint.remedy, *hint.confirm])
        assert "\x1b" not in words
        assert "$(reboot)" not in " ".join(hint.confirm).replace("'{plan.mirror}$(reboot)\ufffd[2J'", "")


def test_the_matcher_finds_what_each_pattern_finds_by_itself() -> None:
    """Literals, sure texts and sweeps are only short cuts: on every line we have they change no answer."""
    lines = [entry["line"] for entry in yaml.safe_load((CORPUS / "benign.yaml").read_text())]
    for entry in yaml.safe_load((CORPUS / "failures.yaml").read_text()):
        lines += [sample["line"] for sample in entry.get("samples") or []]
    lines += [example for rule in RULES for example in (*rule.positive, *rule.negative)]
    lines = [received(line).replace("\n", " ") for line in lines]
    plain = {
        (number, rule.id)
        for number, line in enumerate(lines)
        for rule in RULES
        if any(match.regex.search(line) for match in rule.match)
        and not any(exception.search(line) for exception in rule.exceptions)
    }
    assert {(hit.line, hit.rule.id) for hit in Matcher(RULES).find(lines) if not hit.clears} == plain
