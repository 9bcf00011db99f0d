"""What the monitor knows, as data."""

from typing import Literal

from msgspec import Struct

StageState = Literal["waiting", "running", "done", "failed", "skipped", "unknown"]


class Stage(Struct, frozen=True, kw_only=True):
    """One step of the bootstrap or of a node. Times are microseconds since the epoch, UTC.

    `node` is "" for the bootstrap's own and the cluster's stages. `usual` is the usual length in seconds, None unknown.
    """

    id: str
    title: str
    node: str = ""
    state: StageState = "waiting"
    started: int | None = None
    ended: int | None = None
    attempts: int = 0
    usual: int | None = None
    detail: str = ""


class ClusterObject(Struct, frozen=True, kw_only=True):
    """What the API said of one thing: kind is "node", "csr", "operator", "clusterversion" or "etcd-member".

    `state` is one word for the table; `message` the API's own sentence; `seen` microseconds since the epoch.
    """

    kind: str
    name: str
    state: str
    message: str = ""
    seen: int = 0
    data: dict[str, str] = {}


LinkState = Literal["connecting", "following", "lost", "refused"]


class NodeLink(Struct, frozen=True, kw_only=True):
    """How the line to one node stands. `refused`: it answers, but a person has to do something before we may in.

    `kind` is the machine-readable cause (`tui.links.ssh.Kind`, or "journal"), `reason` the sentence for the person.
    `retry` is when the next try comes, None while connected or trying. Times are microseconds since the epoch, UTC.
    """

    node: str
    state: LinkState
    kind: str = ""
    reason: str = ""
    since: int = 0
    retry: int | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """What one round of questions to the cluster's API brought.

    `bootstrap_status` is the status in ConfigMap kube-system/bootstrap ("" while there is none).
    `unknown` names each part that could not be asked ("nodes", "csrs", "operators", "clusterversion", "bootstrap",
    "etcd") with the reason in words; objects of such a part are absent, which says nothing about them.
    """

    objects: list[ClusterObject]
    bootstrap_status: str = ""
    unknown: dict[str, str] = {}
    api_up: bool = False
    taken: int = 0
