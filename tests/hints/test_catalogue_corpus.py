"""The catalogue against lines of real failures: each is found as its class, in every dress; benign lines are quiet."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.hints.mutations import message, mutations
from tui.hints.detector import Detector
from tui.hints.matcher import Matcher
from tui.hints.model import LOUD
from tui.hints.resemblance import KNOWN
from tui.hints.rules import Rule, load
from tui.lines import Line, received

CORPUS = Path(__file__).parents[1] / "data" / "corpus"
FAILURES: list[dict[str, Any]] = yaml.safe_load((CORPUS / "failures.yaml").read_text())
BENIGN: list[dict[str, str]] = yaml.safe_load((CORPUS / "benign.yaml").read_text())
LINES = [(entry["id"], sample["line"]) for entry in FAILURES for sample in entry.get("samples") or []]
REPORTS = sorted(KNOWN.glob("*.yaml"))
GOOD = [
    "bootkube-4.18.4-raw-window.log",
    "bootkube-endings-collected.log",
    "bootstrap-kubelet-4.18.4.log",
    "helpernode-4.2-installer-success.log",
    "helpernode-4.3-installer-success.log",
]
WITHOUT_TEXT = {"runbook-q5-picture-only"}

REFUSED_OR_SILENT = {
    "bootstrap-dns-refused",
    "ignition-dns-localhost",
    "ignition-mcs-refused",
    "api-refused-watch-configmap",
    "bootstrap-local-api-lost",
    "service-network-unreachable",
    "proxy-unreachable",
}
"""Classes whose line may say "refused" or "timed out" and mean the same failure."""


@pytest.fixture(scope="module")
def text_rules() -> Iterator[tuple[Rule, ...]]:
    """The rules of text; all detectors of this file share one matcher of them, which remembers nothing of a line."""
    rules = tuple(rule for rule in load() if rule.match)
    matcher = Matcher(rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.hints.detector.Matcher", lambda _: matcher)
        yield rules


def found(rules: tuple[Rule, ...], text: str) -> list[str]:
    """The ids of the hints for this one line, best first."""
    detector = Detector(rules)
    detector.feed([Line(text=text)])
    return [hint.id for hint in detector.hints()]


def alarms(rules: tuple[Rule, ...], text: str) -> list[str]:
    """The ids of what is above transient for this one line."""
    detector = Detector(rules)
    detector.feed([Line(text=text)])
    return [hint.id for hint in detector.hints() if hint.severity in LOUD]


def test_every_class_of_the_corpus_has_a_rule(text_rules: tuple[Rule, ...]) -> None:
    assert {entry["id"] for entry in FAILURES} - {rule.id for rule in text_rules} == WITHOUT_TEXT


def test_text_rules_have_no_other_ids_than_the_corpus(text_rules: tuple[Rule, ...]) -> None:
    assert {rule.id for rule in text_rules} <= {entry["id"] for entry in FAILURES}


def test_every_corpus_line_is_found_first_or_second(text_rules: tuple[Rule, ...]) -> None:
    missed = [(wanted, line[:120]) for wanted, line in LINES if wanted not in found(text_rules, line)[:2]]
    assert missed == []


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_lines_of_public_reports_are_found_first_or_second(path: Path, text_rules: tuple[Rule, ...]) -> None:
    """Public lines of the same failures, a file a batch; `also` names a second class that may be found instead."""
    tried, missed = 0, []
    for thread in yaml.safe_load(path.read_text()) or []:
        for entry in thread["lines"]:
            tried += 1
            ids = found(text_rules, received(entry["line"]))
            if {entry["id"], *entry.get("also", [])}.isdisjoint(ids[:2]):
                missed.append(f"{entry['id']}, found {ids[:3]}: {entry['line'][:200]}")
    assert not missed, f"{len(missed)} of {tried}:\n" + "\n".join(missed)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_batch_names_classes_of_the_catalogue_and_where_it_was_found(path: Path) -> None:
    known = {entry["id"] for entry in FAILURES}
    for thread in yaml.safe_load(path.read_text()) or []:
        assert thread.keys() <= {"source", "lines"}, thread["source"]
        assert re.fullmatch(r"https?://[\w.-]+\.[a-z]+/\S+", thread["source"])
        for entry in thread["lines"]:
            assert entry.keys() <= {"id", "also", "line"}, entry
            assert {entry["id"], *entry.get("also", [])} <= known, entry
            assert entry["line"].strip(), thread["source"]


def test_lines_in_other_dress_are_found(text_rules: tuple[Rule, ...]) -> None:
    tried, missed = 0, []
    for wanted, line in LINES:
        for change, text in mutations(line, 2, either=wanted in REFUSED_OR_SILENT):
            tried += 1
            if wanted not in found(text_rules, text)[:2]:
                missed.append(f"{wanted} ({change}): {text[:160]}")
    assert len(missed) <= 0.03 * tried, f"{len(missed)} of {tried}:\n" + "\n".join(missed[:40])


@pytest.mark.parametrize(
    ("end", "share", "most"),
    [("start", 4, 4), ("start", 8, 10), ("start", 12, 17), ("end", 4, 20), ("end", 8, 32), ("end", 12, 45)],
)
def test_a_message_that_was_cut_is_found_as_long_as_it_tells_its_class(
    end: str, share: int, most: int, text_rules: tuple[Rule, ...]
) -> None:
    """Cut by a share of its length in per cent. At its end a line often loses the very word that tells its class."""
    missed = []
    for wanted, line in LINES:
        bare = message(line)
        cut = max(1, round(len(bare) * share / 100))
        text = bare[cut:] if end == "start" else bare[:-cut]
        if wanted not in found(text_rules, text)[:2]:
            missed.append(f"{wanted}: {text[:60]} … {text[-60:]}")
    assert len(missed) <= most, f"{len(missed)} of {len(LINES)}:\n" + "\n".join(missed)


def test_a_benign_line_is_no_alarm_wherever_it_is_cut(text_rules: tuple[Rule, ...]) -> None:
    for entry in BENIGN:
        line, bare = entry["line"], message(entry["line"])
        shares = range(2, 25, 3)
        ends = {text for n in shares for text in (line[: -len(line) * n // 100], bare[len(bare) * n // 100 :])}
        loud = [(text, hints) for text in ends if (hints := alarms(text_rules, text))]
        assert loud == [], line


@pytest.mark.parametrize("name", GOOD)
def test_no_cut_line_of_a_good_journal_is_more_of_an_alarm_than_the_whole(
    name: str, text_rules: tuple[Rule, ...]
) -> None:
    """Cut at the ends of its words and at random: putting a cut word together must not make words that it never was."""
    matcher, chance = Matcher(text_rules), random.Random(name)
    lines = [received(line) for line in (CORPUS / "journals" / name).read_text().splitlines()]
    loud = []
    for line in chance.sample(lines, min(len(lines), 150)):
        places = {place.end() for place in re.finditer(r"\w+|\W+", line)} | {chance.randrange(1000) for _ in range(30)}
        texts = [line, *(part for place in sorted(places) for part in (line[:place], line[place:]))]
        spoken = {(hit.line, hit.rule.id) for hit in matcher.find(texts)}
        new = {number for number, rule in spoken if (0, rule) not in spoken}
        loud += [(hints, texts[number]) for number in new if (hints := alarms(text_rules, texts[number]))]
    assert loud == []


def test_no_single_benign_line_is_an_alarm(text_rules: tuple[Rule, ...]) -> None:
    assert [(entry["line"], loud) for entry in BENIGN if (loud := alarms(text_rules, entry["line"]))] == []


def test_no_benign_line_in_another_dress_is_an_alarm(text_rules: tuple[Rule, ...]) -> None:
    loud = []
    for entry in BENIGN:
        for change, text in mutations(entry["line"], 1):
            if change not in ("head", "tail", "words") and (hints := alarms(text_rules, text)):
                loud.append((change, hints, text[:200]))
    assert loud == []
