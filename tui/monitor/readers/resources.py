"""The cluster's objects in a bundle, as lines: what operators, nodes, pods, requests and events said, and when.

`openshift-install gather bootstrap` keeps lists as JSON (`resources/pods.json`), `oc adm must-gather` objects and lists
as YAML. Their words are put as the installer and `oc` print them, for that is what rules know.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, field

from tui.lines import Line, received
from tui.plan.strict_yaml import MOST_LEVELS
from tui.text import say

WANTED = re.compile(
    r"/resources/(?:clusteroperators|clusterversion|csr|events|machineconfigpools|nodes|pods)\.json(?:\.gz)?$"
    r"|/cluster-scoped-resources/(?:config\.openshift\.io/cluster(?:operators|versions)|core/nodes"
    r"|certificates\.k8s\.io/certificatesigningrequests|machineconfiguration\.openshift\.io/machineconfigpools)"
    r"(?:/[^/]+)?\.yaml$"
    r"|/namespaces/[^/]+/(?:core/(?:events|pods)|pods/([^/]+)/\1)\.yaml$"
)
"""Paths in bundles of what is read here; other objects tell no state."""
_BEGINS = re.compile(rb'\s*\{\s*\}\s*$|\s*\{\s*"(?:apiVersion|items|kind)"\s*:|(?:---\s*)?(?:apiVersion|kind): ?\S')
_LARGEST_JSON, _LARGEST_YAML = 64 << 20, 8 << 20
_TOO_DEEP = say("It is nested too deep for objects of a cluster.")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ILL = {
    "ClusterOperator": {"Degraded": "True", "Available": "False", "Progressing": "True"},
    "ClusterVersion": {"Failing": "True", "Available": "False"},
    "MachineConfigPool": {"Degraded": "True", "NodeDegraded": "True", "RenderDegraded": "True"},
    "Node": {"MemoryPressure": "True", "DiskPressure": "True", "PIDPressure": "True", "NetworkUnavailable": "True"},
}
"""The states of conditions that say something; of a node also anything but Ready."""
_PRINTED_AS = {"ClusterOperator": "Cluster operator", "ClusterVersion": "Cluster version"}


class _Condition(Struct, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class _State(Struct, rename="camel"):
    reason: str | None = None
    message: str | None = None
    exit_code: int = 0
    finished_at: str | None = None


class _States(Struct):
    waiting: _State | None = None
    terminated: _State | None = None


class _Container(Struct, rename="camel"):
    name: str = ""
    state: _States = field(default_factory=_States)
    last_state: _States = field(default_factory=_States)
    restart_count: int = 0


class _Status(Struct, rename="camel"):
    conditions: list[_Condition] | None = None
    container_statuses: list[_Container] | None = None
    init_container_statuses: list[_Container] | None = None


class _Spec(Struct, rename="camel"):
    node_name: str | None = None
    signer_name: str | None = None
    username: str | None = None


class _Meta(Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    creation_timestamp: str | None = None


class _From(Struct):
    component: str | None = None
    host: str | None = None


class _About(Struct):
    kind: str = ""
    name: str = ""


class _Thing(Struct, rename="camel"):
    """An object, or a list of them, or an event: the fields of all that are looked at."""

    kind: str = ""
    metadata: _Meta = field(default_factory=_Meta)
    spec: _Spec = field(default_factory=_Spec)
    status: _Status = field(default_factory=_Status)
    items: list["_Thing"] = field(default_factory=list)
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    count: int | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    source: _From | None = None
    involved_object: _About = field(default_factory=_About)


_decoder = msgspec.json.Decoder(_Thing, strict=False)


class NotResources(Exception):
    """The content is not what it seemed; its text says why."""


def is_resources(head: bytes) -> bool:
    """Whether a file that begins so holds objects of a cluster."""
    return _BEGINS.match(head) is not None


def lines_of(data: bytes, source: str) -> list[Line]:
    """What these objects say, by time; `number` is the object's place in the file. Raises NotResources."""
    lines = []
    for number, thing in enumerate(_things(_decoded(data)), 1):
        for time, node, text in _said(thing):
            lines.append(Line(text=received(text), time=time, node=node, source=source, number=number))
    return sorted(lines, key=lambda line: line.time or 0)


def _decoded(data: bytes) -> _Thing:
    packed = data.lstrip()[:1] == b"{"
    if len(data) > (_LARGEST_JSON if packed else _LARGEST_YAML):
        raise NotResources(say("Too large to be looked through."))
    try:
        return _decoder.decode(data) if packed else msgspec.convert(_yaml(data), _Thing, strict=False)
    except msgspec.MsgspecError as error:
        raise NotResources(say("Not objects of a cluster: {reason}.", reason=error)) from None
    except RecursionError:
        raise NotResources(_TOO_DEEP) from None


def _yaml(data: bytes) -> Any:
    """Every scalar as text; the shapes above say what it is."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        _guard(yaml.parse(data, loader))
        return yaml.load(data, loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise NotResources(say("Not YAML: {reason}.", reason=str(error).splitlines()[0])) from None


def _guard(events: Iterator[Any]) -> None:
    """The C loader crashes on deep nesting, and an alias may stand for a billion values: `oc` writes neither."""
    from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        if isinstance(event, AliasEvent):
            raise NotResources(say("It has aliases, which no object of a cluster is written with."))
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MOST_LEVELS:
            raise NotResources(_TOO_DEEP)


def _things(thing: _Thing) -> Iterator[_Thing]:
    if not thing.items:
        yield thing
    for each in thing.items:
        each.kind = each.kind or thing.kind.removesuffix("List")
        yield each


def _said(thing: _Thing) -> Iterator[tuple[int | None, str, str]]:
    """(time, node, words) of all that the object says."""
    match thing.kind:
        case "Event":
            yield _event(thing)
        case "Pod":
            yield from _pod(thing)
        case "CertificateSigningRequest":
            yield from _request(thing)
        case "Node" | "ClusterOperator" | "ClusterVersion" | "MachineConfigPool":
            yield from _conditions(thing)


def _conditions(thing: _Thing) -> Iterator[tuple[int | None, str, str]]:
    node = thing.metadata.name if thing.kind == "Node" else ""
    for condition in thing.status.conditions or ():
        ill = _ILL[thing.kind].get(condition.type) == condition.status
        if ill or (thing.kind == "Node" and condition.type == "Ready" and condition.status != "True"):
            who = f"{_PRINTED_AS.get(thing.kind, thing.kind)} {thing.metadata.name}"
            why = f" with {condition.reason}: {condition.message}" if condition.reason else f": {condition.message}"
            yield _time(condition.last_transition_time), node, f"{who} {condition.type} is {condition.status}{why}"


def _event(event: _Thing) -> tuple[int | None, str, str]:
    """As `oc describe` prints it."""
    came = event.source or _From()
    times = f" (x{event.count})" if (event.count or 0) > 1 else ""
    about = f"{event.involved_object.kind.lower()}/{event.involved_object.name}"
    when = event.last_timestamp or event.event_time or event.first_timestamp or event.metadata.creation_timestamp
    words = f"{event.type or ''}  {event.reason or ''}  {about}{times}  {came.component or ''}  {event.message or ''}"
    return _time(when), came.host or "", words


def _pod(pod: _Thing) -> Iterator[tuple[int | None, str, str]]:
    """Why containers wait or ended, and why the pod is nowhere."""
    node, name = pod.spec.node_name or "", f"pod {pod.metadata.namespace}/{pod.metadata.name}"
    changed = [_time(condition.last_transition_time) or 0 for condition in pod.status.conditions or ()]
    when = max(changed, default=0) or _time(pod.metadata.creation_timestamp)
    for condition in pod.status.conditions or ():
        if condition.type == "PodScheduled" and condition.status == "False":
            yield _time(condition.last_transition_time), node, f"FailedScheduling {name}: {condition.message}"
    for container in [*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ())]:
        who = f"{name} container {container.name}"
        waiting = container.state.waiting
        if waiting and waiting.reason not in (None, "ContainerCreating", "PodInitializing"):
            yield when, node, f"{who}: {waiting.reason}: {waiting.message or ''}"
        for ended in (container.last_state.terminated, container.state.terminated):
            if ended and ended.exit_code:
                at = _time(ended.finished_at) or when
                yield from ((at, node, f"{who}: {line}") for line in (ended.message or "").splitlines() if line.strip())
                yield at, node, f"{who} terminated: {ended.reason or 'Error'}, exit code {ended.exit_code}"


def _request(request: _Thing) -> Iterator[tuple[int | None, str, str]]:
    """A request that waits, as `oc get csr` shows it; its age is counted when it was gathered, so none is known."""
    if not request.status.conditions:
        signer, who = request.spec.signer_name or "", request.spec.username or ""
        yield _time(request.metadata.creation_timestamp), "", f"{request.metadata.name}   {signer}   {who}   Pending"


def _time(text: str | None) -> int | None:
    """Microseconds since the epoch of "2021-07-05T05:38:02Z"; None where there is no such time."""
    try:
        return (datetime.fromisoformat(text or "") - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, TypeError):
        return None
