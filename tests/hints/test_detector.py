"""The detector: transience, persistence, ends, folding, ranking, and a snapshot that goes on exactly."""

from pathlib import Path

import msgspec
import pytest

from tui.hints.detector import Detector
from tui.hints.model import Facts, Hint
from tui.hints.rules import Rule, load_file
from tui.lines import Line
from tui.plan.model import MirrorSource, Network, Plan

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
RULES = """
- id: dns-refused
  title: DNS
  severity: fatal
  phase: bootstrap
  match:
    - {literals: ['lookup '], pattern: 'lookup (?P<host>\\S+) on (?P<server>[\\d.]+):53: .*refused'}
  unless: ['lookup ignored']
  persistence: {count: 3, within: 120}
  clears: {stage: release-image, lines: [{literals: [finished download], pattern: finished download}]}
  outranks: [pull-failed]
  cause: 'The name server {server} did not answer for {host}; the plan names {plan.name_servers}.'
  remedy: ['Start it.', {when: air-gapped, text: 'Only {plan.mirror} matters.'}, {when: connected, text: 'Forward.'}]
  confirm: ['dig @{server} {host}']
- id: pull-failed
  title: Pull
  severity: error
  phase: bootstrap
  match: [{literals: [error pulling], pattern: error pulling}]
  cause: c
  remedy: [r]
- id: no-cni
  title: CNI
  severity: error
  phase: workers
  match: [{literals: [no cni configuration], pattern: no cni configuration}]
  normal: {for: 600}
  cause: c
  remedy: [r]
- id: operator
  title: Operator
  severity: error
  phase: operators
  match: [{literals: [operator is degraded], pattern: operator is degraded}]
  normal: {for: 600, settled: ['level=error']}
  cause: c
  remedy: [r]
- id: crashing
  title: Crashing
  severity: error
  phase: control-plane
  match: [{literals: [crashloop], pattern: crashloop}]
  clears: {silence: 330}
  cause: c
  remedy: [r]
- id: plain
  title: Plain
  severity: warning
  phase: host
  match: [{literals: [plain trouble], pattern: 'plain trouble(?: (?P<what>\\S+))?'}]
  cause: 'About {what} on {node}.'
  remedy: ['rm {what}']
"""
DNS = 'error pulling image "q": dial tcp: lookup quay.io on 10.0.0.5:53: read udp: connection refused'


@pytest.fixture
def rules(tmp_path: Path) -> list[Rule]:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return load_file(path)


def line(text: str, second: float | None = 0, node: str = "bootstrap", **more: object) -> Line:
    time = None if second is None else START + int(second * SECOND)
    return Line(text=text, time=time, node=node, source=node, **more)  # type: ignore[arg-type]


def by_id(hints: list[Hint]) -> dict[str, Hint]:
    return {hint.id: hint for hint in hints}


def test_a_rule_with_persistence_is_transient_until_it_persists(rules: list[Rule]) -> None:
    detector = Detector(rules)
    first = by_id(detector.feed([line(DNS, 0)]))["dns-refused"]
    assert first.severity == "transient"
    assert first.until
    assert first.until.time == START + 120 * SECOND
    detector.feed([line(DNS, 10)])
    third = by_id(detector.feed([line(DNS, 20)]))["dns-refused"]
    assert (third.severity, third.until, third.count) == ("fatal", None, 3)


def test_lines_too_far_apart_do_not_persist(rules: list[Rule]) -> None:
    detector = Detector(rules)
    for second in (0, 100, 200, 300):
        detector.feed([line(DNS, second)])
    assert by_id(detector.hints())["dns-refused"].severity == "transient"


def test_a_twin_is_not_counted(rules: list[Rule]) -> None:
    detector = Detector(rules)
    assert detector.feed([line(DNS, twin=True)]) == []


def test_a_line_that_the_rule_excepts_says_nothing(rules: list[Rule]) -> None:
    assert Detector(rules).feed([line("lookup ignored on 1.1.1.1:53: refused")]) == []


def test_what_is_normal_for_a_while_rises_on_line_time(rules: list[Rule]) -> None:
    detector = Detector(rules)
    hint = detector.feed([line("No CNI configuration file", 0, "w0")])[0]
    assert (hint.severity, hint.until and hint.until.time) == ("transient", START + 600 * SECOND)
    for second in (200, 400, 599):
        hint = detector.feed([line("No CNI configuration file", second, "w0")])[0]
        assert hint.severity == "transient"
    hint = detector.feed([line("No CNI configuration file", 601, "w0")])[0]
    assert hint.severity == "error"


def test_silence_clears_a_transient_whose_rule_does_not_say_what_does(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, 0), line("No CNI configuration file", 0)])
    hints = by_id(detector.tick(START + 601 * SECOND, Facts()))
    assert (hints["no-cni"].state, hints["no-cni"].cleared) == ("cleared", START + 600 * SECOND)
    assert by_id(detector.hints())["dns-refused"].state == "active"


def test_a_line_of_one_who_has_given_up_needs_no_time_to_be_believed(rules: list[Rule]) -> None:
    """What the installer prints once, at its end, would else stay transient for ever."""
    seen = "operator is degraded"
    assert by_id(Detector(rules).feed([line(seen)]))["operator"].severity == "transient"
    assert by_id(Detector(rules).feed([line(f"level=error {seen}")]))["operator"].severity == "error"
    assert by_id(Detector(rules).feed([line(seen), line(f"level=error {seen}", 1)]))["operator"].severity == "error"


def test_what_only_stops_being_printed_is_over_after_its_silence_and_says_when(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line("crashloop", 0), line("crashloop", 300)])
    assert not detector.tick(START + 900 * SECOND, Facts()), "a node that says nothing at all has not stopped crashing"
    assert not detector.feed([line("well", 620)])
    detector.feed([line("well", 640)])
    (over,) = detector.hints()
    assert (over.state, over.cleared) == ("cleared", START + 630 * SECOND)
    (again,) = detector.feed([line("crashloop", 700)])
    assert (again.state, again.cleared) == ("active", None)


def test_after_a_silence_what_is_normal_for_a_while_is_so_again(rules: list[Rule]) -> None:
    detector = Detector(rules)
    for second in (0, 60, 7200, 7260):
        detector.feed([line("No CNI configuration file", second)])
        assert by_id(detector.hints())["no-cni"].severity == "transient"


def test_a_later_line_of_the_same_node_clears_and_a_newer_failure_returns(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, second) for second in (0, 1, 2)])
    detector.feed([line("Finished Download the OpenShift Release Image.", 3, "other")])
    assert by_id(detector.hints())["dns-refused"].state == "active"
    detector.feed([line("Finished Download the OpenShift Release Image.", 4)])
    hint = by_id(detector.hints())["dns-refused"]
    assert (hint.state, hint.cleared, hint.severity) == ("cleared", START + 4 * SECOND, "fatal")
    detector.feed([line(DNS, 2.5)])
    assert by_id(detector.hints())["dns-refused"].state == "cleared", "a line older than its end changes nothing"
    detector.feed([line(DNS, 9)])
    hint = by_id(detector.hints())["dns-refused"]
    assert (hint.state, hint.severity, hint.count) == ("active", "transient", 5)


def test_a_stage_that_is_done_clears(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, second) for second in (0, 1, 2)])
    stage = {"id": "release-image", "node": "", "state": "done", "started": START, "ended": START + 50 * SECOND}
    hints = by_id(detector.tick(START + 60 * SECOND, Facts(stages=[stage])))
    assert hints["dns-refused"].state == "cleared"


def test_symptoms_fold_under_their_cause_once_it_is_real(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, 0)])
    hints = detector.hints()
    assert [(hint.id, hint.state) for hint in hints] == [("dns-refused", "active"), ("pull-failed", "active")]
    detector.feed([line(DNS, 1), line(DNS, 2)])
    cause, symptom = detector.hints()
    assert (symptom.id, symptom.state, symptom.root) == ("pull-failed", "folded", "dns-refused")
    assert cause.rank < symptom.rank


def test_while_more_is_to_come_a_new_symptom_waits_until_its_cause_has_risen_or_was_none(rules: list[Rule]) -> None:
    detector = Detector(rules, live=True)
    detector.feed([line(DNS, 0)])
    cause, symptom = detector.hints()
    assert (cause.id, cause.severity) == ("dns-refused", "transient")
    assert (symptom.state, symptom.root) == ("folded", "dns-refused")
    (symptom,) = detector.feed([line("ordinary", 121), line("plain trouble", 122)])[:1]
    assert (symptom.id, symptom.state, symptom.severity) == ("pull-failed", "active", "error"), "the cause did not rise"
    detector.feed([line(DNS, 300 + second) for second in (0, 1, 2)])
    assert by_id(detector.hints())["pull-failed"].root == "dns-refused"


def test_what_was_normal_for_a_while_waits_from_when_it_rose(rules: list[Rule]) -> None:
    detector = Detector([msgspec.structs.replace(rules[0], outranks=["no-cni"]), *rules[1:]], live=True)
    detector.feed([line("no cni configuration", second) for second in range(0, 3000, 590)])
    assert by_id(detector.hints())["no-cni"].severity == "error"
    detector.feed([line(DNS, 2960)])
    assert by_id(detector.hints())["no-cni"].state == "active", "its cause came later"
    late = Detector([msgspec.structs.replace(rules[0], outranks=["no-cni"]), *rules[1:]], live=True)
    late.feed([line("no cni configuration", 0), line(DNS, 590), line("no cni configuration", 600)])
    hint = by_id(late.hints())["no-cni"]
    assert (hint.severity, hint.state, hint.root) == ("error", "folded", "dns-refused")


def test_a_symptom_that_stands_does_not_wait_for_a_cause_that_came_later(rules: list[Rule]) -> None:
    detector = Detector(rules, live=True)
    detector.feed([line("error pulling x", 0), line(DNS, 5)])
    assert by_id(detector.hints())["pull-failed"].state == "active"


def test_a_symptom_stands_by_itself_when_its_cause_is_over(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, second) for second in (0, 1, 2)])
    detector.feed([line("finished download", 3), line("error pulling x", 9)])
    assert by_id(detector.hints())["pull-failed"].state == "active"


def test_severity_then_first_seen_decide_the_rank(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line("plain trouble a", 0, "n1"), line("error pulling", 5), line("plain trouble b", -9, "n2")])
    assert [(hint.id, hint.node) for hint in detector.hints()] == [
        ("pull-failed", "bootstrap"),
        ("plain", "n2"),
        ("plain", "n1"),
    ]


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_snapshot_goes_on_exactly(rules: list[Rule], cut: int) -> None:
    lines = [line(DNS, second) for second in (0, 10, 20)]
    lines += [line("No CNI configuration file", 30, "w0"), line("plain trouble x", 31), line("finished download", 40)]
    lines += [line("No CNI configuration file", 700, "w0")]
    whole = Detector(rules)
    whole.feed(lines)
    first = Detector(rules)
    first.feed(lines[:cut])
    second = Detector(rules, None, first.snapshot())
    second.feed(lines[cut:])
    assert second.hints() == whole.hints()
    assert second.snapshot() == whole.snapshot()


def test_only_changed_hints_are_told_also_after_a_restart(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line("plain trouble x", 0)])
    again = Detector(rules, None, detector.snapshot())
    assert again.tick(START, Facts()) == []
    assert again.feed([line("nothing to see", 1)]) == []


def test_advice_names_what_was_captured_and_what_the_plan_says(rules: list[Rule]) -> None:
    mirror = MirrorSource(source="quay.io/o", mirrors=["mirror.lab:8443/o"])
    plan = Plan(network=Network(name_servers=["10.0.0.5", "10.0.0.6"], mirrors=[mirror]))
    hint = Detector(rules, plan).feed([line(DNS)])[0]
    assert hint.cause == "The name server 10.0.0.5 did not answer for quay.io; the plan names 10.0.0.5, 10.0.0.6."
    assert hint.remedy == ["Start it.", "Only mirror.lab:8443 matters."]
    assert hint.confirm == ["dig @10.0.0.5 quay.io"]


def test_hostile_captures_are_text_in_sentences_and_one_word_in_commands(rules: list[Rule]) -> None:
    hint = Detector(rules).feed([line("plain trouble {plan.mirror};$(reboot){{7*7}}")])[0]
    assert hint.cause == "About {plan.mirror};$(reboot){{7*7}} on bootstrap."
    assert hint.remedy == ["rm '{plan.mirror};$(reboot){{7*7}}'"]


def test_a_name_that_nobody_knows_is_written_as_documentation_does(rules: list[Rule]) -> None:
    assert Detector(rules).feed([line("plain trouble")])[0].remedy == ["rm <what>"]


def test_evidence_is_the_first_and_the_last_lines(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(f"plain trouble {n}", n, number=n) for n in range(1, 20)])
    assert [piece.line_number for piece in detector.hints()[0].evidence] == [1, 2, 3, 18, 19]


def test_lines_without_a_time_persist_by_their_number(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(DNS, None)] * 3)
    assert detector.hints()[0].severity == "fatal"


@pytest.mark.parametrize("width", [40, 60, 75])
def test_a_failure_is_found_in_a_wrapped_line_wherever_it_was_broken(rules: list[Rule], width: int) -> None:
    broken = "\n".join(DNS[at : at + width] for at in range(0, len(DNS), width))
    assert {hint.id for hint in Detector(rules).feed([line(broken)])} == {"dns-refused", "pull-failed"}


def test_of_a_nested_error_the_innermost_comes_first(tmp_path: Path) -> None:
    rule = "- {{id: {0}, title: t, severity: error, phase: host, cause: c, remedy: [r], match: [{{literals: [{0}], pattern: {0}}}]}}\n"  # noqa: E501
    path = tmp_path / "nested.yaml"
    path.write_text("".join(rule.format(name) for name in ("outer", "middle", "inner")))
    detector = Detector(load_file(path))
    assert [hint.id for hint in detector.feed([line("outer: middle: inner")])] == ["inner", "middle", "outer"]


def test_a_cause_on_the_same_node_goes_before_one_elsewhere(rules: list[Rule]) -> None:
    detector = Detector(rules)
    for node in ("n1", "n2"):
        detector.feed([line(DNS, second, node) for second in (0, 1, 2)])
    detector.feed([line("error pulling x", 5, "n3")])
    states = {(hint.id, hint.node): (hint.state, hint.root) for hint in detector.hints()}
    assert states["pull-failed", "n2"] == states["pull-failed", "n3"] == ("folded", "dns-refused")
    assert states["dns-refused", "n2"] == ("active", None)


def test_a_new_hint_does_not_move_the_others(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line(f"plain trouble {n}", n, f"n{n}") for n in range(20)])
    assert [hint.id for hint in detector.feed([line("error pulling x", 30)])] == ["pull-failed"]


def test_within_one_second_the_order_of_lines_decides(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line("finished download", 5), *[line(DNS, 5)] * 3])
    assert by_id(detector.hints())["dns-refused"].state == "active"
    detector.feed([line("finished download", 5)])
    assert by_id(detector.hints())["dns-refused"].state == "cleared"


def test_an_older_end_read_later_does_not_undo_a_newer_one(rules: list[Rule]) -> None:
    detector = Detector(rules)
    detector.feed([line("finished download", 50), line("finished download", 5), *[line(DNS, 20)] * 3])
    hint = by_id(detector.hints())["dns-refused"]
    assert (hint.state, hint.cleared) == ("cleared", START + 50 * SECOND)


@pytest.mark.parametrize("at", range(1, len("plain trouble")))
def test_a_literal_that_stands_across_a_line_break_is_found(rules: list[Rule], at: int) -> None:
    text = "it is plain trouble of the disk, and more is told of it until the end"
    broken = f"{text[: 6 + at]}\n{text[6 + at :]}"
    assert "plain" in by_id(Detector(rules).feed([line(broken)])), repr(broken)


def test_a_line_that_the_rule_excepts_is_so_where_it_is_wrapped(rules: list[Rule]) -> None:
    text = "error: dial tcp: lookup ignored on 10.0.0.5:53: read udp: connection refused"
    for at in range(1, len(text)):
        assert not Detector(rules).feed([line(f"{text[:at]}\n{text[at:]}")]), text[:at]
