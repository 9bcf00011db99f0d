"""The cluster as its API tells it, part by part; and one approval, as the API wants it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from tests.links.api_server import NAME, Server
from tui.links.kubernetes import ApiFailed
from tui.monitor.cluster import Cluster, planned, snapshot, stage_facts
from tui.monitor.csrs import Verdict
from tui.monitor.model import ClusterObject, Snapshot
from tui.plan.model import Node, Plan, Topology

NODES = [
    Node(role="bootstrap", name="bootstrap", address="192.168.31.10"),
    Node(role="master", name="master-0", address="192.168.31.11"),
    Node(role="worker", name="worker-0", address="192.168.31.20"),
]


def condition(kind: str, status: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "message": message}


def thing(name: str, *conditions: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **more.pop("metadata", {})}, "status": {"conditions": list(conditions), **more}}


ANSWERS: dict[str, dict[str, Any]] = {
    "/api/v1/nodes": {
        "items": [
            thing(
                "master-0.ocp4.example.com",
                condition("Ready", "True", "kubelet is posting ready status"),
                metadata={
                    "labels": {"node-role.kubernetes.io/master": "", "node-role.kubernetes.io/worker": "", "x": ""}
                },
                addresses=[{"type": "InternalIP", "address": "192.168.31.11"}],
                nodeInfo={"kubeletVersion": "v1.28.6"},
            ),
            thing("worker-0.ocp4.example.com", condition("Ready", "False", "no CNI configuration file")),
            thing("worker-1.ocp4.example.com", condition("Ready", "Unknown", "Kubelet stopped posting node status.")),
        ]
    },
    "/apis/certificates.k8s.io/v1/certificatesigningrequests": {
        "items": [
            {"metadata": {"name": "csr-1"}, "spec": {"signerName": "example.com/other", "username": "someone"}},
            {
                "metadata": {"name": "csr-2"},
                "spec": {"signerName": "kubernetes.io/kubelet-serving"},
                "status": {"conditions": [{"type": "Approved"}], "certificate": "Zm9v"},
            },
        ]
    },
    "/apis/config.openshift.io/v1/clusteroperators": {
        "items": [
            thing(
                "etcd",
                condition("Available", "True"),
                condition("Progressing", "False"),
                condition("Degraded", "False"),
            ),
            thing(
                "authentication",
                condition("Available", "False", "no oauth route"),
                condition("Progressing", "True", "rolling"),
                condition("Degraded", "True", "RouteHealthDegraded: EOF"),
            ),
            thing("ingress", condition("Available", "False", "0 of 2 pods"), condition("Degraded", "False")),
            thing("network", condition("Available", "True"), condition("Progressing", "True", "1 of 3 nodes")),
            thing("insights"),
        ]
    },
    "/apis/config.openshift.io/v1/clusterversions/version": thing(
        "version",
        condition("Available", "False"),
        condition("Progressing", "True", "Working towards 4.15.0: 560 of 676 done (82% complete)"),
        condition("Failing", "False"),
        desired={"version": "4.15.0"},
    ),
    "/api/v1/namespaces/kube-system/configmaps/bootstrap": {"data": {"status": "complete"}},
    "/apis/operator.openshift.io/v1/etcds/cluster": thing("cluster", condition("EtcdBootstrapMemberRemoved", "False")),
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path not in ANSWERS:
            return web.json_response({"message": "not found"}, status=404)
        return web.json_response(ANSWERS[request.path])

    made.handler = answer
    await made.start()
    yield made
    await made.stop()


def plan(server: Server | None = None) -> Plan:
    topology = Topology(cluster_name="ocp4", base_domain="example.com", version="4.15.0", nodes=NODES)
    return Plan(topology=topology, endpoints={f"{NAME}:6443": f"127.0.0.1:{server.port}"} if server else {})


async def poll(server: Server) -> Any:
    return await Cluster(server.path, plan(server)).poll()


async def test_one_round_tells_everything(server: Server) -> None:
    found = await poll(server)
    assert found.unknown == {}
    assert found.api_up
    assert found.bootstrap_status == "complete"
    states = {(item.kind, item.name): item.state for item in found.objects}
    assert states == {
        ("node", "master-0.ocp4.example.com"): "Ready",
        ("node", "worker-0.ocp4.example.com"): "NotReady",
        ("node", "worker-1.ocp4.example.com"): "Unknown",
        ("csr", "csr-1"): "pending",
        ("csr", "csr-2"): "issued",
        ("operator", "etcd"): "Available",
        ("operator", "authentication"): "Degraded",
        ("operator", "ingress"): "Unavailable",
        ("operator", "network"): "Progressing",
        ("operator", "insights"): "Unknown",
        ("clusterversion", "version"): "Progressing",
        ("etcd-member", "bootstrap"): "present",
    }
    by_name = {item.name: item for item in found.objects}
    assert by_name["master-0.ocp4.example.com"].data["roles"] == "master,worker"
    assert by_name["master-0.ocp4.example.com"].data["version"] == "v1.28.6"
    assert by_name["worker-0.ocp4.example.com"].message == "no CNI configuration file"
    assert by_name["authentication"].message == "RouteHealthDegraded: EOF"
    assert by_name["version"].message.startswith("Working towards 4.15.0")
    assert by_name["csr-1"].data["verdict"] == "ask"
    assert by_name["csr-2"].data["verdict"] == "settled"
    assert all(item.seen == found.taken for item in found.objects)


async def test_a_part_that_cannot_be_asked_is_unknown_and_the_rest_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ANSWERS, "/apis/config.openshift.io/v1/clusteroperators")
    monkeypatch.delitem(ANSWERS, "/api/v1/namespaces/kube-system/configmaps/bootstrap")
    found = await poll(server)
    assert set(found.unknown) == {"operators"}
    assert "not found" in found.unknown["operators"]
    assert found.bootstrap_status == ""
    assert {item.kind for item in found.objects} == {"node", "csr", "clusterversion", "etcd-member"}


async def test_no_api_is_unknown_everywhere_and_no_crash(server: Server) -> None:
    await server.stop()
    found = await poll(server)
    assert set(found.unknown) == {"nodes", "csrs", "operators", "clusterversion", "bootstrap", "etcd"}
    assert found.objects == []
    assert not found.api_up
    missing = await Cluster(server.path.with_name("absent"), plan(server)).poll()
    assert "No such file" in missing.unknown["nodes"]


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ({"Available": "True", "Progressing": "False", "Failing": "False"}, "Complete"),
        ({"Available": "True", "Progressing": "False"}, "Complete"),
        ({"Available": "True", "Progressing": "False", "Failing": "True"}, "Failing"),
        ({"Available": "True", "Progressing": "True", "Failing": "False"}, "Progressing"),
        ({"Available": "False", "Progressing": "True", "Failing": "True"}, "Failing"),
        ({}, "Unknown"),
    ],
)
def test_the_cluster_version_is_complete_only_when_it_says_so(conditions: dict[str, str], state: str) -> None:
    missing = ApiFailed("silent", "no answer")
    answers: dict[str, Any] = dict.fromkeys(("nodes", "csrs", "operators", "bootstrap", "etcd"), missing)
    answers["clusterversion"] = thing("version", *(condition(kind, status) for kind, status in conditions.items()))
    found = snapshot(answers, lambda *_: Verdict(decision="ask", reason=""), 1)
    assert [item.state for item in found.objects] == [state]


def test_an_etcd_without_the_condition_never_says_that_the_bootstrap_went() -> None:
    missing = ApiFailed("silent", "no answer")
    answers: dict[str, Any] = dict.fromkeys(("nodes", "csrs", "operators", "bootstrap", "clusterversion"), missing)
    answers["etcd"] = thing("cluster")
    found = snapshot(answers, lambda *_: Verdict(decision="ask", reason=""), 1)
    assert found.objects == [ClusterObject(kind="etcd-member", name="bootstrap", state="unknown", seen=1)]


def test_names_of_a_plans_nodes_are_what_a_request_may_ask_for() -> None:
    names = {entry.name: entry.also for entry in planned(plan())}
    assert names == {
        "master-0.ocp4.example.com": frozenset({"master-0", "192.168.31.11"}),
        "worker-0.ocp4.example.com": frozenset({"worker-0", "192.168.31.20"}),
    }


def test_a_node_of_both_families_may_ask_for_each_of_its_addresses() -> None:
    nodes = [Node(role="worker", name="worker-0", address="192.168.31.20, FD00:0::20")]
    both = Plan(topology=Topology(cluster_name="ocp4", base_domain="example.com", nodes=nodes))
    assert [entry.also for entry in planned(both)] == [frozenset({"worker-0", "192.168.31.20", "fd00::20"})]


async def test_a_snapshot_proves_stages(server: Server) -> None:
    facts = {(stage, node): (state, detail) for stage, node, state, detail in stage_facts(await poll(server), plan())}
    assert facts == {
        ("node-joined", "master-0.ocp4.example.com"): ("done", ""),
        ("node-ready", "master-0.ocp4.example.com"): ("done", ""),
        ("node-joined", "worker-0.ocp4.example.com"): ("done", ""),
        ("node-ready", "worker-0.ocp4.example.com"): ("running", "no CNI configuration file"),
        ("bootstrap-complete", ""): ("done", ""),
        ("operators", ""): ("running", "1 of 5 settled, waiting on authentication, ingress, insights, network"),
    }
    newer = replace(plan(), topology=replace(plan().topology, version="4.20.1"))
    waits = {stage: state for stage, _, state, _ in stage_facts(await poll(server), newer)}
    assert waits["bootstrap-complete"] == "running"
    assert stage_facts(Snapshot(objects=[], unknown={"nodes": "x"}), plan()) == []


class Approvals:
    """The API's side of an approval: conditions are added under optimistic locking."""

    def __init__(self, conflicts: int) -> None:
        self.conflicts = conflicts
        self.puts: list[dict[str, Any]] = []
        self.request: dict[str, Any] = {
            "metadata": {"name": "csr-1", "resourceVersion": "7"},
            "spec": {"request": "x", "signerName": "y"},
            "status": {},
        }

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            assert request.path.endswith("/certificatesigningrequests/csr-1")
            return web.json_response(self.request)
        assert request.path.endswith("/certificatesigningrequests/csr-1/approval")
        body = json.loads(await request.read())
        self.puts.append(body)
        if len(self.puts) <= self.conflicts:
            return web.json_response({"message": "the object has been modified"}, status=409)
        self.request = body
        return web.json_response(body)


@pytest.mark.parametrize("conflicts", [0, 2])
async def test_an_approval_is_a_condition_on_the_approval_sub_resource(server: Server, conflicts: int) -> None:
    approvals = Approvals(conflicts)
    server.handler = approvals
    cluster = Cluster(server.path, plan(server))
    await cluster.approve("csr-1")
    assert len(approvals.puts) == conflicts + 1
    (condition_,) = approvals.request["status"]["conditions"]
    assert (condition_["type"], condition_["status"]) == ("Approved", "True")
    assert approvals.request["metadata"]["resourceVersion"] == "7"
    await cluster.approve("csr-1")
    assert len(approvals.puts) == conflicts + 1


async def test_an_approval_that_never_succeeds_says_so(server: Server) -> None:
    server.handler = Approvals(conflicts=99)
    with pytest.raises(ApiFailed, match="the object has been modified"):
        await Cluster(server.path, plan(server)).approve("csr-1")
