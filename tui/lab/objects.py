"""What the lab's API holds: objects by collection, each with a resource version, and what the story does to them."""

import asyncio
import secrets
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from tui.lab.settings import DOMAIN, KUBERNETES, VERSION

Object = dict[str, Any]

NODES = ("v1", "nodes", "Node")
CONFIGMAPS = ("v1", "configmaps", "ConfigMap")
CSRS = ("certificates.k8s.io/v1", "certificatesigningrequests", "CertificateSigningRequest")
OPERATORS = ("config.openshift.io/v1", "clusteroperators", "ClusterOperator")
VERSIONS = ("config.openshift.io/v1", "clusterversions", "ClusterVersion")
ETCDS = ("operator.openshift.io/v1", "etcds", "Etcd")
ROUTES = ("route.openshift.io/v1", "routes", "Route")
PODS = ("v1", "pods", "Pod")
INFRASTRUCTURES = ("config.openshift.io/v1", "infrastructures", "Infrastructure")
COLLECTIONS = {
    plural: (version, kind)
    for version, plural, kind in (
        NODES, CONFIGMAPS, CSRS, OPERATORS, VERSIONS, ETCDS, ROUTES, PODS, INFRASTRUCTURES,
    )
}  # fmt: skip
"""Collections the API knows, by plural name: group/version and kind."""

Resource = tuple[str, str, str]


def stamp(time: int) -> str:
    """Microseconds since the epoch as the API writes times."""
    return datetime.fromtimestamp(time / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(type_: str, status: bool, since: int, reason: str = "AsExpected", message: str = "") -> dict[str, str]:
    """One condition of a status."""
    word = "True" if status else "False"
    return {"type": type_, "status": word, "lastTransitionTime": stamp(since), "reason": reason, "message": message}


class Objects:
    """Every object of the cluster, by (plural, namespace, name)."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._all: dict[tuple[str, str, str], Object] = {}
        self._version = 1000
        self._changed = asyncio.Event()
        self.log: list[tuple[int, str, Object]] = []

    @property
    def version(self) -> int:
        """The newest resource version."""
        return self._version

    def put(self, resource: Resource, name: str, body: Object, namespace: str = "") -> Object:
        """Makes or replaces an object; what does not change keeps its version."""
        version, plural, kind = resource
        key = (plural, namespace, name)
        old = self._all.get(key)
        meta = old["metadata"] if old else {"name": name, "uid": _uid(), "creationTimestamp": stamp(self._now())}
        new = {"apiVersion": version, "kind": kind, "metadata": deepcopy(meta) | body.get("metadata", {})}
        new |= {part: value for part, value in body.items() if part != "metadata"}
        if namespace:
            new["metadata"]["namespace"] = namespace
        if old is not None and _bare(old) == _bare(new):
            return old
        self._version += 1
        new["metadata"]["resourceVersion"] = str(self._version)
        self._all[key] = new
        self._tell("MODIFIED" if old else "ADDED", plural, new)
        return new

    def get(self, plural: str, name: str, namespace: str = "") -> Object | None:
        """One object."""
        return self._all.get((plural, namespace, name))

    def clear(self) -> None:
        """Forgets everything: the cluster begins anew."""
        self._all.clear()
        self.log.clear()

    def items(self, plural: str, namespace: str | None = None, name: str | None = None) -> list[Object]:
        """A collection, or the part of it in one namespace or of one name."""
        return [
            body
            for (p, ns, n), body in sorted(self._all.items())
            if p == plural and (namespace is None or ns == namespace) and (name is None or n == name)
        ]

    async def changed(self, since: int) -> None:
        """Waits until something is newer than resource version `since`."""
        while self._version <= since:
            await self._changed.wait()

    def _tell(self, kind: str, plural: str, body: Object) -> None:
        self.log.append((self._version, kind, {"plural": plural, "object": body}))
        self._changed.set()
        self._changed = asyncio.Event()

    # --- what the story says -----------------------------------------------------------------------------------

    def node(self, name: str, role: str, address: str, *, ready: bool, why: str = "") -> None:
        """A node that has registered."""
        old = self.get("nodes", name)
        since = self._since(old, "Ready", ready)
        reason = "KubeletReady" if ready else "KubeletNotReady"
        labels = {f"node-role.kubernetes.io/{role}": "", "kubernetes.io/hostname": name}
        if role == "master":
            labels["node-role.kubernetes.io/control-plane"] = ""
        self.put(
            NODES,
            name,
            {
                "metadata": {"labels": labels},
                "spec": {},
                "status": {
                    "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
                    "conditions": [condition("Ready", ready, since, reason, why or "kubelet is posting ready status")],
                    "nodeInfo": {
                        "kubeletVersion": KUBERNETES,
                        "osImage": "Red Hat Enterprise Linux CoreOS (rehearsal)",
                    },
                },
            },
        )

    def operator(
        self, name: str, *, available: bool, progressing: bool, degraded: bool = False, message: str = ""
    ) -> None:
        """A cluster operator's conditions."""
        old = self.get("clusteroperators", name)
        conditions = [
            condition(kind, status, self._since(old, kind, status), message=message)
            for kind, status in (
                ("Available", available),
                ("Progressing", progressing),
                ("Degraded", degraded),
                ("Upgradeable", True),
            )
        ]
        versions = [{"name": "operator", "version": VERSION}] if available else []
        self.put(OPERATORS, name, {"spec": {}, "status": {"conditions": conditions, "versions": versions}})

    def cluster_version(self, *, done: bool, message: str, failing: str = "") -> None:
        """How far the release has been applied."""
        old = self.get("clusterversions", "version")

        def told(kind: str, status: bool, text: str) -> dict[str, str]:
            return condition(kind, status, self._since(old, kind, status), message=text)

        conditions = [
            told("Available", done, f"Done applying {VERSION}" if done else ""),
            told("Progressing", not done, f"Cluster version is {VERSION}" if done else message),
            told("Failing", bool(failing), failing),
        ]
        history = [{"state": "Completed" if done else "Partial", "version": VERSION, "verified": False}]
        self.put(
            VERSIONS,
            "version",
            {
                "spec": {"channel": "stable-4.18", "clusterID": "00000000-0000-4000-8000-000000000000"},
                "status": {"conditions": conditions, "desired": {"version": VERSION}, "history": history},
            },
        )

    def etcd(self, *, members: int, bootstrap_removed: bool) -> None:
        """The etcd operator's word on its members."""
        old = self.get("etcds", "cluster")
        removed = self._since(old, "EtcdBootstrapMemberRemoved", bootstrap_removed)
        available = condition("EtcdMembersAvailable", True, self._now(), message=f"{members} members are available")
        conditions = [condition("EtcdBootstrapMemberRemoved", bootstrap_removed, removed), available]
        if old is None or bootstrap_removed or members:
            self.put(ETCDS, "cluster", {"spec": {}, "status": {"conditions": conditions}})

    def console(self) -> None:
        """The console's route and the certificate that routes carry."""
        host = f"console-openshift-console.apps.{DOMAIN}"
        admitted = {"host": host, "conditions": [condition("Admitted", True, self._now())]}
        body = {"spec": {"host": host}, "status": {"ingress": [admitted]}}
        self.put(ROUTES, "console", body, "openshift-console")

    def _since(self, old: Object | None, kind: str, status: bool) -> int | Any:
        word = "True" if status else "False"
        for known in old["status"]["conditions"] if old else []:
            if known["type"] == kind and known["status"] == word:
                return int(datetime.fromisoformat(known["lastTransitionTime"]).timestamp() * 1e6)
        return self._now()


def _uid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _bare(body: Object) -> Object:
    copy = deepcopy(body)
    copy["metadata"].pop("resourceVersion", None)
    return copy
