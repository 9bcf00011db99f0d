"""Time: certificates made here must be valid on nodes that take their clock from the NTP servers."""

import asyncio
from statistics import median

from tui.checks.model import Finding, Phase, Result
from tui.checks.world import Question, World, grouped, result, single
from tui.links import ntp
from tui.plan.model import Plan
from tui.text import say

SECONDS = 8.0
NOTICEABLE, DANGEROUS = 2.0, 60.0
"""Seconds: beyond the first logs no longer line up, beyond the second new certificates are "not yet valid"."""


def questions(plan: Plan, _phase: Phase) -> list[Question]:
    """Each NTP server's answer, and this machine's distance from them."""
    servers = ", ".join(plan.network.ntp_servers) or say("no NTP server")
    return [
        Question(id="clock.ntp", subject=servers, ask=_servers, seconds=SECONDS),
        single("clock.bastion", say("this machine"), _bastion, SECONDS),
    ]


async def server(world: World, name: str) -> Finding:
    """One NTP server: does it answer, does it know the time, and how far off are we."""
    answer = await _time(world, name)
    if answer.kind != "time":
        evidence = say("Asked {name} (123/udp) for the time: {said}.", name=name, said=_said(answer))
        fix = say("Start the time server on {name} and let the nodes' networks ask it (chrony: allow).", name=name)
        return Finding("failed", evidence, fix)
    evidence = say(
        "{name} answers: stratum {stratum}, this machine is {ahead} of it by {offset:.3f} s ({delay:.0f} ms away).",
        name=name,
        stratum=answer.stratum,
        ahead=say("behind") if answer.offset > 0 else say("ahead"),
        offset=abs(answer.offset),
        delay=answer.delay * 1000,
    )
    if answer.kiss:
        fix = say("Let this network ask {name} (chrony: allow).", name=name)
        return Finding("failed", say("{name} refuses with {kiss}.", name=name, kiss=answer.kiss), fix)
    if not answer.synchronised:
        fix = say("Give {name} a source or `local stratum 10`: nodes ignore a server without one.", name=name)
        return Finding("failed", evidence, fix)
    return _distance(answer.offset, evidence, name)


async def _servers(world: World) -> list[Result]:
    names = world.plan.network.ntp_servers
    if not names:
        text = say("The plan names no NTP server.")
        fix = say("Enter one the nodes can reach; without it they ask the distribution's public pool.")
        return [result("clock.ntp", say("no NTP server"), Finding("unknown", text, fix))]
    findings = dict(zip(names, await asyncio.gather(*(server(world, name) for name in names)), strict=True))
    answers = {name: await _time(world, name) for name in names}
    findings = grouped(findings, {n for n, a in answers.items() if a.kind != "time" or not a.synchronised})
    known = {n: a.offset for n, a in answers.items() if a.kind == "time" and a.synchronised}
    for name, offset in known.items():
        middle = median(known.values())
        if abs(offset - middle) > NOTICEABLE and findings[name].state == "ok":
            text = say("{evidence} The NTP servers differ among themselves.", evidence=findings[name].evidence)
            findings[name] = Finding("warning", text, say("See which of {names} is wrong.", names=", ".join(names)))
    return [result("clock.ntp", name, finding) for name, finding in findings.items()]


async def _bastion(world: World) -> Finding:
    answers = [await _time(world, name) for name in world.plan.network.ntp_servers]
    offsets = [answer.offset for answer in answers if answer.kind == "time" and answer.synchronised]
    if not offsets:
        return Finding("unknown", say("No NTP server of the plan told the time, so this clock cannot be compared."))
    offset = median(offsets)
    evidence = say(
        "This machine's clock is {offset:.3f} s {ahead} the NTP servers' (the middle one of {count}).",
        offset=abs(offset),
        ahead=say("behind") if offset > 0 else say("ahead of"),
        count=len(offsets),
    )
    return _distance(offset, evidence, "")


def _distance(offset: float, evidence: str, name: str) -> Finding:
    if abs(offset) <= NOTICEABLE:
        return Finding("ok", evidence)
    whose = say("this machine's clock or that of {name}", name=name) if name else say("this machine's clock")
    fix = say("Set {whose} right before Ignition is generated: its certificates are valid from now on.", whose=whose)
    return Finding("failed" if abs(offset) > DANGEROUS else "warning", evidence, fix)


async def _time(world: World, name: str) -> ntp.Time:
    async def ask() -> ntp.Time:
        return await ntp.ask(*await world.locate(name, 123))

    return await world.once(("ntp", name), ask)


def _said(answer: ntp.Time) -> str:
    words = {
        "timeout": "no answer within {seconds:.0f} s (timeout)",
        "closed": "connection refused, nothing listens on that port",
        "unreachable": "it cannot be reached ({detail})",
    }
    return say(words[answer.kind], seconds=sum(ntp.TRIES), detail=answer.detail)
