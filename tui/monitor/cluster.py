"""The cluster as its API tells it: nodes, certificate requests, operators, version, and the end of the bootstrap.

Each part is asked on its own: what cannot be asked is unknown with the reason, and the rest is still shown.
"""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.links.kubernetes import Api, ApiFailed, gather, load_kubeconfig
from tui.monitor import csrs
from tui.monitor.model import ClusterObject, Snapshot, StageState
from tui.plan.endpoints import addresses, endpoint, full_name
from tui.plan.model import Plan
from tui.text import say

_REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
_PATHS = {
    "nodes": "/api/v1/nodes",
    "csrs": _REQUESTS,
    "operators": "/apis/config.openshift.io/v1/clusteroperators",
    "clusterversion": "/apis/config.openshift.io/v1/clusterversions/version",
    "bootstrap": "/api/v1/namespaces/kube-system/configmaps/bootstrap",
    "etcd": "/apis/operator.openshift.io/v1/etcds/cluster",
}
_MOST_TRIES = 3


class Cluster:
    """One installation's API, through the kubeconfig that openshift-install wrote.

    `run_started` (microseconds since the epoch) is when this installation began: see `csrs.judge`.
    """

    def __init__(self, kubeconfig: Path, plan: Plan, *, run_started: int | None = None, seconds: float = 10) -> None:
        self._kubeconfig = kubeconfig
        self._plan = plan
        self._run_started = run_started
        self._seconds = seconds

    async def poll(self) -> Snapshot:
        """Asks everything at once. Never raises for what the world did: `Snapshot.unknown` says what failed and why."""
        now = time.time_ns() // 1000
        try:
            async with self._api() as api:
                answers = await gather({part: api.get(path) for part, path in _PATHS.items()})
        except ApiFailed as failed:
            return Snapshot(objects=[], unknown=dict.fromkeys(_PATHS, str(failed)), taken=now)
        return snapshot(answers, self._judge, now)

    async def approve(self, csr_name: str) -> None:
        """Approves one request, whatever its verdict: the person, or a rule, has decided. Raises `ApiFailed`."""
        path = f"{_REQUESTS}/{csr_name}"
        async with self._api() as api:
            for attempt in range(_MOST_TRIES):
                request = await api.get(path)
                if _request_state(request) != "pending":
                    return
                try:
                    await api.put(f"{path}/approval", _approved(request))
                except ApiFailed as failed:
                    if failed.kind != "conflict" or attempt == _MOST_TRIES - 1:
                        raise
                else:
                    return

    def _api(self) -> Api:
        config = load_kubeconfig(self._kubeconfig)
        return Api(config, lambda host, port: endpoint(self._plan, host, port), seconds=self._seconds)

    def _judge(self, request: Mapping[str, Any], nodes: Mapping[str, frozenset[str]]) -> csrs.Verdict:
        return csrs.judge(request, planned(self._plan), nodes, run_started=self._run_started)


def stage_facts(snapshot: Snapshot, plan: Plan) -> list[tuple[str, str, StageState, str]]:
    """What a snapshot proves about stages, for `Tracker.note`: (stage id, node, state, detail)."""
    names = {full_name(plan, node) for node in plan.topology.nodes}
    facts: list[tuple[str, str, StageState, str]] = []
    for thing in snapshot.objects:
        if thing.kind == "node" and thing.name in names:
            facts.append(("node-joined", thing.name, "done", ""))
            facts.append(("node-ready", thing.name, "done" if thing.state == "Ready" else "running", thing.message))
    if snapshot.bootstrap_status == "complete":
        facts.append(_bootstrap_end(snapshot, plan))
        facts += _operators_end(snapshot)
    return facts


def _bootstrap_end(snapshot: Snapshot, plan: Plan) -> tuple[str, str, StageState, str]:
    """From 4.18 on the bootstrap is over when its etcd member has gone as well."""
    version = re.match(r"(\d+)\.(\d+)", plan.topology.version)
    leaves_etcd = version is None or (int(version[1]), int(version[2])) >= (4, 18)
    member = next((thing.state for thing in snapshot.objects if thing.kind == "etcd-member"), "unknown")
    if leaves_etcd and member != "removed":
        return "bootstrap-complete", "", "running", say("the bootstrap's etcd member has not gone yet")
    return "bootstrap-complete", "", "done", ""


def _operators_end(snapshot: Snapshot) -> list[tuple[str, str, StageState, str]]:
    """The operators' stage; nothing where the API did not tell of them."""
    operators = [thing for thing in snapshot.objects if thing.kind == "operator"]
    version = next((thing for thing in snapshot.objects if thing.kind == "clusterversion"), None)
    if not operators or version is None:
        return []
    waiting = sorted(thing.name for thing in operators if thing.state != "Available")
    if version.state == "Complete" and not waiting:
        return [("operators", "", "done", "")]
    done = len(operators) - len(waiting)
    more = say(", waiting on {names}", names=", ".join(waiting)) if waiting else ""
    return [("operators", "", "running", say("{done} of {all} settled", done=done, all=len(operators)) + more)]


def planned(plan: Plan) -> list[csrs.Planned]:
    """The plan's nodes that join the cluster, with the names and addresses each may ask a certificate for."""
    return [
        csrs.Planned(
            name=full_name(plan, node), also=frozenset({node.name.split(".")[0], *addresses(node.address)} - {""})
        )
        for node in plan.topology.nodes
        if node.role != "bootstrap" or plan.topology.shape == "sno"
    ]


def snapshot(
    answers: Mapping[str, Any],
    judge: Callable[[Mapping[str, Any], Mapping[str, frozenset[str]]], csrs.Verdict],
    now: int,
) -> Snapshot:
    """What the answers of one round mean. An answer is the API's JSON or an `ApiFailed`."""
    unknown = {part: str(answer) for part, answer in answers.items() if isinstance(answer, ApiFailed)}
    up = any(not isinstance(answer, ApiFailed) or answer.answered for answer in answers.values())
    nodes = _items(answers["nodes"])
    known = {_name(node): _addresses(node) for node in nodes}
    objects = [_node(node) for node in nodes]
    objects += [_request(request, judge(request, known)) for request in _items(answers["csrs"])]
    objects += [_operator(operator) for operator in _items(answers["operators"])]
    if "clusterversion" not in unknown:
        objects.append(_version(answers["clusterversion"]))
    if "etcd" not in unknown:
        objects.append(_bootstrap_member(answers["etcd"]))
    bootstrap = answers["bootstrap"]
    if isinstance(bootstrap, ApiFailed) and bootstrap.kind == "not-found":
        # No ConfigMap yet is an answer: the bootstrap has not reported.
        del unknown["bootstrap"]
    status = "" if isinstance(bootstrap, ApiFailed) else str((bootstrap.get("data") or {}).get("status", ""))
    return Snapshot(
        objects=[replace(item, seen=now) for item in objects],
        bootstrap_status=status,
        unknown=unknown,
        api_up=up,
        taken=now,
    )


def _items(answer: Any) -> list[dict[str, Any]]:
    return [] if isinstance(answer, ApiFailed) else list(answer.get("items") or [])


def _name(item: Mapping[str, Any]) -> str:
    return str((item.get("metadata") or {}).get("name", ""))


def _conditions(item: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    conditions = (item.get("status") or {}).get("conditions") or []
    return {str(condition.get("type")): condition for condition in conditions}


def _is(conditions: Mapping[str, Mapping[str, Any]], kind: str) -> str:
    """ "True", "False" or "Unknown": a condition that is absent is not known."""
    return str(conditions.get(kind, {}).get("status", "Unknown"))


def _message(conditions: Mapping[str, Mapping[str, Any]], *kinds: str) -> str:
    return next((str(conditions[kind]["message"]) for kind in kinds if conditions.get(kind, {}).get("message")), "")


def _addresses(node: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(entry.get("address")) for entry in (node.get("status") or {}).get("addresses") or [])


def _node(node: Mapping[str, Any]) -> ClusterObject:
    conditions = _conditions(node)
    labels = (node.get("metadata") or {}).get("labels") or {}
    roles = sorted(label.rpartition("/")[2] for label in labels if label.startswith("node-role.kubernetes.io/"))
    ready = {"True": "Ready", "False": "NotReady"}.get(_is(conditions, "Ready"), "Unknown")
    unschedulable = bool((node.get("spec") or {}).get("unschedulable"))
    return ClusterObject(
        kind="node",
        name=_name(node),
        state=ready,
        message="" if ready == "Ready" else _message(conditions, "Ready"),
        data={
            "roles": ",".join(roles),
            "version": str(((node.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion", "")),
            "addresses": ",".join(sorted(_addresses(node))),
            "created": str((node.get("metadata") or {}).get("creationTimestamp", "")),
            "schedulable": "no" if unschedulable else "yes",
        },
    )


def _request_state(request: Mapping[str, Any]) -> str:
    kinds = _conditions(request)
    if (request.get("status") or {}).get("certificate"):
        return "issued"
    return next((kind.lower() for kind in ("Denied", "Failed", "Approved") if kind in kinds), "pending")


def _request(request: Mapping[str, Any], verdict: csrs.Verdict) -> ClusterObject:
    spec = request.get("spec") or {}
    return ClusterObject(
        kind="csr",
        name=_name(request),
        state=_request_state(request),
        message=verdict.reason,
        data={
            "verdict": verdict.decision,
            "node": verdict.node,
            "names": ",".join(verdict.names),
            "signer": str(spec.get("signerName", "")),
            "user": str(spec.get("username", "")),
            "created": str((request.get("metadata") or {}).get("creationTimestamp", "")),
        },
    )


def _operator(operator: Mapping[str, Any]) -> ClusterObject:
    conditions = _conditions(operator)
    available, progressing, degraded = (_is(conditions, kind) for kind in ("Available", "Progressing", "Degraded"))
    if degraded == "True":
        state, message = "Degraded", _message(conditions, "Degraded", "Available")
    elif available == "Unknown":
        state, message = "Unknown", say("it has not said anything yet")
    elif available == "False":
        state, message = "Unavailable", _message(conditions, "Available", "Progressing")
    elif progressing == "True":
        state, message = "Progressing", _message(conditions, "Progressing")
    else:
        state, message = "Available", ""
    versions = (operator.get("status") or {}).get("versions") or []
    own = next((str(entry.get("version", "")) for entry in versions if entry.get("name") == "operator"), "")
    return ClusterObject(
        kind="operator",
        name=_name(operator),
        state=state,
        message=message,
        data={"available": available, "progressing": progressing, "degraded": degraded, "version": own},
    )


def _version(version: Mapping[str, Any]) -> ClusterObject:
    conditions = _conditions(version)
    available, progressing, failing = (_is(conditions, kind) for kind in ("Available", "Progressing", "Failing"))
    if available == "True" and progressing == "False" and failing != "True":
        state = "Complete"
    elif failing == "True":
        state = "Failing"
    else:
        state = "Progressing" if progressing == "True" else "Unknown"
    return ClusterObject(
        kind="clusterversion",
        name=_name(version),
        state=state,
        message=_message(conditions, *(("Failing",) if failing == "True" else ()), "Progressing", "Available"),
        data={
            "available": available,
            "progressing": progressing,
            "failing": failing,
            "version": str(((version.get("status") or {}).get("desired") or {}).get("version", "")),
        },
    )


def _bootstrap_member(etcd: Mapping[str, Any]) -> ClusterObject:
    """The bootstrap's own etcd member. Versions without the condition never say that it went."""
    conditions = _conditions(etcd)
    state = {"True": "removed", "False": "present"}.get(_is(conditions, "EtcdBootstrapMemberRemoved"), "unknown")
    message = _message(conditions, "EtcdBootstrapMemberRemoved")
    return ClusterObject(kind="etcd-member", name="bootstrap", state=state, message=message)


def _approved(request: dict[str, Any]) -> dict[str, Any]:
    """The request with an Approved condition, as `oc adm certificate approve` adds it."""
    status = dict(request.get("status") or {})
    condition = {
        "type": "Approved",
        "status": "True",
        "reason": "ApprovedByInstaller",
        "message": "Approved in ocp-tui after its fields were held against the plan.",
    }
    status["conditions"] = [*(status.get("conditions") or []), condition]
    return {**request, "status": status}
