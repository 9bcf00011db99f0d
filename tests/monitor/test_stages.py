"""Stages as a person would write them down who reads the journal line by line."""

import json
import random
from collections.abc import Callable

import pytest

from tests.monitor.corpus import BY_HAND, at
from tui.lines import Line
from tui.monitor.model import Stage
from tui.monitor.stages import Tracker

Read = Callable[..., list[Line]]

NODES = {"bootstrap": "bootstrap", "master-0": "master", "worker-0": "worker"}
ORDER = """
coreos-install ignition release-image node-image crio-configure kubelet bootkube openshift-manifests
api-bootstrap auth-api-bootstrap config-bootstrap cvo-bootstrap etcd-bootstrap kube-apiserver-bootstrap
kube-controller-manager-bootstrap kube-scheduler-bootstrap ingress-operator-bootstrap node-tuning-bootstrap
mco-bootstrap resolve-api-url resolve-api-int-url cco-bootstrap wait-for-etcd cb-bootstrap cb-api cb-manifests
cb-control-plane cb-masters cb-finish cvo-overrides wait-for-ceo check-api-url check-api-int-url
report-bootstrap-complete bootstrap-complete bootstrap-removed operators install-complete
"""


def by_id(tracker: Tracker, node: str = "") -> dict[str, Stage]:
    return {stage.id: stage for stage in tracker.stages() if stage.node == node}


def states(tracker: Tracker, node: str = "") -> dict[str, str]:
    return {name: stage.state for name, stage in by_id(tracker, node).items()}


def say(text: str, time: int = 0, node: str = "bootstrap", identifier: str = "bootkube.sh", **more: object) -> Line:
    return Line(text=text, time=time * 1_000_000 or None, node=node, source=node, identifier=identifier, **more)  # type: ignore[arg-type]


def test_the_stages_come_in_the_order_of_the_command_lines_promise() -> None:
    tracker = Tracker("4.18.4", NODES)
    assert [stage.id for stage in tracker.stages() if not stage.node] == ORDER.split()
    assert [stage.id for stage in tracker.stages() if stage.node == "worker-0"] == [
        "node-ignition",
        "node-os-update",
        "node-reboot",
        "node-kubelet",
        "node-joined",
        "node-ready",
    ]
    assert not [stage for stage in tracker.stages() if stage.node == "bootstrap"]
    assert all((stage.title and stage.title[0].isupper()) or stage.id == "bootkube" for stage in tracker.stages())


@pytest.mark.parametrize("kubelet_first", [True, False])
@pytest.mark.parametrize("roles", [{}, NODES])
def test_the_real_bootstrap_of_4_18_4_reads_as_by_hand(
    journal: Read, kubelet_first: bool, roles: dict[str, str]
) -> None:
    node = "bootstrap" if roles else ""
    files = [journal("bootkube-4.18.4.log.gz", node), journal("kubelet-4.18.4.log.gz", node)]
    tracker = Tracker("4.18.4", roles)
    for lines in reversed(files) if kubelet_first else files:
        tracker.feed(lines)
    found = by_id(tracker)
    for name, (state, started, ended, attempts) in BY_HAND.items():
        stage = found[name]
        clocks = tuple(at(f"May 12 {clock}") if clock else None for clock in (started, ended))
        expected = (state, *clocks, attempts)
        if name == "release-image" and kubelet_first:  # nobody saw it end: before the first thing after it
            expected = (state, None, at("May 12 04:54:37"), attempts)
        assert (stage.state, stage.started, stage.ended, stage.attempts) == expected, name
    assert "kube-apiserver DoesNotExist" in found["cb-control-plane"].detail
    assert "cluster-version-operator Pending" in found["cb-control-plane"].detail


def test_the_first_round_failed_after_twenty_minutes(journal: Read) -> None:
    lines = [line for line in journal("bootkube-4.18.4.log.gz") if line.time and line.time < at("May 12 05:19:12")]
    tracker = Tracker("4.18.4", {})
    tracker.feed(lines)
    found = by_id(tracker)
    assert [name for name, stage in found.items() if stage.state == "failed"] == [
        "bootkube",
        "cb-bootstrap",
        "cb-control-plane",
    ]
    assert found["bootkube"].attempts == 1
    assert found["bootkube"].ended == at("May 12 05:19:09")
    assert "timed out waiting for the condition" in found["bootkube"].detail
    assert found["cb-api"].started == at("May 12 04:58:57")
    assert found["cb-api"].ended == at("May 12 04:59:09")
    assert found["cb-manifests"].ended == at("May 12 05:07:19")


def test_a_control_plane_nodes_kubelet_joins_and_waits_for_its_network(journal: Read) -> None:
    tracker = Tracker("4.18", {"ite-ocp-2rk9g-master-0": "master"})
    tracker.feed(journal("master0-kubelet-4.18.log"))
    node = by_id(tracker, "ite-ocp-2rk9g-master-0")
    assert {name: stage.state for name, stage in node.items()} == {
        "node-ignition": "done",
        "node-os-update": "done",
        "node-reboot": "done",
        "node-kubelet": "done",
        "node-joined": "done",
        "node-ready": "running",
    }
    assert node["node-joined"].started == at("May 23 08:07:11")
    assert node["node-joined"].ended == at("May 23 08:07:35")
    assert set(states(tracker).values()) == {"waiting", "skipped"}


def test_a_bootkube_that_never_gets_past_an_image_fails_there(journal: Read) -> None:
    tracker = Tracker("4.6", {})
    tracker.feed(journal("bootkube-manifest-unknown-loop-4.6.log"))
    found = by_id(tracker)
    assert [name for name, stage in found.items() if stage.state == "failed"] == ["bootkube", "etcd-bootstrap"]
    assert "manifest unknown" in found["etcd-bootstrap"].detail
    assert found["bootkube"].attempts == 14
    assert found["config-bootstrap"].state == "waiting"
    assert found["openshift-manifests"].state == "done"


def test_an_ending_of_4_4_with_two_messages_on_one_line(journal: Read) -> None:
    lines = journal("bootkube-endings-collected.log", year=2020)
    tracker = Tracker("4.4.6", {})
    tracker.feed(line for line in lines if "Jun 22" in line.text or at("Jun 22 21:00:00", 2020) < (line.time or 0))
    tracker = Tracker("4.4.6", {})
    tracker.feed(
        line for line in lines if at("Jun 22 21:00:00", 2020) <= (line.time or 0) <= at("Jun 22 22:00:00", 2020)
    )
    found = by_id(tracker)
    assert found["bootkube"].state == "done"
    assert found["bootkube"].ended == at("Jun 22 21:22:36", 2020)
    assert found["cb-control-plane"].ended == at("Jun 22 21:20:58", 2020)
    assert found["cb-finish"].started == at("Jun 22 21:20:59", 2020)
    assert found["cb-finish"].state == "done"
    assert found["cco-bootstrap"].state == "skipped"
    assert found["wait-for-ceo"].state == "done"
    assert found["bootstrap-complete"].state == "waiting"


def test_reading_in_pieces_with_a_snapshot_between_changes_nothing(journal: Read) -> None:
    lines = journal("bootkube-4.18.4.log.gz") + journal("kubelet-4.18.4.log.gz")
    whole = Tracker("4.18.4", {})
    whole.feed(lines)
    pieces, snapshot = random.Random(4), b""
    while lines:
        size = pieces.randint(1, 3000)
        tracker = Tracker("4.18.4", {}, snapshot)
        tracker.feed(lines[:size])
        snapshot, lines = tracker.snapshot(), lines[size:]
    assert Tracker("4.18.4", {}, snapshot).stages() == whole.stages()


def test_feeding_gives_exactly_the_stages_that_changed(journal: Read) -> None:
    tracker = Tracker("4.18.4", {})
    shown = {(stage.id, stage.node): stage for stage in tracker.stages()}
    for line in journal("bootkube-4.18.4-run1.log") + journal("master0-kubelet-4.18.log"):
        for stage in tracker.feed([line]):
            assert shown.get((stage.id, stage.node)) != stage
            shown[stage.id, stage.node] = stage
    assert all(shown[stage.id, stage.node] == stage for stage in tracker.stages())


def test_shuffled_lines_lose_no_stage(journal: Read) -> None:
    lines = [line for line in journal("bootkube-4.18.4-run1.log") if line.time and line.time < at("May 12 05:07:00")]
    in_order = Tracker("4.18.4", {})
    in_order.feed(lines)
    for seed in range(20):
        shuffled = list(lines)
        random.Random(seed).shuffle(shuffled)
        tracker = Tracker("4.18.4", {})
        tracker.feed(shuffled)
        for name, stage in by_id(tracker).items():
            before = by_id(in_order)[name]
            assert (stage.state == "waiting") == (before.state == "waiting"), (seed, name)
            if before.started and stage.started and name not in ("bootkube", "cb-manifests"):
                assert stage.started == before.started, (seed, name)


def test_a_release_image_that_cannot_be_pulled_fails_until_it_can() -> None:
    tracker = Tracker("4.7.7", NODES)
    script = "release-image-download.sh"
    tracker.feed(
        [say("Starting Download the OpenShift Release Image...", 1, identifier="systemd", unit="release-image")]
    )
    tracker.feed([say("Pulling quay.io/openshift-release-dev/ocp-release@sha256:c7e8...", 2, identifier=script)])
    assert by_id(tracker)["release-image"].state == "running"
    for second in (3, 8):
        tracker.feed(
            [say('Error: error pulling image "quay.io/…": lookup quay.io: refused', second, identifier=script)]
        )
        tracker.feed([say("Pull failed. Retrying quay.io/…...", second, identifier=script)])
    failed = by_id(tracker)["release-image"]
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert "lookup quay.io" in failed.detail
    tracker.feed(
        [say("Finished Download the OpenShift Release Image.", 20, identifier="systemd", unit="release-image")]
    )
    done = by_id(tracker)["release-image"]
    assert (done.state, done.started, done.ended, done.detail) == ("done", 1_000_000, 20_000_000, "")


def test_newer_systemd_names_the_unit_before_its_description() -> None:
    tracker = Tracker("4.19", NODES)
    tracker.feed([say("Started bootkube.service - Bootstrap a Kubernetes cluster.", 1, identifier="systemd")])
    assert by_id(tracker)["bootkube"].state == "running"


def test_the_same_words_of_another_program_mean_nothing() -> None:
    tracker = Tracker("4.18", NODES)
    tracker.feed([say("API is up", 1, identifier="kubelet.sh", unit="kubelet")])
    tracker.feed([say("bootkube.service complete", 1, identifier="sudo", unit="session-3.scope")])
    tracker.feed([say("API is up", 1, identifier="cluster-bootstrap", unit="bootkube", twin=True)])
    assert set(states(tracker).values()) == {"waiting", "skipped"}


@pytest.mark.parametrize(
    ("version", "skipped"),
    [
        ("4.3", {"etcd-bootstrap", "wait-for-etcd", "wait-for-ceo", "cco-bootstrap", "cvo-overrides", "node-image"}),
        ("4.8", {"cvo-overrides", "resolve-api-url", "check-api-url", "node-tuning-bootstrap", "api-bootstrap"}),
        ("4.12", {"resolve-api-url", "node-tuning-bootstrap", "cb-masters", "auth-api-bootstrap"}),
        ("4.15.0", {"auth-api-bootstrap", "node-image"}),
        ("4.20.0-ec.0", set()),
    ],
)
def test_stages_that_a_version_does_not_have_are_skipped(version: str, skipped: set[str]) -> None:
    found = states(Tracker(version, NODES))
    assert skipped <= {name for name, state in found.items() if state == "skipped"}
    assert found["bootkube"] == found["mco-bootstrap"] == "waiting"
    if not skipped:
        assert set(found.values()) == {"waiting"}


def test_before_4_15_the_configuration_is_rendered_after_etcd() -> None:
    tracker = Tracker("4.8", NODES)
    tracker.feed([say("Rendering Cluster Version Operator Manifests...", 1), say("Rendering CEO Manifests...", 2)])
    assert states(tracker)["config-bootstrap"] == "waiting"
    tracker.feed([say("Rendering cluster config manifests...", 3)])
    assert states(tracker)["config-bootstrap"] == "running"
    assert states(tracker)["etcd-bootstrap"] == "done"


def test_in_4_12_the_url_check_comes_early_and_stops_nothing() -> None:
    tracker = Tracker("4.12", NODES)
    tracker.feed(
        [
            say("Rendering MCO manifests...", 1),
            say("Checking validity of api.ocp4.example.com of type API_URL", 2),
            say("Unable to reach API_URL's https endpoint at https://10.0.0.9:6443/version", 3),
            say("Rendering CCO manifests...", 4),
        ]
    )
    assert states(tracker)["check-api-url"] == "failed"
    assert states(tracker)["check-api-int-url"] == "skipped"
    assert states(tracker)["cco-bootstrap"] == "running"


def test_a_node_goes_from_ignition_to_ready_across_its_reboot() -> None:
    def line(text: str, time: int, identifier: str, unit: str, boot: str) -> Line:
        return say(text, time, node="master-0.ocp4.example.com", identifier=identifier, unit=unit, boot=boot)

    url = "https://api-int.ocp4.example.com:22623/config/master"
    tracker = Tracker("4.15", {"bootstrap.ocp4.example.com": "bootstrap", "master-0.ocp4.example.com": "master"})
    node = "master-0.ocp4.example.com"
    tracker.feed([line(f"GET {url}: attempt #1", 1, "ignition", "ignition-fetch", "a")])
    tracker.feed([line(f'GET error: Get "{url}": connection refused', 1, "ignition", "ignition-fetch", "a")])
    assert states(tracker, node)["node-ignition"] == "running"
    tracker.feed([line("GET result: OK", 90, "ignition", "ignition-fetch", "a")])
    assert by_id(tracker, node)["node-ignition"].ended == 90_000_000
    tracker.feed([line("Executing rebase to quay.io/x", 100, "podman", "machine-config-daemon-firstboot", "a")])
    tracker.feed(
        [
            line(
                "initiating reboot: Completing firstboot provisioning to rendered-master-1",
                200,
                "machine-config-daemon",
                "machine-config-daemon-firstboot",
                "a",
            )
        ]
    )
    assert states(tracker, node)["node-os-update"] == "done"
    assert states(tracker, node)["node-reboot"] == "running"
    tracker.feed([line("Linux version 5.14", 320, "kernel", "", "b")])
    assert by_id(tracker, node)["node-reboot"].ended == 320_000_000
    tracker.feed([line("Starting Kubernetes Kubelet...", 330, "systemd", "kubelet", "b")])
    tracker.feed([line("Started Kubernetes Kubelet.", 331, "systemd", "kubelet", "b")])
    tracker.feed([line('"Successfully registered node" node="master-0"', 350, "kubenswrapper", "kubelet", "b")])
    assert states(tracker, node)["node-ready"] == "running"
    tracker.note("node-joined", node, "done", 999_000_000)
    assert by_id(tracker, node)["node-joined"].ended == 350_000_000
    tracker.note("node-ready", node, "done", 700_000_000)
    assert states(tracker, node) == dict.fromkeys(states(tracker, node), "done")
    assert [stage.attempts for stage in by_id(tracker, node).values()] == [1, 1, 1, 1, 1, 1]
    assert set(states(tracker).values()) == {"waiting", "skipped"}


def test_what_a_machine_said_before_its_role_was_known_is_counted_then() -> None:
    tracker = Tracker("4.18", {})
    tracker.feed([say("Starting Kubernetes Kubelet...", 1, node="localhost", identifier="systemd")])
    assert states(tracker)["kubelet"] == "waiting"
    tracker.feed([say("Flag --address has been deprecated", 2, node="localhost", identifier="kubelet.sh")])
    assert by_id(tracker)["kubelet"].started == 1_000_000


def records(*events: tuple[str, str, str, str]) -> bytes:
    entries = []
    for phase, stage, result, clock in events:
        entry = {"phase": phase, "stage": stage, "result": result, "timestamp": f"2025-05-12T{clock}Z"}
        entries.append({key: value for key, value in entry.items() if value})
    return json.dumps(entries).encode()


def test_service_records_say_what_succeeded_failed_and_runs() -> None:
    told = records(
        ("service start", "", "", "04:54:38"),
        ("stage start", "openshift-manifests", "", "04:54:41"),
        ("stage end", "openshift-manifests", "success", "04:54:46"),
        ("stage start", "cb-bootstrap", "", "04:58:37"),
        ("stage end", "cb-bootstrap", "failure", "05:19:09"),
        ("service end", "", "failure", "05:19:09"),
        ("service start", "", "", "05:19:14"),
        ("stage start", "cb-bootstrap", "", "05:19:22"),
    )
    tracker = Tracker("4.18", NODES)
    assert tracker.record("bootstrap", told)
    found = by_id(tracker)
    assert found["openshift-manifests"].state == "done"
    assert found["openshift-manifests"].ended == at("May 12 04:54:46")
    assert (found["cb-bootstrap"].state, found["cb-bootstrap"].attempts) == ("running", 2)
    assert found["cb-bootstrap"].started == at("May 12 05:19:22")
    assert found["mco-bootstrap"].state == "done"
    assert tracker.record("bootstrap", told) == []
    named = b'{"bootkube":' + told + b"}\n" + b'{"half'
    tracker.record("bootstrap", named)
    assert (by_id(tracker)["bootkube"].state, by_id(tracker)["bootkube"].attempts) == ("running", 2)


def test_records_and_journal_of_one_run_agree(journal: Read) -> None:
    lines = [line for line in journal("bootkube-4.18.4.log.gz") if line.time and line.time < at("May 12 04:57:30")]
    tracker = Tracker("4.18.4", {})
    tracker.feed(lines)
    before = by_id(tracker)["kube-apiserver-bootstrap"]
    changed = tracker.record(
        "",
        records(
            ("stage start", "kube-apiserver-bootstrap", "", "04:55:33"),
            ("stage end", "kube-apiserver-bootstrap", "success", "04:56:08"),
        ),
    )
    assert changed == []
    assert by_id(tracker)["kube-apiserver-bootstrap"] == before


def test_a_finished_installation_leaves_nothing_open() -> None:
    tracker = Tracker("4.15", NODES)
    tracker.feed([say("configmap/bootstrap created", 5, identifier="report-progress.sh")])
    assert states(tracker)["bootstrap-complete"] == "done"
    tracker.note("operators", "", "running", 6_000_000)
    tracker.note("install-complete", "", "done", 9_000_000)
    found = states(tracker)
    assert found["operators"] == "done"
    assert set(found.values()) <= {"done", "skipped", "unknown"}
    assert found["bootstrap-removed"] == "unknown"
    newer = Tracker("4.20", NODES)
    newer.feed([say("configmap/bootstrap created", 5, identifier="report-progress.sh")])
    assert states(newer)["bootstrap-complete"] == "running"


def test_a_bare_line_is_believed_only_where_its_words_are_telling() -> None:
    tracker = Tracker("", {})
    tracker.feed([Line(text="ERROR Cluster operator etcd Degraded is True with Node_Error: x", source="pasted")])
    tracker.feed([Line(text="Pulling something else, and the API is up", source="pasted")])
    assert set(states(tracker).values()) == {"waiting"}
    tracker.feed([Line(text="bootstrap bootkube.sh[2484]: Rendering CEO Manifests...", source="pasted")])
    assert states(tracker)["etcd-bootstrap"] == "running"


def test_a_unit_guessed_from_a_files_name_hides_nothing() -> None:
    tracker = Tracker("4.18", {})
    tracker.feed([say("Rendering CEO Manifests...", 1, unit="my-bootkube-journal")])
    tracker.feed([say("Rendering MCO manifests...", 2, identifier="sudo", unit="my-bootkube-journal")])
    assert states(tracker)["etcd-bootstrap"] == "running"


def test_a_file_read_late_fills_in_what_was_passed_over() -> None:
    tracker = Tracker("4.15", NODES)
    tracker.feed([say("Started Bootstrap a Kubernetes cluster.", 100, identifier="systemd")])
    assert states(tracker)["coreos-install"] == "skipped"
    tracker.feed([say("coreos-installer install /dev/sda", 5, identifier="coreos-installer-service")])
    late = by_id(tracker)["coreos-install"]
    assert (late.state, late.started, late.ended) == ("done", 5_000_000, 100_000_000)
    assert states(tracker)["bootkube"] == "running"


def test_an_etcd_that_is_unhealthy_at_first_is_one_attempt_a_round() -> None:
    tracker = Tracker("4.15", NODES)
    for start in (0, 100):
        tracker.feed(
            [
                say("Started Bootstrap a Kubernetes cluster.", start + 1, identifier="systemd"),
                say("etcdctl failed. Retrying in 5 seconds...", start + 2),
                say("etcdctl failed. Retrying in 5 seconds...", start + 7),
                say("https://localhost:2379 is healthy: successfully committed proposal: took = 6ms", start + 12),
                say(
                    "bootkube.service: Main process exited, code=exited, status=1/FAILURE",
                    start + 50,
                    identifier="systemd",
                ),
            ]
        )
    assert by_id(tracker)["wait-for-etcd"].attempts == by_id(tracker)["bootkube"].attempts == 2


def test_a_single_node_is_its_own_bootstrap_until_it_reboots() -> None:
    tracker = Tracker("4.15", {"sno": "master"})

    def line(text: str, time: int, identifier: str, boot: str) -> Line:
        return say(text, time, node="sno", identifier=identifier, boot=boot)

    tracker.feed([line("Pulling quay.io/x@sha256:1...", 1, "release-image-download.sh", "a")])
    tracker.feed([line("Started Kubernetes Kubelet.", 2, "systemd", "a")])
    tracker.feed([line("Started Bootstrap a Kubernetes cluster.", 3, "systemd", "a")])
    tracker.feed([line("bootkube.service complete", 9, "bootkube.sh", "a")])
    assert states(tracker)["kubelet"] == states(tracker)["bootkube"] == "done"
    assert states(tracker, "sno")["node-kubelet"] == "waiting"
    tracker.feed([line("Starting Kubernetes Kubelet...", 20, "systemd", "b")])
    tracker.feed([line("Started Kubernetes Kubelet.", 21, "systemd", "b")])
    assert by_id(tracker, "sno")["node-kubelet"].started == 20_000_000
    assert by_id(tracker)["kubelet"].attempts == 1


def installer(text: str, time: int) -> Line:
    return Line(text=text, time=time * 1_000_000, source="openshift-install", unit="openshift-install")


def test_a_wait_for_that_waits_or_gives_up_says_nothing_of_the_bootstrap() -> None:
    tracker = Tracker("4.15", NODES)
    tracker.feed([say("Started Bootstrap a Kubernetes cluster.", 1, identifier="systemd")])
    tracker.feed(
        [installer("Waiting up to 40m0s (until 4:35PM UTC) for the cluster at https://a:6443 to initialize...", 2)]
    )
    assert states(tracker)["operators"] == "running"
    tracker.feed([installer("Failed waiting for Kubernetes API. This error usually happens when …", 3)])
    found = states(tracker)
    assert (found["bootstrap-complete"], found["bootkube"], found["mco-bootstrap"]) == ("failed", "running", "waiting")
    tracker.feed([installer("It is now safe to remove the bootstrap resources", 4)])
    assert states(tracker)["bootkube"] == "done"
    tracker.feed([installer("Bootstrap failed to complete: asked once more when the API was away", 5)])
    assert states(tracker)["bootstrap-complete"] == "done"


def test_a_note_said_again_changes_nothing_not_even_after_a_reboot() -> None:
    tracker = Tracker("4.15", NODES)
    assert tracker.note("node-joined", "worker-0", "done", 5_000_000)
    assert tracker.note("node-joined", "worker-0", "done", 6_000_000) == []
    for boot in "ab":
        tracker.feed([say("Linux version", 7, node="worker-0", identifier="kernel", boot=boot)])
    assert tracker.note("node-joined", "worker-0", "done", 8_000_000) == []
    assert [stage.detail for stage in tracker.note("node-ready", "worker-0", "running", 9_000_000, "no CNI")] == [
        "no CNI"
    ]
    assert tracker.note("node-ready", "worker-0", "running", 9_500_000, "no CNI") == []
    tracker.note("node-ready", "worker-0", "done", 10_000_000)
    (flapped,) = tracker.note("node-ready", "worker-0", "running", 11_000_000, "kubelet stopped posting")
    assert (flapped.state, flapped.ended) == ("running", None)


def test_a_note_for_no_known_stage_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tracker("4.15", NODES).note("no-such-stage", "", "done", 1)
