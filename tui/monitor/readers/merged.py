"""Several sources as one, by time: what the lines of one mean may depend on what another printed before."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

from tui.lines import Line

_LINES_A_BATCH = 2000
_NEVER = -1
"""The time of a line before which no line of its source has one: such sources go first."""


class Feed(Struct, frozen=True):
    """A source: when its first line was printed (None: it does not say), and how to begin reading it."""

    first: int | None
    begin: Callable[[], Iterator[list[Line]]]


class _Open:
    """A source being read: a block of its lines, each with the time by which it is sorted in, and its place there.

    Lines keep their source's order: one that is older than those before it, or says nothing, counts as old as they.
    """

    def __init__(self, blocks: Iterator[list[Line]]) -> None:
        self._blocks = blocks
        self.lines: list[Line] = []
        self.times: list[int] = []
        self.at = 0

    def more(self) -> bool:
        """Whether there is a line left; reads the next block where it must."""
        newest = self.times[-1] if self.times else _NEVER
        while self.at == len(self.lines):
            block = next(self._blocks, None)
            if block is None:
                return False
            times = (_NEVER if line.time is None else line.time for line in block)
            self.lines, self.times, self.at = block, list(accumulate(times, max, initial=newest))[1:], 0
        return True

    def taken(self, end: int) -> list[Line]:
        """The lines up to that place."""
        lines = self.lines[self.at : end]
        self.at = end
        return lines


def merged(feeds: Sequence[Feed]) -> Iterator[list[Line]]:
    """All lines by time, equal ones in the sources' order; a source is begun when its first line's turn comes."""
    turns = [(_NEVER if feed.first is None else feed.first, number) for number, feed in enumerate(feeds)]
    heapq.heapify(turns)
    begun: dict[int, _Open] = {}
    lines: list[Line] = []
    while turns:
        _, number = heapq.heappop(turns)
        if number not in begun:
            begun[number] = _Open(feeds[number].begin())
        source = begun[number]
        if not source.more():
            del begun[number]
            continue
        if not turns:
            end = len(source.lines)
        else:
            time, other = turns[0]
            end = (bisect_right if number < other else bisect_left)(source.times, time, source.at)
        lines += source.taken(end)
        if source.more():
            heapq.heappush(turns, (source.times[source.at], number))
        else:
            del begun[number]
        if len(lines) >= _LINES_A_BATCH:
            yield lines
            lines = []
    if lines:
        yield lines
