"""What is served to nodes and what is known of them before they answer, as data."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from tui.plan.model import Role

BoardState = Literal["unknown", "off", "on", "fetching", "installing", "rebooting", "answers", "ssh", "joined", "ready"]
FactKind = Literal["request", "power", "ping", "ssh", "machine-config", "joined", "ready"]


class Request(Struct, frozen=True, kw_only=True):
    """One request to the file server; told when it begins (`ended` None), now and then while it runs, and at its end.

    `id` is the same for all three. `node` is "" for an address that is in no plan. `sent` and `total` are bytes of
    the body; times are microseconds since the epoch, UTC. `why` says why it was refused.
    """

    id: int
    node: str
    address: str
    file: str
    status: int
    sent: int
    total: int
    started: int
    ended: int | None = None
    why: str = ""


Told = Callable[[Request], None]


class Fact(Struct, frozen=True, kw_only=True):
    """One thing seen of a node. `value` is a file's name, "on"/"off", "yes"/"no" or a word of the API's."""

    kind: FactKind
    node: str
    value: str
    time: int
    complete: bool = True


class NodeState(Struct, frozen=True, kw_only=True):
    """Where a node is, as far as can be seen from the bastion. `since` is None while nothing was seen."""

    node: str
    role: Role
    state: BoardState = "unknown"
    since: int | None = None
    detail: str = ""
