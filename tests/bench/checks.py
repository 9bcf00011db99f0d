"""A full preflight of 3 control plane nodes and 20 workers, at once against one question after the other."""

import asyncio
import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from tests.peers import servers as real
from tests.peers.servers import HOST, Servers
from tests.peers.site import BALANCER, FIRST, MIRROR, SECOND, TIME, Site
from tui.checks.asking import questions
from tui.checks.asking import run as ask
from tui.checks.world import Question, World
from tui.plan.model import Bmc, LoadBalancer, Node, Plan

AIM_SECONDS, GRACE_SECONDS = 5.0, 2.0
SAMPLE = ("machine-config-operator", "etcd", "cluster-bootstrap", "pod", "rhel-coreos")


def run() -> list[str]:
    """Lines for the benchmark's report: seconds, and how many times the serial run took."""
    with _site() as site:
        _answering(site)
        lines = ["checks: full preflight of 3+20 nodes", *_compare(site, "answering servers", AIM_SECONDS)]
    with _site() as site:
        _answering(site, both=True)
        lines += _compare(site, "answering servers, IPv4 and IPv6", AIM_SECONDS)
    with _site() as site, _silence(site):
        longest = max(question.seconds for question in questions(site.plan, site.phase))
        lines += _compare(site, "silent servers", longest + GRACE_SECONDS, silent=True)
    return lines


def _compare(site: Site, what: str, aim: float, *, silent: bool = False) -> list[str]:
    """`one by one` is the sum of what each question takes alone, with nothing learnt from another."""
    started = time.monotonic()
    results = asyncio.run(_at_once(site))
    took = time.monotonic() - started
    alone = sum(asyncio.run(_each_alone(site, side_by_side=silent)))
    verdict = "met" if took <= aim else "MISSED"
    aimed = f"aim {aim:.0f} s: {verdict}"
    ratio = f"one by one {alone:.1f} s, ratio {alone / took:.1f}"
    return [f"  {what}: {results} results in {took:.2f} s ({aimed}), {ratio}"]


async def _at_once(site: Site) -> int:
    run = ask(site.plan, phase=site.phase, secret=site.secret, session_directory=Path.cwd())
    return len([result async for result in run])


async def _each_alone(site: Site, *, side_by_side: bool) -> list[float]:
    """Seconds of each question. Those that only wait may wait side by side, or the baseline would take minutes."""
    asked = questions(site.plan, site.phase)
    if side_by_side:
        return list(await asyncio.gather(*(_alone(site, question) for question in asked)))
    return [await _alone(site, question) for question in asked]


async def _alone(site: Site, question: Question) -> float:
    world = World(site.plan, site.phase, site.secret, Path.cwd())
    started = time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(question.seconds):
            await question.ask(world)
    took = time.monotonic() - started
    await world.close()
    return took


@contextlib.contextmanager
def _site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as directory:
        servers = Servers(Path(directory))
        try:
            yield Site(servers)
        finally:
            servers.close()


def _answering(site: Site, *, both: bool = False) -> None:
    site.plan = _large(site.plan, "127.64.0", both=both)
    site.servers_of_names(FIRST, SECOND)
    site.name_server(FIRST)
    site.name_server(SECOND)
    site.balancer(families="46" if both else "4")
    site.registry()
    site.push(*SAMPLE)
    site.time_server()
    pair = site.ca.issue(site.servers.directory / "bmc", "bmc.peers.test")
    port = real.sushy(site.servers, "admin", "calvin", pair)
    site.secrets["bmc"] = b"calvin"
    for node in site.plan.topology.nodes:
        site.override(node.bmc.address, 443, port)


@contextlib.contextmanager
def _silence(site: Site) -> Iterator[None]:
    """Sockets that are there and never answer: UDP unread, TCP with a full queue, as behind a packet filter."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf, socket.socket() as full:
        deaf.bind((HOST, 0))
        full.bind((HOST, 0))
        full.listen(0)
        with contextlib.ExitStack() as knocks:
            for _ in range(3):
                knock = knocks.enter_context(socket.socket())
                knock.setblocking(False)
                knock.connect_ex(full.getsockname())
            site.plan = _large(site.plan, "127.64.0")
            site.servers_of_names(FIRST, SECOND)
            site.secrets["bmc"] = b"calvin"
            for address in (FIRST, SECOND):
                site.override(address, 53, deaf.getsockname()[1])
            site.override(TIME, 123, deaf.getsockname()[1])
            tcp = [(BALANCER, port) for port in (6443, 22623, 443, 80)]
            tcp += [(node.bmc.address, 443) for node in site.plan.topology.nodes]
            host, _, number = MIRROR.partition(":")
            for name, port in [*tcp, (host, int(number))]:
                site.override(name, port, full.getsockname()[1])
            yield


def _large(plan: Plan, network: str, *, both: bool = False) -> Plan:
    def node(role: str, name: str, number: int) -> Node:
        bmc = Bmc(address=f"10.99.2.{number}", user="admin", password="bmc", verify_tls=False)
        address = f"{network}.{number}, fd00:64::{number}" if both else f"{network}.{number}"
        return Node(role=role, name=name, address=address, bmc=bmc)  # type: ignore[arg-type]

    nodes = [node("bootstrap", "bootstrap", 20)]
    nodes += [node("master", f"master-{n}", 30 + n) for n in range(3)]
    nodes += [node("worker", f"worker-{n}", 40 + n) for n in range(20)]
    changed = replace(plan.network, machine_networks=[f"{network}.0/24"], gateway=f"{network}.1")
    if both:
        balanced = f"{BALANCER}, fd00:64::5"
        changed = replace(
            changed,
            machine_networks=[f"{network}.0/24", "fd00:64::/64"],
            load_balancer=LoadBalancer(api=balanced, api_int=balanced, ingress=balanced),
        )
    return replace(plan, topology=replace(plan.topology, nodes=nodes), network=changed)


if __name__ == "__main__":
    print("\n".join(run()))
