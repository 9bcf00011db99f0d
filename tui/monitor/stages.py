"""How far an installation got, from its journals: lines in, stages out.

Nothing here needs lines in order: a stage is done when something says so or when a later one started, and what arrives
late fills in the times. "Start", "done" and the like are the texts of `tui.monitor.stage_table`.
"""

import re
from collections.abc import Iterable

import msgspec

from tui.lines import Line
from tui.monitor.markers import Marker, Markers, role_shown
from tui.monitor.model import Stage, StageState
from tui.monitor.service_records import Event, events
from tui.monitor.stage_memory import Known, Memory, short
from tui.monitor.stage_table import CLUSTER, NODE, Definition, bootstrap_order

_MOST_HELD = 50
_SECOND = 1_000_000
_COUNTER = re.compile(r"restart counter is at (\d{1,6})")
_POD_STATUS = re.compile(r"Pod Status:\S+/(\S+)\s+(\w+)")


class Tracker:
    """Keeps the stages of one installation. `roles` maps node names to "bootstrap", "master" or "worker"."""

    def __init__(self, version: str, roles: dict[str, str], snapshot: bytes = b"") -> None:
        self._version = _parsed(version)
        self._order = (*bootstrap_order(self._version), *CLUSTER)
        self._definitions = {definition.id: definition for definition in (*self._order, *NODE)}
        self._markers = Markers(self._definitions.values())
        self._roles = dict(roles)
        self._by_label = {name.split(".")[0]: name for name in roles}
        self._known = msgspec.msgpack.decode(snapshot, type=Known) if snapshot else Known()
        self._touched: dict[tuple[str, str], None] = {}
        self._shown = {(stage.id, stage.node): stage for stage in self.stages()}

    def feed(self, lines: Iterable[Line]) -> list[Stage]:
        """Takes lines in and gives the stages that changed by them."""
        for line in lines:
            if not line.twin:
                self._take(line)
        return self._changed()

    def record(self, node: str, records: bytes) -> list[Stage]:  # noqa: ARG002
        """Takes in the bootstrap's service records (`tui.monitor.service_records`) and gives what changed."""
        for event in events(records):
            self._recorded(event)
        return self._changed()

    def note(self, stage_id: str, node: str, state: StageState, time: int | None, detail: str = "") -> list[Stage]:
        """Takes in a fact from elsewhere: the API, the board of booted nodes, wait-for. Unknown ids are KeyErrors.

        Said again it changes nothing, so it may be said with every poll.
        """
        definition = self._definitions[stage_id]
        memory = self._memory(stage_id, node)
        if memory.state == state and not memory.implied:
            memory.detail = detail
            return self._changed()
        if state == "running":
            self._start(definition, node, time)
        elif state == "done":
            self._done(definition, node, time)
        elif state == "failed":
            self._fail(definition, node, time, detail)
        memory.ended = None if state == "running" else memory.ended
        memory.state, memory.detail, memory.implied = state, detail, False
        return self._changed()

    def stages(self) -> list[Stage]:
        """Every stage in the usual order: the bootstrap's, the cluster's, then each node's."""
        stages = [self._stage(definition, "") for definition in self._order]
        for node in self._nodes():
            stages.extend(self._stage(definition, node) for definition in NODE)
        return stages

    def snapshot(self) -> bytes:
        """All that was learnt, for a Tracker of the same version and roles to go on with."""
        return msgspec.msgpack.encode(self._known)

    # What is shown.

    def _stage(self, definition: Definition, node: str) -> Stage:
        memory = self._known.stages.get((definition.id, node)) or Memory()
        absent = memory.state == "waiting" and not self._has(definition)
        return Stage(
            id=definition.id,
            title=definition.title,
            node=node,
            state="skipped" if absent else memory.state,
            started=memory.started,
            ended=memory.ended,
            attempts=memory.attempts,
            usual=definition.usual,
            detail=memory.detail,
        )

    def _has(self, definition: Definition) -> bool:
        return self._version is None or definition.since <= self._version < definition.before

    def _nodes(self) -> list[str]:
        planned = [name for name, role in self._roles.items() if role != "bootstrap"]
        return planned + sorted({node for _, node in self._known.stages} - {"", *planned})

    def _changed(self) -> list[Stage]:
        changed = []
        for key in self._touched:
            stage = self._stage(self._definitions[key[0]], key[1])
            if self._shown.get(key) != stage:
                self._shown[key] = stage
                changed.append(stage)
        self._touched.clear()
        return changed

    # Who speaks.

    def _take(self, line: Line) -> None:
        hits = self._markers.hits(line)
        node = self._named(line)
        place = f"{line.source}\n{node}"
        role = self._role(node, place, line, hits)
        if line.boot and self._known.boots.get(place) != line.boot:
            self._booted(place, node, role, line)
            role = self._role(node, place, line, hits)
        for hit in hits:
            if hit.definition.where == "cluster" or hit.sure:
                self._apply(hit, "", line)
            elif not role:
                self._hold(place, line)
                return
            elif (hit.definition.where == "bootstrap") == (role == "bootstrap"):
                self._apply(hit, "" if role == "bootstrap" else node, line)

    def _role(self, node: str, place: str, line: Line, hits: list[Marker]) -> str:
        """What the machine is: as planned, else as it showed. A single node is its own bootstrap until it reboots."""
        planned, shown = self._roles.get(node, ""), self._known.roles.get(place, "")
        if shown or planned not in ("", "master"):
            return shown or planned
        shows = role_shown(line, hits)
        if shows == "bootstrap" or (shows and not planned):
            self._known.roles[place] = shows
            for held in self._known.held.pop(place, []):
                self._take(held)
            return shows
        return planned

    def _hold(self, place: str, line: Line) -> None:
        held = self._known.held.setdefault(place, [])
        if len(held) < _MOST_HELD:
            held.append(line)

    def _named(self, line: Line) -> str:
        """The plan's name of the node that wrote a line, else the name it gives itself, else its source's."""
        if line.node in self._roles:
            return line.node
        return self._by_label.get(line.node.split(".")[0]) or line.node or line.source or "?"

    def _booted(self, place: str, node: str, role: str, line: Line) -> None:
        """A boot id not seen before: where it is not the first, the machine has rebooted."""
        first = place not in self._known.boots
        self._known.boots[place] = line.boot
        if first:
            return
        where = "" if role == "bootstrap" else node
        if node in self._roles:
            self._known.roles.pop(place, None)
        self._known.runs[where] = self._run(where) + 1
        reboot = self._known.stages.get(("node-reboot", where))
        if reboot is not None and reboot.state == "running":
            self._done(self._definitions["node-reboot"], where, line.time)

    def _run(self, node: str) -> int:
        return self._known.runs.get(node, 0)

    # What is said.

    def _apply(self, hit: Marker, node: str, line: Line) -> None:
        definition, time = hit.definition, line.time
        if hit.what == "start":
            self._start(definition, node, time)
        elif hit.what == "done":
            self._done(definition, node, time)
        elif hit.what == "failed":
            self._fail(definition, node, time, self._known.reason if definition.id == "bootkube" else line.text)
        elif hit.what == "reason":
            self._known.reason = line.text
        elif hit.what == "counter":
            self._count(definition, node, line.text)
        else:
            self._try_again(hit, node, line)
        if definition.id == "cb-control-plane" and hit.what == "start":
            self._pods(line.text)

    def _start(self, definition: Definition, node: str, time: int | None) -> None:
        memory = self._memory(definition.id, node)
        if memory.implied and memory.ended and time and time <= memory.ended:
            memory.started, memory.attempts, memory.run = time, max(memory.attempts, 1), self._run(node)
            return
        echo = memory.run == self._run(node) and memory.attempts > 0
        if (time and time == memory.started) or (echo and memory.state in ("running", "done") and not definition.anew):
            return
        if definition.id == "bootkube":
            self._interrupt(definition, time)
            self._known.runs[node] = self._run(node) + 1
            self._known.reason = ""
        if definition.anew or not echo:
            memory.attempts += 1
            memory.started = time
        memory.state, memory.ended, memory.implied, memory.detail = "running", None, False, ""
        memory.run = self._run(node)
        if definition.where != "cluster":  # wait-for begins to wait for a thing long before the thing begins
            self._pass_earlier(definition, node, time)
            self._overtake(definition, node, time)

    def _done(self, definition: Definition, node: str, time: int | None) -> None:
        memory = self._memory(definition.id, node)
        echo = memory.run == self._run(node) and memory.attempts > 0
        if memory.state == "done" and echo and not memory.implied:
            return
        if memory.state != "running" and not echo:
            memory.attempts += 1
            memory.started = None
        memory.state, memory.ended, memory.implied, memory.detail = "done", time, False, ""
        memory.run = self._run(node)
        for inner in self._order:
            if definition.id in self._around(inner):
                self._imply(inner, node, time)
        self._pass_earlier(definition, node, time)
        if definition.id == "report-bootstrap-complete":
            # From 4.18 on the bootstrap's etcd member has to go as well: wait-for and the API tell of that.
            last = self._definitions["bootstrap-complete"]
            (self._done if self._version and self._version < (4, 18) else self._start)(last, "", time)

    def _fail(self, definition: Definition, node: str, time: int | None, detail: str) -> None:
        memory = self._memory(definition.id, node)
        gave_up = definition.where == "cluster"  # a wait-for did, which neither undoes nor begins anything
        if memory.state == "failed" or (gave_up and memory.state == "done"):
            return
        memory.attempts = max(memory.attempts, 1)
        memory.state, memory.ended, memory.implied = "failed", time, False
        memory.detail, memory.run = short(detail), self._run(node)
        self._interrupt(definition, time)
        if definition.inside == "cb-bootstrap":
            self._fail(self._definitions["cb-bootstrap"], node, time, detail)
        if not gave_up:
            self._pass_earlier(definition, node, time)

    def _try_again(self, hit: Marker, node: str, line: Line) -> None:
        """`retry`: it failed and is tried anew. `again`: it goes on, whatever was said before."""
        memory = self._memory(hit.definition.id, node)
        further = hit.what == "retry" or (memory.attempts > 0 and memory.run != self._run(node))
        memory.attempts = max(memory.attempts, 1) + further
        memory.started = memory.started or line.time
        memory.implied, memory.run = False, self._run(node)
        if hit.what == "retry":
            memory.state, memory.ended = "failed", line.time
            memory.detail = memory.detail or short(line.text)
        else:
            memory.state, memory.ended, memory.detail = "running", None, short(line.text)
        self._pass_earlier(hit.definition, node, line.time)

    def _count(self, definition: Definition, node: str, text: str) -> None:
        """systemd's restart counter stands at N when the Nth attempt is over, whether we saw them all or not."""
        if found := _COUNTER.search(text):
            memory = self._memory(definition.id, node)
            memory.attempts = max(memory.attempts, int(found[1]))

    def _interrupt(self, enclosing: Definition, time: int | None) -> None:
        """What ran inside something that ended badly has failed with it."""
        for definition in self._order:
            memory = self._known.stages.get((definition.id, ""))
            if enclosing.id in self._around(definition) and memory is not None and memory.state == "running":
                memory = self._memory(definition.id, "")
                memory.state, memory.ended = "failed", time
                memory.detail = memory.detail or short(self._known.reason)

    def _pass_earlier(self, definition: Definition, node: str, time: int | None) -> None:
        """What comes before a stage that has begun is over; what encloses it has begun."""
        around = self._around(definition)
        for earlier in NODE if node else self._order:
            if earlier.id == definition.id:
                return
            if earlier.id not in around:
                self._imply(earlier, node, time)
            elif self._known.stages.get((earlier.id, node), Memory()).state == "waiting":
                enclosing = self._memory(earlier.id, node)
                enclosing.state, enclosing.attempts, enclosing.run = "running", 1, self._run(node)

    def _overtake(self, definition: Definition, node: str, time: int | None) -> None:
        """A start that comes to our ears late is over if something later has begun since."""
        order = NODE if node else self._order
        for later in order[order.index(definition) + 1 :]:
            memory = self._known.stages.get((later.id, node))
            begun = memory.started if memory is not None else None
            if begun and time and begun > time and definition.id not in self._around(later):
                self._imply(definition, node, begun)
                return

    def _around(self, definition: Definition) -> set[str]:
        around = set()
        while definition.inside:
            around.add(definition.inside)
            definition = self._definitions[definition.inside]
        return around

    def _imply(self, definition: Definition, node: str, time: int | None) -> None:
        """Takes a stage for done because a later one began; an optional one that left no trace was skipped."""
        memory = self._known.stages.get((definition.id, node)) or Memory()
        newest = memory.ended or memory.started
        late = newest is not None and time is not None and newest > time
        kept = memory.state == "failed" and (definition.advisory or definition.parallel)
        if memory.state in ("done", "skipped") or late or kept or not (memory.attempts or self._has(definition)):
            return
        memory = self._memory(definition.id, node)
        memory.run = self._run(node)
        if definition.id == "bootstrap-removed":
            memory.state = "unknown"
        elif definition.optional and not memory.attempts:
            memory.state = "skipped"
        else:
            memory.state, memory.ended, memory.implied, memory.detail = "done", time, True, ""

    def _pods(self, text: str) -> None:
        """The control plane's pods as cluster-bootstrap lists them, for the stage's detail."""
        if found := _POD_STATUS.search(text):
            self._known.pods[found[1]] = found[2]
            pods = ", ".join(f"{pod} {state}" for pod, state in sorted(self._known.pods.items()))
            self._memory("cb-control-plane", "").detail = pods

    def _recorded(self, event: Event) -> None:
        """A service record: its counts are exact, its times to the second; newer news from the journal stay."""
        stage = _RECORD_NAMES.get(event.stage, event.stage)
        if stage not in self._definitions:
            return
        memory = self._memory(stage, "")
        memory.attempts = max(memory.attempts, event.attempts)
        newest, said = memory.ended or memory.started, event.ended or event.started
        if newest is not None and not memory.implied and (memory.state == event.state or newest > said + _SECOND):
            return
        memory.state, memory.started, memory.ended = event.state, event.started, event.ended
        memory.implied, memory.detail, memory.run = False, short(event.detail), self._run("")
        self._pass_earlier(self._definitions[stage], "", event.started)

    def _memory(self, id_: str, node: str) -> Memory:
        """The memory of a stage that is about to change. A node not seen before shows all its stages at once."""
        if node and (id_, node) not in self._shown:
            self._touched.update(((definition.id, node), None) for definition in NODE)
        self._touched[id_, node] = None
        return self._known.stages.setdefault((id_, node), Memory())


_RECORD_NAMES = {"pull-release-image": "release-image"}
"""Record names that are not stage ids themselves."""


def _parsed(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None
