"""A bundle's objects are read as lines with their time and node; a failing cluster's tell why, a healthy one's nothing.

The files are written by hand after the public formats: `oc get -o json` as installer-gather.sh keeps it, and the
layout of must-gather.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tui.engine.diagnosis import Diagnosis, diagnose
from tui.hints.model import LOUD
from tui.hints.rules import load
from tui.monitor.readers.resources import NotResources, lines_of

T = "2021-07-05T05:{:02d}:00Z"
Thing = dict[str, Any]


def thing(kind: str, name: str, namespace: str = "", /, **more: Any) -> Thing:
    meta = {"name": name, "creationTimestamp": T.format(0), **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, **more}


def condition(kind: str, status: str, reason: str = "", message: str = "", minute: int = 5) -> Thing:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": T.format(minute),
    }


def event(reason: str, message: str, minute: int, *, count: int = 1, kind: str = "Warning") -> Thing:
    return thing(
        "Event",
        f"router.{minute}",
        "openshift-ingress",
        type=kind,
        reason=reason,
        message=message,
        count=count,
        firstTimestamp=T.format(1),
        lastTimestamp=T.format(minute),
        source={"component": "kubelet", "host": "worker-0"},
        involvedObject={"kind": "Pod", "name": "router-1"},
    )


UNTRUSTED = (
    'Failed to pull image "mirror.lab:8443/ocp@sha256:1234": rpc error: code = Unknown desc = pinging container '
    'registry mirror.lab:8443: Get "https://mirror.lab:8443/v2/": x509: certificate signed by unknown authority'
)
NO_CNI = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "
    "returns error: No CNI configuration file in /etc/kubernetes/cni/net.d/. Has your network provider started?"
)
ILL: dict[str, list[Thing]] = {
    "clusteroperators": [
        thing(
            "ClusterOperator",
            "dns",
            status={"conditions": [condition("Available", "False", "DNSUnavailable", "DNS default is unavailable")]},
        )
    ],
    "nodes": [
        thing("Node", "worker-0", status={"conditions": [condition("Ready", "False", "KubeletNotReady", NO_CNI, 3)]})
    ],
    "pods": [
        thing(
            "Pod",
            "etcd-0",
            "openshift-etcd",
            spec={"nodeName": "master-0"},
            status={
                "conditions": [condition("Ready", "False", minute=7)],
                "containerStatuses": [
                    {
                        "name": "etcd",
                        "restartCount": 9,
                        "state": {"waiting": {"reason": "ImagePullBackOff", "message": UNTRUSTED}},
                        "lastState": {
                            "terminated": {
                                "exitCode": 1,
                                "reason": "Error",
                                "message": "panic: no disk\n",
                                "finishedAt": T.format(6),
                            }
                        },
                    }
                ],
            },
        )
    ],
    "events": [event("Failed", UNTRUSTED, 8, count=12), event("Scheduled", "Successfully assigned", 1, kind="Normal")],
    "csr": [
        thing(
            "CertificateSigningRequest",
            "csr-abc12",
            status={},
            spec={
                "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
                "username": "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper",
            },
        )
    ],
    "machineconfigpools": [
        thing(
            "MachineConfigPool",
            "worker",
            status={"conditions": [condition("RenderDegraded", "True", "", "no such config")]},
        )
    ],
    "clusterversion": [
        thing("ClusterVersion", "version", status={"conditions": [condition("Failing", "True", "X", "y")]})
    ],
}
MUST_GATHER = {
    "clusteroperators": "cluster-scoped-resources/config.openshift.io/clusteroperators/dns.yaml",
    "nodes": "cluster-scoped-resources/core/nodes/worker-0.yaml",
    "pods": "namespaces/openshift-etcd/pods/etcd-0/etcd-0.yaml",
    "events": "namespaces/openshift-ingress/core/events.yaml",
    "csr": "cluster-scoped-resources/certificates.k8s.io/certificatesigningrequests/csr-abc12.yaml",
    "machineconfigpools": "cluster-scoped-resources/machineconfiguration.openshift.io/machineconfigpools/worker.yaml",
    "clusterversion": "cluster-scoped-resources/config.openshift.io/clusterversions/version.yaml",
}


def bundle(directory: Path, things: dict[str, list[Thing]]) -> Path:
    resources = directory / "log-bundle-20210705" / "resources"
    resources.mkdir(parents=True)
    for name, items in things.items():
        listed = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        (resources / f"{name}.json").write_text(json.dumps(listed, indent=4))
    return directory


def must_gather(directory: Path, things: dict[str, list[Thing]]) -> Path:
    for name, items in things.items():
        path = directory / "must-gather.local.1" / "quay-io-sha256-1" / MUST_GATHER[name]
        path.parent.mkdir(parents=True)
        listed: Any = {"apiVersion": "v1", "kind": "EventList", "items": items} if name == "events" else items[0]
        path.write_text("---\n" + yaml.safe_dump(listed))
    return directory


def diagnosed(path: Path) -> Diagnosis:
    return diagnose([str(path)], load(), redact=str)


@pytest.mark.parametrize("layout", [bundle, must_gather])
def test_a_failing_cluster_s_objects_tell_why(layout: Any, tmp_path: Path) -> None:
    diagnosis = diagnosed(layout(tmp_path, ILL))
    hints = {hint.id: hint for hint in diagnosis.hints}
    assert {"registry-tls-unknown-authority", "csr-pending", "cni-not-ready"} <= hints.keys()
    assert hints["cni-not-ready"].node == "worker-0"
    assert {source.kind for source in diagnosis.sources} == {"resources"}
    untrusted = {hint.node: hint for hint in diagnosis.hints if hint.id == "registry-tls-unknown-authority"}
    assert untrusted.keys() == {"master-0", "worker-0"}
    assert untrusted["worker-0"].last == micros(8)
    assert untrusted["worker-0"].severity in LOUD


def micros(minute: int) -> int:
    return int(datetime(2021, 7, 5, 5, minute, tzinfo=UTC).timestamp() * 1_000_000)


def said(name: str) -> list[tuple[int | None, str, str]]:
    data = json.dumps({"apiVersion": "v1", "kind": "List", "items": ILL[name]}).encode()
    return [(line.time, line.node, line.text) for line in lines_of(data, name)]


def test_each_object_s_words_stand_with_their_time_and_node() -> None:
    assert said("clusteroperators") == [
        (micros(5), "", "Cluster operator dns Available is False with DNSUnavailable: DNS default is unavailable")
    ]
    assert said("nodes") == [(micros(3), "worker-0", f"Node worker-0 Ready is False with KubeletNotReady: {NO_CNI}")]
    assert said("pods") == [
        (micros(6), "master-0", "pod openshift-etcd/etcd-0 container etcd: panic: no disk"),
        (micros(6), "master-0", "pod openshift-etcd/etcd-0 container etcd terminated: Error, exit code 1"),
        (micros(7), "master-0", f"pod openshift-etcd/etcd-0 container etcd: ImagePullBackOff: {UNTRUSTED}"),
    ]
    assert said("events") == [
        (micros(1), "worker-0", "Normal  Scheduled  pod/router-1  kubelet  Successfully assigned"),
        (micros(8), "worker-0", f"Warning  Failed  pod/router-1 (x12)  kubelet  {UNTRUSTED}"),
    ]
    assert said("machineconfigpools") == [
        (micros(5), "", "MachineConfigPool worker RenderDegraded is True: no such config")
    ]


def test_a_healthy_cluster_s_objects_tell_nothing(tmp_path: Path) -> None:
    well = {
        "clusteroperators": [
            thing(
                "ClusterOperator",
                name,
                status={
                    "conditions": [
                        condition("Available", "True", "AsExpected", "All is well"),
                        condition("Degraded", "False", "AsExpected"),
                        condition("Progressing", "False", "AsExpected"),
                    ]
                },
            )
            for name in ("dns", "etcd", "ingress")
        ],
        "nodes": [
            thing("Node", "m0", status={"conditions": [condition("Ready", "True"), condition("DiskPressure", "False")]})
        ],
        "pods": [
            thing(
                "Pod",
                "p",
                "n",
                status={"phase": "Running", "containerStatuses": [{"name": "c", "state": {"running": {}}}]},
            )
        ],
        "csr": [thing("CertificateSigningRequest", "csr-1", status={"conditions": [condition("Approved", "True")]})],
        "events": [
            event("Pulled", "Successfully pulled image", 3, kind="Normal"),
            event("Unhealthy", "Readiness probe failed", 3),
        ],
    }
    diagnosis = diagnosed(bundle(tmp_path, well))
    assert [hint.id for hint in diagnosis.hints if hint.severity in LOUD] == []


def test_what_the_api_did_not_answer_is_read_as_the_words_that_are_there(tmp_path: Path) -> None:
    resources = bundle(tmp_path, {}) / "log-bundle-20210705" / "resources"
    (resources / "nodes.json").write_text("")
    (resources / "pods.json").write_text("The connection to the server api.lab:6443 was refused\n")
    sources = {Path(source.path).name: (source.kind, source.lines) for source in diagnosed(tmp_path).sources}
    assert sources["pods.json"] == ("log", 1)


@pytest.mark.parametrize(
    "data", [b'{"apiVersion": 1, "items": 7}', b'{"items": [', b"kind: [", b'{"kind": "Pod", "status": 3}']
)
def test_what_is_no_object_is_passed_over_with_a_reason(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotResources):
        lines_of(data, "x")
    (tmp_path / "x.log").write_bytes(data)
    (source,) = diagnosed(tmp_path / "x.log").sources
    assert source.kind == "skipped"
    assert source.note


BOMB = "kind: List\na: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kind: A\nx: " + "[" * 200_000, "nested too deep"),
        ('{"kind": "A", "x": ' + "[" * 200_000, "nested too deep"),
        (f"{BOMB}items: [*j]\n", "aliases"),
    ],
    ids=["deep YAML", "deep JSON", "billion laughs"],
)
def test_hostile_nesting_ends_in_a_sentence(text: str, why: str, tmp_path: Path) -> None:
    """In a child, as what once crashed the loader would end this process."""
    (tmp_path / "x.yaml").write_text(text)
    command = [sys.executable, "-m", "tui", "diagnose", str(tmp_path / "x.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_ten_thousand_events_are_read_in_seconds(tmp_path: Path) -> None:
    events = [event("FailedMount", f"MountVolume.SetUp failed for volume {n}", n % 60) for n in range(10_000)]
    path = bundle(tmp_path, {"events": events})
    started = time.process_time()
    diagnosed(path)
    assert time.process_time() - started < 5
