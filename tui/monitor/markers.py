"""Which stages a line speaks of: all texts of the stage table, found in one pass."""

import re
from collections.abc import Iterable
from typing import Literal

import ahocorasick
from msgspec import Struct

from tui.lines import Line
from tui.monitor.stage_table import Definition

What = Literal["start", "done", "failed", "retry", "again", "reason", "counter"]
_WHATS: tuple[What, ...] = ("start", "done", "failed", "retry", "again", "reason", "counter")

_ANY_ROLE = frozenset({"kubelet", "coreos-installer", "ignition-fetch"})
"""Units that the bootstrap shares with the other nodes: their lines say nothing without the machine's role."""

_TELLING = 12
# Newer systemd may name the unit before its description.
_UNIT_NAMED = re.compile(r"\b(Starting|Started|Finished) \S+\.service - ")


class Marker(Struct, frozen=True):
    """One text of one stage: its pieces in order (cut at "…") and what it means."""

    definition: Definition
    what: What
    pieces: tuple[str, ...]
    rank: int

    @property
    def telling(self) -> bool:
        """Whether the words alone say what it is: "Error: " does not."""
        return sum(map(len, self.pieces)) >= _TELLING

    @property
    def sure(self) -> bool:
        """Whether only a bootstrap can have said it."""
        return self.definition.where == "bootstrap" and not _ANY_ROLE.intersection(self.definition.units)


class Markers:
    """All markers of some stages."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        by_literal: dict[str, list[Marker]] = {}
        self._units: set[str] = set()
        for rank, definition in enumerate(definitions):
            self._units.update(definition.units)
            for what in _WHATS:
                for text in getattr(definition, what):
                    pieces = tuple(text.split("…"))
                    marker = Marker(definition, what, pieces, rank)
                    by_literal.setdefault(max(pieces, key=len), []).append(marker)
        self._automaton = ahocorasick.Automaton()
        for literal, markers in by_literal.items():
            self._automaton.add_word(literal, markers)
        self._automaton.make_automaton()

    def hits(self, line: Line) -> list[Marker]:
        """What the line says, in the order of the stages; each stage and meaning once."""
        text = line.text
        if ".service - " in text:
            text = _UNIT_NAMED.sub(r"\1 ", text)
        found = {
            (marker.rank, marker.what): marker
            for _, markers in self._automaton.iter(text)
            for marker in markers
            if self._from(marker.definition, line, telling=marker.telling) and _in_order(marker.pieces, text)
        }
        return [found[key] for key in sorted(found)] if len(found) > 1 else list(found.values())

    def _from(self, definition: Definition, line: Line, *, telling: bool) -> bool:
        """Whether the line may come from one of the stage's units.

        A unit we do not know may be a guess from a file's name: then who printed it counts. A bare line may be
        anybody's, so there its words have to be `telling`.
        """
        if line.unit in self._units:
            return line.unit in definition.units
        if not line.identifier:
            return telling
        return line.identifier == "systemd" or line.identifier in definition.scripts


def _in_order(pieces: tuple[str, ...], text: str) -> bool:
    position = 0
    for piece in pieces:
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True


_TEACHES = {
    "approve-csr.sh": "bootstrap",
    "bootkube.sh": "bootstrap",
    "kubelet.sh": "bootstrap",
    "node-image-pull.sh": "bootstrap",
    "release-image-download.sh": "bootstrap",
    "report-progress.sh": "bootstrap",
    "approve-csr": "bootstrap",
    "bootkube": "bootstrap",
    "progress": "bootstrap",
    "release-image": "bootstrap",
    "kubenswrapper": "node",
    "machine-config-daemon": "node",
    "machine-config-daemon-firstboot": "node",
    "machine-config-daemon-pull": "node",
}


def role_shown(line: Line, hits: list[Marker]) -> str:
    """The role that a line betrays of the machine that wrote it: "bootstrap", "node" (master or worker) or ""."""
    role = _TEACHES.get(line.identifier) or _TEACHES.get(line.unit, "")
    if role or not hits:
        return role
    if any(marker.definition.id == "node-joined" for marker in hits) or ":22623/config/" in line.text:
        return "node"
    return "bootstrap" if any(marker.sure for marker in hits) else ""
