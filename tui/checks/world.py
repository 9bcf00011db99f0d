"""What one run of the checks shares: the plan, the phase, the secrets, and answers that several checks use."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar, cast

from msgspec import Struct

from tui.checks.known import STEP
from tui.checks.model import Finding, Phase, Result
from tui.links.arp import PINGS_AT_ONCE
from tui.links.dns import Answer, NameServer
from tui.plan.endpoints import cluster_domain, endpoint, families
from tui.plan.model import Plan
from tui.text import say

T = TypeVar("T")
Secret = Callable[[str], bytes]


class World:
    """One run's view of the world. Ask each thing once through `once`; `close` ends what is still open."""

    def __init__(
        self,
        plan: Plan,
        phase: Phase,
        secret: Secret,
        directory: Path | None = None,
        told: Mapping[tuple[str, str, str], Answer] | None = None,
    ) -> None:
        """`told` are the answers of name servers as heard elsewhere: then none is asked from here."""
        self.plan, self.phase, self.secret, self.directory = plan, phase, secret, directory
        self.pings = asyncio.Semaphore(PINGS_AT_ONCE)
        self._told = told
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}
        self._servers: dict[str, NameServer] = {}

    async def once(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer to `key`, asked by whoever comes first; a caller that gives up does not take it from the rest."""
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(ask())
        return cast("T", await asyncio.shield(task))

    def name_server(self, address: str) -> NameServer:
        """The name server at this address of the plan, wherever it really answers."""
        if address not in self._servers:
            self._servers[address] = NameServer(*endpoint(self.plan, address, 53))
        return self._servers[address]

    async def lookup(self, server: str, name: str, kind: str = "A") -> Answer:
        """What this name server says; once it has proved silent it is not waited for again."""
        if self._told is not None:
            return self._told.get((server, name, kind), Answer(kind="other", detail=say("it was not asked there")))
        probe = probe_name(self.plan)
        first = await self.once(("dns", server, probe, "A"), lambda: self.name_server(server).ask(probe))
        if first.silent:
            return first
        return await self.once(("dns", server, name, kind), lambda: self.name_server(server).ask(name, kind))

    async def find(self, server: str, name: str, kinds: tuple[str, ...]) -> Answer:
        """What this name server says to the first of these record types that it has, else to the first one."""
        first = await self.lookup(server, name, kinds[0])
        for kind in kinds[1:]:
            if first.kind == "empty" and (other := await self.lookup(server, name, kind)).kind == "answer":
                return other
        return first

    def text_secret(self, name: str) -> str | None:
        """A secret without its final newline; "" where the plan names none, None where it is not there."""
        if not name:
            return ""
        try:
            return self.secret(name).decode().rstrip("\n") or None
        except (OSError, KeyError, ValueError):
            return None

    async def locate(self, host: str, port: int) -> tuple[str, int]:
        """Where host and port are to be contacted: the plan's override, else the address its name servers give."""
        place = endpoint(self.plan, host, port)
        if place != (host, port) or is_address(host):
            return place
        return await self._first_address(host) or host, port

    async def _first_address(self, host: str) -> str:
        """The first address that any name server gives, so that a silent one holds nobody up; "" where none does."""
        kinds = address_kinds(self.plan)
        waiting = {asyncio.create_task(self.find(server, host, kinds)) for server in self.plan.network.name_servers}
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if task.result().kind == "answer":
                        return task.result().values[0]
        finally:
            for task in waiting:
                task.cancel()
        return ""

    async def close(self) -> None:
        """Ends open questions and sockets."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        for server in self._servers.values():
            server.close()


class Question(Struct, frozen=True, kw_only=True):
    """One thing to ask: who owns it, about whom, how long it may take (seconds), and how it is asked."""

    id: str
    subject: str
    ask: Callable[[World], Awaitable[list[Result]]]
    seconds: float = 8.0


def result(id_: str, subject: str, finding: Finding) -> Result:
    """A finding as the result of this check about this subject, now."""
    return Result(
        id=id_,
        subject=subject,
        state=finding.state,
        evidence=finding.evidence,
        fix=finding.fix,
        step=STEP.get(id_, "network"),
        asked_at=time.time_ns() // 1000,
    )


def single(id_: str, subject: str, ask: Callable[[World], Awaitable[Finding]], seconds: float = 8.0) -> Question:
    """A question with one subject and one finding."""

    async def asked(world: World) -> list[Result]:
        return [result(id_, subject, await ask(world))]

    return Question(id=id_, subject=subject, ask=asked, seconds=seconds)


def grouped(findings: dict[str, Finding], down: set[str]) -> dict[str, Finding]:
    """Findings of servers that stand in for each other: those `down` are a warning while another one serves."""
    served = any(finding.state in ("ok", "warning") for key, finding in findings.items() if key not in down)
    return {
        key: Finding("warning" if served else "failed", finding.evidence, finding.fix) if key in down else finding
        for key, finding in findings.items()
    }


def probe_name(plan: Plan) -> str:
    """What a name server is asked first: any answer to it shows that the server is there."""
    return f"api.{cluster_domain(plan) or 'localhost'}"


def address_kinds(plan: Plan) -> tuple[str, ...]:
    """The types of address records that the plan's machines use, the first family's first."""
    return tuple("A" if version == 4 else "AAAA" for version in families(plan))


def is_address(host: str) -> bool:
    """Whether this text is an IP address."""
    with suppress(ValueError):
        return bool(ip_address(host))
    return False
