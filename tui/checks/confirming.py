"""Confirming a hint: one question again, about the plan's own endpoints and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from tui.checks import balancer, clock, dns, registry
from tui.checks.asking import presentable
from tui.checks.model import Finding
from tui.checks.records import records
from tui.checks.registries import registries, registry_hosts, release_repositories
from tui.checks.world import Secret, World
from tui.plan.endpoints import listed
from tui.plan.model import Plan
from tui.text import say

Verdict = Literal["confirmed", "refuted", "unknown"]
SECONDS = 15.0


class NotInPlan(Exception):
    """What a hint would have asked about is not the plan's; its text says what."""


async def confirm(plan: Plan, check: Mapping[str, str], secret: Secret) -> tuple[Verdict, str]:
    """Asks what a hint's `check` names ("id" and, where the hint knows them, server, name, port, host).

    Confirmed: it fails now. Refuted: it works now. Without a parameter all the plan has of that kind are asked.
    Gives the evidence too. What is not an endpoint of the plan is not asked.
    """
    ask = _ASKS.get(check.get("id", ""))
    if ask is None:
        return "unknown", say("There is no such check: {id}.", id=check.get("id", ""))
    world = World(plan, "after-bootstrap", secret)
    try:
        async with asyncio.timeout(SECONDS):
            findings = await ask(world, check)
    except NotInPlan as error:
        return "unknown", say("{name} is not in the plan, so it is not asked.", name=error)
    except TimeoutError:
        return "unknown", say("No answer within {seconds:.0f} s.", seconds=SECONDS)
    finally:
        await world.close()
    evidence = presentable(" ".join(finding.evidence for finding in findings))
    return _verdict(findings), evidence or say("The plan has nothing of that kind to ask.")


def _verdict(findings: list[Finding]) -> Verdict:
    states = {finding.state for finding in findings}
    if "failed" in states:
        return "confirmed"
    return "unknown" if "unknown" in states or not states else "refuted"


async def _dns(world: World, check: Mapping[str, str]) -> list[Finding]:
    plan, name = world.plan, check.get("name")
    servers = _chosen(check.get("server"), plan.network.name_servers)
    known = [record.name for record in records(plan, "before-boot")] + [balancer.name_of(plan, "apps")]
    names = _chosen(name, registry_hosts(plan) + known) if name else registry_hosts(plan)
    return await asyncio.gather(*(dns.answers(plan, server, name) for server in servers for name in names))


async def _port(world: World, check: Mapping[str, str]) -> list[Finding]:
    plan = world.plan
    known = [(balancer.name_of(plan, role), role) for role in _PORTS]
    known += [(host, role) for role in ("api-int", "api", "apps") for host in balancer.hosts_of(plan, role)]
    name = check.get("name") or check.get("host") or balancer.name_of(plan, "api-int")
    wanted = {port: role for host, role in known if host in listed(name) for port in _PORTS[role]}
    ports = _chosen(check.get("port"), list(wanted))
    if not ports:
        raise NotInPlan(name)
    found = await asyncio.gather(*(balancer.ask(world, wanted[port], int(port)) for port in ports))
    return [finding for by_address in found for finding in by_address.values()]


async def _registry(
    world: World, check: Mapping[str, str], ask: Callable[[World, str], Awaitable[Finding]]
) -> list[Finding]:
    known, given = registries(world.plan), check.get("host")
    named = [host for host in known if given in (host, host.partition(":")[0])]
    hosts = named or _chosen(given, known)
    return await asyncio.gather(*(ask(world, host) for host in hosts))


async def _release(world: World, _check: Mapping[str, str]) -> list[Finding]:
    digest, where = registry.digest_of(world.plan), release_repositories(world.plan)
    if not digest:
        return [Finding("unknown", say("The plan does not know the release image's digest."))]
    found = await asyncio.gather(*(registry.manifest(world, repository, digest) for repository in where))
    # One mirror that has it is enough.
    return [finding for finding in found if finding.state == "ok"][:1] or found


async def _clock(world: World, check: Mapping[str, str]) -> list[Finding]:
    servers = _chosen(check.get("server"), world.plan.network.ntp_servers)
    return await asyncio.gather(*(clock.server(world, server) for server in servers))


def _chosen(given: str | None, known: list[str]) -> list[str]:
    """What was named if the plan knows it, all the plan has where nothing was named."""
    if not given:
        return known
    if given not in known:
        raise NotInPlan(given)
    return [given]


_PORTS = {"api": ("6443",), "api-int": ("6443", "22623"), "apps": ("443", "80")}
_ASKS: dict[str, Callable[[World, Mapping[str, str]], Awaitable[list[Finding]]]] = {
    "dns.answers": _dns,
    "lb.port": _port,
    "registry.trust": lambda world, check: _registry(world, check, registry.trusted),
    "registry.credentials": lambda world, check: _registry(world, check, registry.credentials),
    "registry.release": _release,
    "clock.ntp": _clock,
}
