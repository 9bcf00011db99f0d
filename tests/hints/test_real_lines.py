"""The catalogue on what was really printed: quiet on good installations, and on each whole journal what a person reads.

How the expectations came about: some were written after reading a journal, others were taken from what the rules said
and then held against the journal by reading it. They keep a judgement from changing unseen; that the rules find what
they were not written for is shown only by the batches of lines in test_catalogue_corpus.py.
"""

from pathlib import Path

import pytest
import yaml

from tui.engine.diagnosis import Diagnosis, diagnose
from tui.hints.model import LOUD
from tui.hints.rules import Rule, load

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
BENIGN = [entry["line"] for entry in yaml.safe_load((CORPUS / "benign.yaml").read_text())]


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return load()


def diagnosed(path: Path, rules: tuple[Rule, ...]) -> Diagnosis:
    return diagnose([str(path)], rules, redact=str)


def loud(diagnosis: Diagnosis) -> list[str]:
    ids = [hint.id for hint in diagnosis.hints if hint.state == "active" and hint.severity in LOUD]
    return list(dict.fromkeys(ids))


@pytest.mark.parametrize("number", range(len(BENIGN)))
def test_a_benign_line_is_never_an_alarm(number: int, rules: tuple[Rule, ...], tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text(BENIGN[number] + "\n")
    assert loud(diagnosed(tmp_path / "one.log", rules)) == []


def test_all_benign_lines_together_are_no_alarm(rules: tuple[Rule, ...], tmp_path: Path) -> None:
    (tmp_path / "all.log").write_text("\n".join(BENIGN) + "\n")
    assert loud(diagnosed(tmp_path / "all.log", rules)) == []


@pytest.mark.parametrize(
    "name",
    [
        "bootkube-4.18.4-raw-window.log",
        "bootkube-endings-collected.log",
        "bootstrap-kubelet-4.18.4.log",
        "helpernode-4.2-installer-success.log",
        "helpernode-4.3-installer-success.log",
        "full/kubelet-4.18.4.log.gz",
    ],
)
def test_a_good_installation_s_journal_is_no_alarm(name: str, rules: tuple[Rule, ...]) -> None:
    assert loud(diagnosed(CORPUS / "journals" / name, rules)) == []


@pytest.mark.parametrize("minutes", [1, 5, 10, 20])
def test_the_healthy_stretch_of_the_bootstrap_is_no_alarm(
    minutes: int, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    """Until its first time-out after twenty minutes nothing is wrong on this bootstrap, however loud it is."""
    stretch = []
    for line in (CORPUS / "journals" / "bootkube-4.18.4-run1.log").read_text().splitlines():
        clock = line[7:15]
        if not line.startswith("#") and clock < f"{4 + (54 + minutes) // 60:02d}:{(54 + minutes) % 60:02d}:00":
            stretch.append(line)
    (tmp_path / "stretch.log").write_text("\n".join(stretch) + "\n")
    assert len(stretch) > 3
    assert loud(diagnosed(tmp_path / "stretch.log", rules)) == []


JOURNALS: dict[str, list[str]] = {
    # Three rounds of twenty minutes: the control plane's pods never came. Why, this journal does not tell.
    "full/bootkube-4.18.4.log.gz": ["bootkube-pod-status-timeout"],
    "bootkube-4.18.4-run1.log": ["bootkube-pod-status-timeout"],
    # One operator image is not in the mirror; bootkube restarts because of it, fourteen times by now.
    "bootkube-manifest-unknown-loop-4.6.log": ["registry-manifest-unknown"],
    # controlPlane was written as a list.
    "cpietra-installer.log": ["install-config-unmarshal"],
    # The API never answered (EOF from a balancer without a backend) until wait-for gave up.
    "helpernode-installer-failed-bootstrap.log": ["installer-kube-api-wait-failed"],
    # A MachineConfig of the person's own with an Ignition version that this release does not read.
    "mco-bootstrap-rejected-machineconfig-4.6.log": ["machineconfig-bootstrap-render-failed"],
    # The bootstrap timed out; of the operators' words the first that explains others: master-1's network is not up.
    "runbook-author-4.8.12-installer-bootstrap-failed.log": ["master-network-not-ready"],
    # The excerpt keeps four lines of each kind, so "no CNI" looks short there: transient, as the file alone shows it.
    "master0-kubelet-4.18.log": [],
}


@pytest.mark.parametrize("name", JOURNALS)
def test_each_whole_journal_says_what_a_person_reads_in_it(name: str, rules: tuple[Rule, ...]) -> None:
    assert loud(diagnosed(CORPUS / "journals" / name, rules)) == JOURNALS[name]


def test_the_masters_journal_tells_of_the_missing_network_plugin(rules: tuple[Rule, ...]) -> None:
    hints = {hint.id: hint for hint in diagnosed(CORPUS / "journals" / "master0-kubelet-4.18.log", rules).hints}
    assert {hints[name].node for name in ("cni-not-ready", "kubelet-anonymous-forbidden")} == {"ite-ocp-2rk9g-master-0"}
    assert (hints["cni-not-ready"].state, hints["cni-not-ready"].severity) == ("active", "transient")
    assert hints["kubelet-anonymous-forbidden"].state == "cleared"


def test_the_restart_loop_folds_under_the_missing_image(rules: tuple[Rule, ...]) -> None:
    journal = CORPUS / "journals" / "bootkube-manifest-unknown-loop-4.6.log"
    hints = {hint.id: hint for hint in diagnosed(journal, rules).hints}
    assert (hints["bootkube-restarting"].state, hints["bootkube-restarting"].root) == (
        "folded",
        "registry-manifest-unknown",
    )


def test_the_bootstraps_stages_are_read_off_its_journal(rules: tuple[Rule, ...]) -> None:
    diagnosis = diagnosed(CORPUS / "journals" / "full" / "bootkube-4.18.4.log.gz", rules)
    stages = {stage.id: stage for stage in diagnosis.stages if not stage.node}
    assert (stages["mco-bootstrap"].state, stages["mco-bootstrap"].attempts) == ("done", 1)
    assert (stages["cb-control-plane"].state, stages["cb-control-plane"].attempts) == ("running", 4)
    assert stages["bootstrap-complete"].state == "waiting"
