"""Confirming a hint: one question again, about the plan's own endpoints and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from tui.checks import balancer, clock, dns, registry
from tui.checks.model import Finding
from tui.checks.registries import registries, registry_hosts, release_repositories
from tui.checks.world import Secret, World
from tui.plan.model import Plan
from tui.secrets import Redactor
from tui.text import say

Verdict = Literal["confirmed", "refuted", "unknown"]
SECONDS = 15.0


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
    except TimeoutError:
        return "unknown", say("No answer within {seconds:.0f} s.", seconds=SECONDS)
    finally:
        await world.close()
    evidence = Redactor()(" ".join(finding.evidence for finding in findings))
    return _verdict(findings), evidence or say("The plan has nothing of that kind to ask.")


def _verdict(findings: list[Finding]) -> Verdict:
    states = {finding.state for finding in findings}
    if "failed" in states:
        return "confirmed"
    return "unknown" if "unknown" in states or not states else "refuted"


async def _dns(world: World, check: Mapping[str, str]) -> list[Finding]:
    plan = world.plan
    servers = _chosen(check.get("server"), plan.network.name_servers)
    known = {record.name for record in dns.records(plan, "before-boot")} | {balancer.name_of(plan, "apps")}
    names = _chosen(check.get("name"), [*registry_hosts(plan), *known]) if check.get("name") else registry_hosts(plan)
    if isinstance(servers, Finding) or isinstance(names, Finding):
        return [item for item in (servers, names) if isinstance(item, Finding)]
    return list(await asyncio.gather(*(dns.answers(plan, server, name) for server in servers for name in names)))


async def _port(world: World, check: Mapping[str, str]) -> list[Finding]:
    plan = world.plan
    roles = {balancer.name_of(plan, role): role for role in ("api", "api-int", "apps")}
    hosts = plan.network.load_balancer
    roles |= {
        host: role for host, role in ((hosts.ingress, "apps"), (hosts.api, "api"), (hosts.api_int, "api-int")) if host
    }
    name = check.get("name") or check.get("host") or balancer.name_of(plan, "api-int")
    if name.endswith(f".{balancer.name_of(plan, 'apps').partition('.')[2]}"):
        roles[name] = "apps"
    if not name or name not in roles:
        return [_foreign(name)]
    own = ("443", "80") if roles[name] == "apps" else ("6443", "22623")
    ports = _chosen(check.get("port"), own)
    if isinstance(ports, Finding):
        return [ports]
    return list(await asyncio.gather(*(balancer.ask(world, roles[name], int(port)) for port in ports)))


async def _registry(
    world: World, check: Mapping[str, str], ask: Callable[[World, str], Awaitable[Finding]]
) -> list[Finding]:
    known = registries(world.plan)
    given = check.get("host")
    if given and given not in known:
        given = next((host for host in known if host.partition(":")[0] == given), given)
    hosts = _chosen(given, known)
    if isinstance(hosts, Finding):
        return [hosts]
    return list(await asyncio.gather(*(ask(world, host) for host in hosts)))


async def _release(world: World, _check: Mapping[str, str]) -> list[Finding]:
    digest = registry.digest_of(world.plan)
    if not digest:
        return [Finding("unknown", say("The plan does not know the release image's digest."))]
    found = await asyncio.gather(
        *(registry.manifest(world, where, digest) for where in release_repositories(world.plan))
    )
    # One mirror that has it is enough.
    return [finding for finding in found if finding.state == "ok"][:1] or list(found)


async def _clock(world: World, check: Mapping[str, str]) -> list[Finding]:
    servers = _chosen(check.get("server"), world.plan.network.ntp_servers)
    if isinstance(servers, Finding):
        return [servers]
    return list(await asyncio.gather(*(clock.server(world, server) for server in servers)))


def _chosen(given: str | None, known: list[str] | tuple[str, ...]) -> list[str] | Finding:
    """What was named if the plan knows it, all the plan has where nothing was named."""
    if not given:
        return list(known)
    return [given] if given in known else _foreign(given)


def _foreign(name: str) -> Finding:
    return Finding("unknown", say("{name} is not in the plan, so it is not asked.", name=name))


_ASKS: dict[str, Callable[[World, Mapping[str, str]], Awaitable[list[Finding]]]] = {
    "dns.answers": _dns,
    "lb.port": _port,
    "registry.trust": lambda world, check: _registry(world, check, registry.trusted),
    "registry.credentials": lambda world, check: _registry(world, check, registry.credentials),
    "registry.release": _release,
    "clock.ntp": _clock,
}
