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
