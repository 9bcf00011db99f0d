"""DNS: each name server of the plan × each name the installation needs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from tui.checks.model import Finding, Phase, Result
from tui.checks.records import Record, random_label, records
from tui.checks.registries import nowhere, registry_hosts
from tui.checks.world import Question, World, address_kinds, grouped, is_address, probe_name, result, single
from tui.links.dns import Answer, NameServer
from tui.plan.endpoints import addresses, cluster_domain, endpoint
from tui.plan.model import Plan
from tui.text import say

SECONDS = 8.0
Asker = Callable[[str], Awaitable[Answer]]


def questions(plan: Plan, phase: Phase) -> list[Question]:
    """All DNS questions of a plan."""
    servers = plan.network.name_servers
    if not servers:
        return [single("dns.server", say("name servers"), _undecided, 1.0)]
    mirror = [] if registry_hosts(plan) else [single("dns.mirror", say("registry"), _nowhere, 1.0)]
    return [
        *mirror,
        Question(id="dns.tcp", subject=", ".join(servers), ask=_tcp, seconds=SECONDS),
        Question(id="dns.wildcard-trap", subject=", ".join(servers), ask=_traps, seconds=SECONDS),
        *asked_of_servers(records(plan, phase), plan),
    ]


def asked_of_servers(wanted: list[Record], plan: Plan) -> list[Question]:
    """The questions that only look names up over UDP, so that a node can ask them too."""
    servers = plan.network.name_servers
    asked = [
        Question(id="dns.server", subject=", ".join(servers), ask=_servers, seconds=SECONDS),
        *(_row(record) for record in wanted),
    ]
    if len(servers) > 1:
        asked.append(single("dns.agreement", say("all name servers"), lambda w: _agreement(w, wanted), SECONDS))
    return asked


def judge(plan: Plan, server: str, record: Record, answer: Answer) -> Finding:
    """An answer to a record's question, judged alone."""
    evidence = say(
        "Asked {server} for {name} {kind}: {said}.",
        server=server,
        name=record.name,
        kind=record.kind,
        said=answer.said(),
    )
    if answer.kind != "answer":
        return Finding("failed", evidence, _repair(server, record, answer))
    if record.expected in answer.values and len(answer.values) > 1 and record.alias_allowed:
        fix = say("Plan for one load balancer address, or see that all of them serve.")
        return Finding("warning", evidence, fix)
    if record.expected and answer.values != (record.expected,):
        wrong = say("{evidence} The plan says {expected}.", evidence=evidence, expected=record.expected)
        return Finding("failed", wrong, _repair(server, record, answer))
    if not record.expected and record.id in ("dns.api", "dns.api-int", "dns.apps"):
        return _not_a_node(plan, record, answer, evidence)
    if answer.aliases and not record.alias_allowed and record.id != "dns.mirror":
        fix = say("Give {name} a record of its own instead of a CNAME.", name=record.name)
        return Finding("warning", evidence, fix)
    return Finding("ok", evidence)


async def answers(plan: Plan, server: str, name: str) -> Finding:
    """Asks one name server of the plan for one name; ok where it gives an address. Alone: what confirms a hint."""
    host, port = endpoint(plan, server, 53)
    client, kinds = NameServer(host, port), tuple(dict.fromkeys((*address_kinds(plan), "A", "AAAA")))
    try:
        answer = await client.ask(name, kinds[0])
        if answer.kind == "empty":
            other = await client.ask(name, kinds[1])
            answer = other if other.kind == "answer" else answer
    finally:
        client.close()
    return judge(plan, server, Record(id="dns.answers", name=name, kinds=kinds, alias_allowed=True), answer)


def _row(record: Record) -> Question:
    async def ask(world: World) -> list[Result]:
        servers = world.plan.network.name_servers
        given = await asyncio.gather(*(world.find(s, record.name, record.kinds) for s in servers))
        extra = await asyncio.gather(*(_stray(world, s, record, a) for s, a in zip(servers, given, strict=True)))
        return _row_results(
            world, record, dict(zip(servers, given, strict=True)), dict(zip(servers, extra, strict=True))
        )

    return Question(id=record.id, subject=record.shown, ask=ask, seconds=SECONDS)


def _row_results(world: World, record: Record, given: dict[str, Answer], extra: dict[str, str]) -> list[Result]:
    findings = {server: judge(world.plan, server, record, answer) for server, answer in given.items()}
    # A resolver goes on to the next server when one is silent or says REFUSED or SERVFAIL, but believes NXDOMAIN.
    down = {s for s, answer in given.items() if answer.silent or answer.kind in ("refused", "servfail", "other")}
    findings = grouped(findings, down)
    everyone_silent = all(answer.silent for answer in given.values())
    for server, finding in findings.items():
        if everyone_silent:
            reason = say(
                "Not asked: no name server of the plan answers ({server}: {said}).",
                server=server,
                said=given[server].said(),
            )
            findings[server] = Finding("unknown", reason, say("Get the name servers to answer first."))
        elif finding.state == "ok" and extra[server]:
            findings[server] = Finding("warning", f"{finding.evidence} {extra[server]}", _stray_fix(server, record))
    return [result(record.id, f"{record.shown} @{server}", finding) for server, finding in findings.items()]


async def _stray(world: World, server: str, record: Record, answer: Answer) -> str:
    """Says so where the name also has an address of the family that the cluster does not use."""
    other = "A" if record.kinds == ("AAAA",) else "AAAA"
    if record.kinds == ("PTR",) or answer.kind != "answer" or record.id == "dns.mirror":
        return ""
    if other in address_kinds(world.plan):
        return ""
    also = await world.lookup(server, record.name, other)
    if also.kind != "answer":
        return ""
    return say("It has a stray {kind} record too: {values}.", kind=other, values=", ".join(also.values))


def _stray_fix(server: str, record: Record) -> str:
    return say(
        "Remove the other family's record of {name} on {server}, or plan for it.", name=record.name, server=server
    )


async def _servers(world: World) -> list[Result]:
    """Whether each server speaks at all: what it says is other checks' business."""
    name = probe_name(world.plan)

    async def ask(server: str) -> Answer:
        return await world.lookup(server, name)

    return await _each_server(world, "dns.server", "53/udp", ask, name)


async def _tcp(world: World) -> list[Result]:
    """Long answers and some resolvers need TCP."""
    name = probe_name(world.plan)

    async def ask(server: str) -> Answer:
        return await world.name_server(server).ask_tcp(name)

    results = await _each_server(world, "dns.tcp", "53/tcp", ask, name)
    # Without TCP most installations still work: never more than a warning.
    return [r if r.state == "ok" else result(r.id, r.subject, Finding("warning", r.evidence, r.fix)) for r in results]


async def _each_server(world: World, id_: str, port: str, ask: Asker, name: str) -> list[Result]:
    servers = world.plan.network.name_servers
    given = dict(zip(servers, await asyncio.gather(*map(ask, servers)), strict=True))
    findings = {}
    for server, answer in given.items():
        evidence = say(
            "Asked {server} ({port}) for {name}: {said}.", server=server, port=port, name=name, said=answer.said()
        )
        fix = say(
            "Start the name server on {server} and open {port} there, or take it out of the plan's name servers.",
            server=server,
            port=port,
        )
        useless = answer.silent or answer.kind == "other"
        findings[server] = Finding("failed", evidence, fix) if useless else Finding("ok", evidence)
    findings = grouped(findings, {server for server, finding in findings.items() if finding.state == "failed"})
    return [result(id_, server, finding) for server, finding in findings.items()]


async def _agreement(world: World, wanted: Iterable[Record]) -> Finding:
    """Resolvers ask any of their servers: two that differ make nodes differ."""
    servers = world.plan.network.name_servers
    differing, compared = [], 0
    for record in wanted:
        given = await asyncio.gather(*(world.find(s, record.name, record.kinds) for s in servers))
        spoke = {s: a for s, a in zip(servers, given, strict=True) if a.kind in ("answer", "empty", "nxdomain")}
        compared += len(spoke) > 1
        if len({answer.values for answer in spoke.values()}) > 1:
            said = "; ".join(f"{s}: {', '.join(a.values) or a.kind}" for s, a in spoke.items())
            differing.append(f"{record.name} {record.kind} ({said})")
    if differing:
        return Finding(
            "failed",
            say(
                "The name servers differ about {count} of {all} names: {names}.",
                count=len(differing),
                all=compared,
                names=". ".join(differing[:5]),
            ),
            say("Give all name servers ({servers}) the same zone data.", servers=", ".join(servers)),
        )
    if not compared:
        first = [await world.lookup(server, probe_name(world.plan)) for server in servers]
        silence = all(answer.silent for answer in first)
        return Finding(
            "unknown" if silence else "warning",
            say("Fewer than two name servers answer, so there is nothing to compare."),
        )
    return Finding("ok", say("{count} names are the same on {servers}.", count=compared, servers=", ".join(servers)))


async def _traps(world: World) -> list[Result]:
    """A wildcard above the cluster's domain answers for names that do not exist, and hides missing records."""
    plan, domain = world.plan, cluster_domain(world.plan)
    names = [f"{random_label()}.{base}" for base in (domain, plan.topology.base_domain) if base]
    search = plan.network.search_domain
    names += [f"{host}.{search}" for host in registry_hosts(plan) if search and not is_address(host)]
    servers = plan.network.name_servers
    findings = dict(zip(servers, await asyncio.gather(*(_trap(world, s, names) for s in servers)), strict=True))
    if any(finding.state != "unknown" for finding in findings.values()):
        findings = grouped(findings, {s for s, finding in findings.items() if finding.state == "unknown"})
    return [result("dns.wildcard-trap", server, finding) for server, finding in findings.items()]


async def _trap(world: World, server: str, names: list[str]) -> Finding:
    given = await asyncio.gather(*(world.find(server, name, address_kinds(world.plan)) for name in names))
    silent = next((answer for answer in given if answer.silent), None)
    if silent:
        return Finding("unknown", say("{server} does not answer: {said}.", server=server, said=silent.said()))
    caught = [f"{n} → {', '.join(a.values)}" for n, a in zip(names, given, strict=True) if a.kind == "answer"]
    # A server may refuse names outside its zones and set no trap thereby; of the cluster's own it has to say something.
    if not caught and given and given[0].kind in ("refused", "servfail", "other"):
        return Finding("unknown", say("{server} does not say: {said}.", server=server, said=given[0].said()))
    if not caught:
        shown = ", ".join(names)
        return Finding("ok", say("{server} has no answer for {names}, as it should be.", server=server, names=shown))
    return Finding(
        "warning",
        say("{server} answers for names that must not exist: {caught}.", server=server, caught="; ".join(caught)),
        say(
            "Remove the wildcard record of that zone on {server}: it answers for records that are missing and, "
            "through the search domain, for outside names.",
            server=server,
        ),
    )


async def _nowhere(world: World) -> Finding:
    return nowhere(world.plan)


async def _undecided(_world: World) -> Finding:
    return Finding("unknown", say("The plan names no name server yet."), say("Enter the nodes' name servers."))


def _not_a_node(plan: Plan, record: Record, answer: Answer, evidence: str) -> Finding:
    owner = next((n for n in plan.topology.nodes if set(addresses(n.address)) & set(answer.values)), None)
    if owner is None or plan.topology.shape == "sno":
        return Finding("ok", evidence)
    return Finding(
        "failed",
        say("{evidence} That is the node {node}, not a load balancer.", evidence=evidence, node=owner.name),
        say("Point {name} to the load balancer.", name=record.name),
    )


def _repair(server: str, record: Record, answer: Answer) -> str:
    if answer.kind == "refused":
        return say("Let {server} answer (and, for outside names, recurse for) the nodes' networks.", server=server)
    if answer.kind == "servfail":
        return say(
            "Look into the log of the name server {server}: it cannot load that zone or reach its forwarder.",
            server=server,
        )
    if answer.silent:
        return say("Start the name server on {server} and open its port 53.", server=server)
    if record.id in ("dns.mirror", "dns.answers"):
        return say(
            "Give {server} a record for {name}, or a forwarder that knows it: the nodes ask this server.",
            server=server,
            name=record.name,
        )
    name = record.name if record.id != "dns.apps" else f"*.{record.name.partition('.')[2]}"
    expected = record.expected or say("the load balancer's address")
    return say(
        "On {server}: {name} must have exactly one {kind} record, {expected}.",
        server=server,
        name=name,
        kind=record.kind,
        expected=expected,
    )
