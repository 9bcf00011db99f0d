"""haproxy's own view of its backends, through its stats socket or page."""

import asyncio
import csv
import io
import re

from msgspec import Struct

from tui.checks.model import Finding, Phase
from tui.checks.world import Question, World, single
from tui.links import http, tls
from tui.plan.endpoints import addresses, endpoint, full_name, nodes_of
from tui.plan.model import Node, Plan
from tui.text import say

PORTS = (6443, 22623, 443, 80)
SECONDS = 8.0
SOCKET_SECONDS = 5.0


class Backend(Struct, frozen=True):
    """One server line of haproxy's statistics."""

    pool: str
    name: str
    address: str
    port: int
    status: str
    check: str


def stats_questions(plan: Plan, phase: Phase) -> list[Question]:
    """Only where the plan says how haproxy's statistics are read."""
    stats = plan.network.load_balancer.stats
    if not stats:
        return []

    async def ask(world: World) -> Finding:
        page = stats.startswith(("http://", "https://"))
        try:
            text = await (_read_page(world.plan, stats) if page else _read_socket(stats.removeprefix("unix:")))
        except _Unreadable as error:
            fix = say("See that haproxy's statistics can be read at {stats}.", stats=stats)
            return Finding("unknown", say("{stats}: {why}.", stats=stats, why=error), fix)
        return judge(world.plan, phase, parse(text))

    return [single("lb.backends", stats, ask, SECONDS)]


def parse(text: str) -> list[Backend]:
    """The server lines of haproxy's CSV ("show stat"); other lines (frontends, sums) are left out."""
    found = []
    for row in csv.DictReader(io.StringIO(text.lstrip("# "))):
        if row.get("svname") in (None, "FRONTEND", "BACKEND"):
            continue
        address, _, port = (row.get("addr") or "").rpartition(":")
        check = row.get("check_status") or ""
        number = int(port) if port.isdigit() else 0
        found.append(
            Backend(
                row["pxname"] or "", row["svname"] or "", address.strip("[]"), number, row.get("status") or "", check
            )
        )
    return found


def judge(plan: Plan, phase: Phase, backends: list[Backend]) -> Finding:
    """Whether every port has the nodes it should, and no bootstrap when its time is over."""
    problems, seen, states = [], [], []
    for port in PORTS:
        pool = [backend for backend in backends if _serves(plan, backend, port)]
        seen.append(
            f"{port}: " + (", ".join(f"{b.name} {b.status}{_check(b)}" for b in pool) or say("no backend listed"))
        )
        for state, problem in _problems(plan, phase, port, pool):
            states.append(state)
            problems.append(problem)
    evidence = say("haproxy says: {seen}.", seen="; ".join(seen))
    if not problems:
        return Finding("ok", evidence)
    return Finding("failed" if "failed" in states else "warning", evidence, " ".join(problems))


def _problems(plan: Plan, phase: Phase, port: int, pool: list[Backend]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for node in _wanted(plan, phase, port):
        if not any(_is(plan, backend, node, port) for backend in pool):
            text = say(
                "Add {node} ({address}) to the backends of port {port}.",
                node=node.name,
                address=node.address,
                port=port,
            )
            found.append(("failed", text))
    if phase == "after-bootstrap" and port in (6443, 22623):
        for node in nodes_of(plan, "bootstrap"):
            if any(_is(plan, backend, node, port) and backend.status != "MAINT" for backend in pool):
                text = say("Take the bootstrap {node} out of port {port}, then reload.", node=node.name, port=port)
                found.append(("failed", text))
    up = [backend for backend in pool if backend.status.startswith(("UP", "no check"))]
    if phase == "after-bootstrap" and pool and len(up) < len(pool):
        down = ", ".join(backend.name for backend in pool if backend not in up)
        text = say("Port {port}: {down} is down as haproxy sees it.", port=port, down=down)
        found.append(("warning" if up else "failed", text))
    return found


def _wanted(plan: Plan, phase: Phase, port: int) -> list[Node]:
    if port in (6443, 22623):
        return nodes_of(plan, *(("master",) if phase == "after-bootstrap" else ("bootstrap", "master")))
    return nodes_of(plan, "worker") or nodes_of(plan, "master")


def _serves(plan: Plan, backend: Backend, port: int) -> bool:
    """Its own port says so; the page often hides it, then the pool's name must do."""
    if backend.port:
        return backend.port == port or any(_is(plan, backend, node, port) for node in plan.topology.nodes)
    return bool(_POOLS[port].search(backend.pool))


_POOLS = {
    6443: re.compile(r"6443|api", re.IGNORECASE),
    22623: re.compile(r"22623|machine.?config", re.IGNORECASE),
    443: re.compile(r"(?<!6)443|https", re.IGNORECASE),
    80: re.compile(r"(?<!\d)80(?!\d)|http(?!s)", re.IGNORECASE),
}


def _is(plan: Plan, backend: Backend, node: Node, port: int) -> bool:
    if backend.port:
        # One address of a dual-stack node is enough: haproxy speaks either family to its backends.
        place = backend.address, backend.port
        return any(place in ((host, port), endpoint(plan, host, port)) for host in addresses(node.address))
    return backend.name.lower() in (
        node.name.lower(),
        full_name(plan, node).lower(),
        node.name.lower().partition(".")[0],
    )


def _check(backend: Backend) -> str:
    return f" ({backend.check})" if backend.check and not backend.status.startswith("UP") else ""


class _Unreadable(Exception):
    """The statistics cannot be read; its text says why."""


async def _read_socket(path: str) -> str:
    try:
        async with asyncio.timeout(SOCKET_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                writer.write(b"show stat\n")
                text = (await reader.read()).decode("utf-8", "replace")
            finally:
                writer.close()
    except TimeoutError:
        raise _Unreadable(say("no answer (timeout)")) from None
    except OSError as error:
        raise _Unreadable(error.strerror or say("it cannot be read")) from error
    return _statistics(text)


async def _read_page(plan: Plan, stats: str) -> str:
    url = stats if stats.endswith(";csv") else f"{stats};csv"
    place = endpoint(plan, *http.host_port(url))
    reply = await http.ask("GET", url, context=tls.blind(), place=place)
    if reply.status != 200:
        raise _Unreadable(reply.error or say("HTTP {status}", status=reply.status))
    return _statistics(reply.body.decode("utf-8", "replace"))


def _statistics(text: str) -> str:
    if not text.startswith("#"):
        raise _Unreadable(say("that is not haproxy's statistics"))
    return text
