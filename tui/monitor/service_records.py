"""The records that a bootstrap of 4.8 and later keeps of its services: /var/log/openshift/SERVICE.json.

Each file is one JSON array of events, rewritten whole with every event, so reading it again is harmless.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from tui.lines import received
from tui.monitor.model import StageState

COMMAND = (
    "for f in /var/log/openshift/*.json; do s=${f##*/}; "
    """d=$({ cat "$f" || sudo -n cat "$f"; } 2>/dev/null | tr -d '\\n'); """
    """[ -n "$d" ] && printf '{"%s":%s}\\n' "${s%.json}" "$d"; done"""
)
"""The shell command that prints all records of a bootstrap, a line of JSON a service; nothing where there are none."""

SERVICES = ("bootkube", "crio-configure", "kubelet")
"""Services that are a stage by themselves."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What the records say of one stage now. Times: microseconds since the epoch, to the second."""

    stage: str
    state: StageState
    started: int
    ended: int | None
    attempts: int
    detail: str = ""


class _Entry(msgspec.Struct):
    timestamp: datetime
    phase: str
    stage: str = ""
    result: str = ""
    error: str = msgspec.field(name="errorMessage", default="")


def events(records: bytes) -> list[Event]:
    """The present state of each stage: from one file's array, or from what COMMAND prints.

    What is no record (a half-written line, an error text) is passed over: the next reading has it.
    """
    found: list[Event] = []
    for name, entries in _files(records):
        stages: dict[str, Event] = {}
        for entry in entries:
            kind, _, edge = entry.phase.rpartition(" ")
            stage = entry.stage if kind == "stage" else name if kind == "service" and name in SERVICES else ""
            if stage and edge in ("start", "end"):
                stages[stage] = _after(stages.get(stage), stage, entry, ended=edge == "end")
        found.extend(stages.values())
    return sorted(found, key=lambda event: event.started)


def _after(before: Event | None, stage: str, entry: _Entry, *, ended: bool) -> Event:
    time = int(entry.timestamp.replace(tzinfo=UTC).timestamp()) * 1_000_000
    attempts = before.attempts if before else 0
    if not ended:
        return Event(stage=stage, state="running", started=time, ended=None, attempts=attempts + 1)
    return Event(
        stage=stage,
        state="done" if entry.result == "success" else "failed",
        started=before.started if before else time,
        ended=time,
        attempts=max(attempts, 1),
        detail=received(entry.error).replace("\n", " / "),
    )


def _files(records: bytes) -> list[tuple[str, list[_Entry]]]:
    """(service, entries) of each array; the service is "" where only an array is given."""
    try:
        whole = msgspec.json.decode(records)
        parts: list[Any] = [whole]
    except msgspec.DecodeError:
        parts = [part for line in records.splitlines() if (part := _parsed(line)) is not None]
    files = []
    for part in parts:
        for name, entries in part.items() if isinstance(part, dict) else [("", part)]:
            try:
                files.append((name, msgspec.convert(entries, list[_Entry])))
            except msgspec.ValidationError:
                continue
    return files


def _parsed(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
