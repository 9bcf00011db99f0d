"""Where each machine is, from what can be seen of it. Before its first boot a node shows us little: what nobody saw
is `unknown`, and an answer to ping does not tell a live system from an installed one.
"""

from collections.abc import Callable

from msgspec import structs

from tui.boot.model import BoardState, Fact, NodeState, Request
from tui.text import say

_SETTLED: frozenset[BoardState] = frozenset({"joined", "ready"})
_AFTER_PING: frozenset[BoardState] = frozenset({"answers", "ssh", "installing"})


def fact_of(request: Request) -> Fact | None:
    """What a request to the file server says of a node; None for a stranger's or a refused one."""
    if not request.node or request.status not in {200, 206}:
        return None
    complete = request.ended is not None and request.sent == request.total
    return Fact(
        kind="request", node=request.node, value=request.file, time=request.ended or request.started, complete=complete
    )


def advance(state: NodeState, fact: Fact) -> NodeState:
    """The state after one fact: pure."""
    return _ADVANCE[fact.kind](state, fact)


def _to(state: NodeState, fact: Fact, name: BoardState, detail: str = "") -> NodeState:
    if state.state == name:
        return structs.replace(state, detail=detail or state.detail)
    return structs.replace(state, state=name, since=fact.time, detail=detail)


def _request(state: NodeState, fact: Fact) -> NodeState:
    if fact.value.endswith(".ign"):
        if not fact.complete:
            return state
        return _to(state, fact, "installing", _installing(state, fact.value))
    detail = say("fetches {file}", file=fact.value)
    if state.state in {"installing", "rebooting"} and fact.value in {"kernel", "boot.ipxe"}:
        detail = say("boots from the network again after installing: is the disk first in its boot order?")
    return _to(state, fact, "fetching", detail)


def _installing(state: NodeState, file: str) -> str:
    """What follows cannot be seen from here: not when the disk is written, nor how long the node asks after that."""
    if state.role == "bootstrap":
        return say("has {file}; the installer writes its disk", file=file)
    return say("has {file}; writes its disk, then asks api-int for its configuration", file=file)


def _power(state: NodeState, fact: Fact) -> NodeState:
    if fact.value == "off":
        return _to(state, fact, "off", say("its controller says it is off"))
    if state.state in {"unknown", "off"}:
        return _to(state, fact, "on", say("its controller says it is on"))
    return state


def _ping(state: NodeState, fact: Fact) -> NodeState:
    if fact.value == "yes":
        if state.state in {"unknown", "off", "on", "rebooting"}:
            detail = (
                "" if state.state == "rebooting" else say("a live system or an installed one: not to be told apart")
            )
            return _to(state, fact, "answers", detail)
        return state
    if state.state in _AFTER_PING:
        return _to(state, fact, "rebooting", say("no longer answers ping"))
    return state


def _ssh(state: NodeState, fact: Fact) -> NodeState:
    if fact.value == "yes":
        return state if state.state in _SETTLED else _to(state, fact, "ssh")
    return _to(state, fact, "rebooting", say("no longer answers SSH")) if state.state == "ssh" else state


def _machine_config(state: NodeState, fact: Fact) -> NodeState:
    if state.state in _SETTLED:
        return state
    return _to(state, fact, "rebooting", say("has its configuration from the machine config server"))


def _joined(state: NodeState, fact: Fact) -> NodeState:
    if fact.value == "yes":
        return state if state.state == "ready" else _to(state, fact, "joined")
    return _to(state, fact, "unknown", say("is no longer in the cluster")) if state.state in _SETTLED else state


def _ready(state: NodeState, fact: Fact) -> NodeState:
    if fact.value == "yes":
        return _to(state, fact, "ready")
    return _to(state, fact, "joined", say("is in the cluster and not ready")) if state.state in _SETTLED else state


_ADVANCE: dict[str, Callable[[NodeState, Fact], NodeState]] = {
    "request": _request,
    "power": _power,
    "ping": _ping,
    "ssh": _ssh,
    "machine-config": _machine_config,
    "joined": _joined,
    "ready": _ready,
}
