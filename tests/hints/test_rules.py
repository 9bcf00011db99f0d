"""Reading rule files: what is wrong with one is said in a sentence that names file, rule and remedy."""

from pathlib import Path

import pytest

from tui.hints.rules import RulesUnreadable, load, load_file

GOOD = """
- id: a-rule
  title: t
  severity: error
  phase: host
  cause: c
  remedy: [r]
  match: [{literals: [needle], pattern: 'needle (?P<what>\\S+)'}]
"""


def complaint(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(RulesUnreadable) as raised:
        load_file(path)
    assert str(path) in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("title: t", "titel: t", "rule 1 (a-rule): Object contains unknown field `titel`"),
        ("severity: error", "severity: awful", "Invalid enum value 'awful'"),
        ("a-rule", "A Rule", "lower-case words joined by hyphens"),
        ("[needle]", "[Needle]", "must be lower case"),
        ("[needle]", "[ne]", "at least three characters"),
        ("[needle]", "[]", "has no literal"),
        ("[needle]", "[haystack]", "can match a line without any of its literals"),
        ("needle (?P", "needle ((?P", "is no regular expression"),
        ("'needle (?P<what>\\S+)'", "'(needle)?'", "matches the empty line"),
        ("  match: [{literals: [needle], pattern: 'needle (?P<what>\\S+)'}]", "", "either `match` (text) or `state`"),
        ("remedy: [r]", "remedy: [{text: x, since: soon}]", "version 'soon'"),
        ("remedy: [r]", "remedy: []", "must say something"),
        ("phase: host", "phase: host\n  state: {kind: absence}", "needs `since`"),
        ("- id", "- [id", "not YAML"),
        ("- id: a-rule", "x:\n  id: a-rule", "must hold a list of rules"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in GOOD
    assert words in complaint(tmp_path, GOOD.replace(before, after))


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, GOOD.replace("[needle]", "[Needle]") + GOOD.replace("title", "titel"))
    assert len(said.splitlines()) == 2


def test_a_site_may_not_take_a_shipped_id(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(GOOD.replace("a-rule", "bootstrap-dns-refused"))
    with pytest.raises(RulesUnreadable, match="is taken by another rule"):
        load([tmp_path])


def test_a_good_file_reads(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(GOOD)
    assert load([tmp_path])[-1].id == "a-rule"
