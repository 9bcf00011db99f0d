"""The unknown failure: a line of a real failure, planted in a good journal, stands out; the good journal does not."""

import random
from pathlib import Path

import pytest
import yaml

from tests.hints.build_profile import build
from tui.hints.unexplained import PROFILE, Unexplained
from tui.lines import Line
from tui.monitor.readers import Reading

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
PLANTED = "planted"


def journal(name: str) -> list[Line]:
    return [line for batch in Reading([str(CORPUS / "journals" / name)]).batches() for line in batch.lines]


def failing_lines(tmp_path: Path) -> list[Line]:
    """Every line of the catalogue, its dress taken off as a reader does."""
    classes = yaml.safe_load((CORPUS / "failures.yaml").read_text())
    lines = []
    for number, sample in enumerate(sample for entry in classes for sample in entry.get("samples") or []):
        path = tmp_path / f"{number}.log"
        path.write_text(sample["line"] + "\n")
        lines += [line for batch in Reading([str(path)]).batches() for line in batch.lines]
    return lines


def most_unusual(lines: list[Line]) -> list[str]:
    unexplained = Unexplained()
    for start in range(0, len(lines), 1000):
        unexplained.feed(lines[start : start + 1000], set())
    return [piece.text for hint in unexplained.hints() for piece in hint.evidence]


@pytest.mark.parametrize("name", ["bootkube-4.18.4-raw-window.log", "master0-kubelet-4.18.log"])
def test_planted_lines_are_among_the_five_most_unusual(name: str, tmp_path: Path) -> None:
    benign = journal(name)
    dice = random.Random(name)
    found = tried = 0
    for planted in failing_lines(tmp_path):
        for _ in range(3):
            place = dice.randrange(len(benign))
            found += planted.text in most_unusual([*benign[:place], planted, *benign[place:]])
            tried += 1
    assert tried > 450
    assert found / tried >= 0.9, f"{found} of {tried}"


@pytest.mark.parametrize("name", ["bootkube-4.18.4-raw-window.log", "bootstrap-kubelet-4.18.4.log"])
def test_a_good_journal_has_nothing_unusual(name: str) -> None:
    assert most_unusual(journal(name)) == []


def test_what_a_rule_explains_is_not_unexplained() -> None:
    unexplained = Unexplained()
    unexplained.feed([Line(text="fatal: quantum flux capacitor refused to align")], {0})
    assert unexplained.hints() == []


def test_a_kind_of_line_on_every_node_is_less_unusual_than_one_on_a_single_node() -> None:
    unexplained = Unexplained()
    for node in "abc":
        unexplained.feed([Line(text=f"fatal: common gizmo {n} exploded badly", node=node) for n in range(3)], set())
    unexplained.feed([Line(text="fatal: lonely widget melted sadly", node="b")], set())
    first, second = unexplained.hints()
    assert first.evidence[0].text.startswith("fatal: lonely")
    assert (second.count, second.severity, second.id) == (9, "info", "unexplained")


def test_five_lines_are_the_most() -> None:
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett"]
    unexplained = Unexplained()
    unexplained.feed([Line(text=f"error: {word} zz{word} yy{word} is broken", node=word) for word in words], set())
    assert sum(len(hint.evidence) for hint in unexplained.hints()) == 5


def test_the_shipped_profile_is_what_the_corpus_gives() -> None:
    assert PROFILE.read_text("utf-8") == build().text()


def test_a_late_line_stands_out_after_more_kinds_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.hints.unexplained._MOST_KINDS", 500)
    unexplained = Unexplained()
    for number in range(2000):
        word = "".join(chr(ord("g") + int(digit)) for digit in f"{number:04d}")
        unexplained.feed([Line(text=f"reading asset {word}", node="b")], set())
    unexplained.feed([Line(text="fatal: lonely widget melted sadly and refused to cool", node="b")], set())
    assert len(unexplained._kinds) <= 500
    assert unexplained.hints()[0].evidence[0].text.startswith("fatal: lonely")


def test_a_snapshot_knows_what_stood_out() -> None:
    lines = [Line(text=f"fatal: {word} zz{word} is broken", node=word) for word in ("alpha", "bravo", "charlie")]
    whole, first = Unexplained(), Unexplained()
    whole.feed(lines, set())
    first.feed(lines[:2], set())
    again = Unexplained(snapshot=first.snapshot())
    assert not again.changed
    again.feed(lines[2:], set())
    assert again.hints() == whole.hints()
    assert again.changed
