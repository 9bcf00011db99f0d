"""Which machine speaks: while it boots its printed name changes, from localhost to what its address means."""

import re

_LOCAL = re.compile(r"localhost(\.|$)")
_EVERYWHERE = ("", "1")
"""Process ids that say nothing about a machine."""


class Machines:
    """One source's host names -> nodes. `fixed` is the node where the source's place tells it ("" it does not).

    A name that is new belongs to the machine that spoke before it, where one of the two names is localhost, or where a
    process that spoke under the name before (identifier and pid) goes on under the new one and the old name is silent.
    `name` is the machine known first.
    """

    def __init__(self, fixed: str = "") -> None:
        self.name = fixed
        self._fixed = fixed
        self._nodes: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._voices: dict[tuple[str, str], str] = {}
        self._last = ("", "", "")
        self._changed = False

    def node(self, host: str, identifier: str, pid: str) -> str:
        """The node of a line that this process printed under this host name."""
        if self._fixed or not host:
            return self.name
        if (host, identifier, pid) != self._last:
            self._hear(host, identifier, pid)
            self._last = (host, identifier, pid)
        return self._nodes[host]

    def learnt(self) -> bool:
        """Whether lines so far would be given to other nodes by now: then they are worth reading again.

        The names heard so far are settled by that.
        """
        self._before = {}
        self._last = ("", "", "")
        changed, self._changed = self._changed, False
        return changed

    def _hear(self, host: str, identifier: str, pid: str) -> None:
        last = self._last[0]
        if host not in self._nodes:
            self._nodes[host], self._before[host] = host, last
            self.name = self.name or host
            if last and (_LOCAL.match(last) or _LOCAL.match(host)):
                self._join(last, host)
        elif host != last:
            self._return(host)
        if pid not in _EVERYWHERE:
            earlier = self._voices.get((identifier, pid), host)
            self._voices[identifier, pid] = host
            if earlier != host and earlier == self._before.get(host):
                self._join(earlier, host)

    def _return(self, host: str) -> None:
        """A name that is heard again was not given up: what was taken for its successor is another machine."""
        for other in [other for other, before in self._before.items() if before == host]:
            self._before[other] = ""
            if self._nodes[other] == self._nodes[host] and not _LOCAL.match(host):
                self._nodes[other] = other
                self._changed = True

    def _join(self, one: str, other: str) -> None:
        names = self._nodes[one], self._nodes[other]
        if names[0] == names[1]:
            return
        name = names[1] if _LOCAL.match(names[0]) else names[0]
        self._nodes = {host: name if node in names else node for host, node in self._nodes.items()}
        self.name = name if self.name in names else self.name
        self._changed = True
