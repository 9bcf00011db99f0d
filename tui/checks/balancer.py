"""The load balancer, port by port: refused, filtered, open without a backend, wrong mode, or who answers."""

import asyncio

from cryptography import x509
from msgspec import Struct

from tui.checks.haproxy import stats_questions
from tui.checks.model import Finding, Phase, Result
from tui.checks.world import Question, World, grouped, result, single
from tui.links import tls
from tui.plan.endpoints import authority, cluster_domain, endpoint, listed, nodes_of
from tui.plan.model import Plan
from tui.text import say

SECONDS = 10.0
UNREACHED = ("refused", "filtered", "unreachable")
PROOF = 12
"""Connections that must all be served before we say that the bootstrap is out of the balancer."""


def questions(plan: Plan, phase: Phase) -> list[Question]:
    """All questions about the load balancer; a single node without one is asked itself, once it is there."""
    if stands_alone(plan):
        ports = ((6443, "api"), (6443, "api-int"), (443, "apps"), (80, "apps"))
        return [] if phase == "before-boot" else [_port(plan, number, role) for number, role in ports]
    asked = [
        _port(plan, 6443, "api"),
        _port(plan, 6443, "api-int"),
        _port(plan, 22623, "api-int"),
        _port(plan, 443, "apps"),
        _port(plan, 80, "apps"),
        single("lb.22623-outside", name_of(plan, "api") + ":22623", _outside, SECONDS),
        *stats_questions(plan, phase),
    ]
    if phase == "after-bootstrap":
        asked.append(single("lb.bootstrap-removed", name_of(plan, "api-int"), _removed, 2 * SECONDS))
    return asked


def stands_alone(plan: Plan) -> bool:
    """Whether this is a single node whose own addresses are behind all names."""
    own = {address for node in nodes_of(plan, "master") for address in listed(node.address)}
    return plan.topology.shape == "sno" and own.issuperset(listed(plan.network.load_balancer.api))


def name_of(plan: Plan, role: str) -> str:
    """The name clients use: api.DOMAIN, api-int.DOMAIN, and for apps one that the console has."""
    domain = cluster_domain(plan) or say("(cluster name undecided)")
    return f"console-openshift-console.apps.{domain}" if role == "apps" else f"{role}.{domain}"


class Door(Struct, frozen=True):
    """One address of a role: `host` as the plan has it (the role's name where it has none), and where it is contacted.

    A dual-stack balancer has one door a family.
    """

    host: str
    place: tuple[str, int]


async def doors(world: World, role: str, port: int) -> list[Door]:
    """Where this role's port is contacted; [] while the plan cannot say."""
    plan, name = world.plan, name_of(world.plan, role)
    hosts = hosts_of(plan, role)
    if not (hosts or cluster_domain(plan)):
        return []
    placed = [endpoint(plan, host, port) for host in hosts]
    if placed == [(host, port) for host in hosts] and endpoint(plan, name, port) != (name, port):
        return [Door(hosts[0] if hosts else name, endpoint(plan, name, port))]
    return [Door(host, await world.locate(host, port)) for host in hosts or [name]]


def hosts_of(plan: Plan, role: str) -> list[str]:
    """The addresses behind "api", "api-int" or "apps", as the plan has them."""
    balancer = plan.network.load_balancer
    text = {"api": balancer.api, "api-int": balancer.api_int or balancer.api, "apps": balancer.ingress}[role]
    if not text and plan.topology.shape == "sno":
        text = next((node.address for node in nodes_of(plan, "master")), "")
    return listed(text)


async def ask(world: World, role: str, number: int) -> dict[str, Finding]:
    """Asks one port of "api", "api-int" or "apps"; the findings by address. One family stands in for the other."""
    name = name_of(world.plan, role)
    known = await doors(world, role, number)
    if not known:
        return {"": Finding("unknown", say("The plan does not say yet where {name} is.", name=name))}
    greet = tls.greet_plain if number == 80 else tls.greet
    greetings = await asyncio.gather(*(greet(*door.place, name=name) for door in known))
    both = list(zip(known, greetings, strict=True))
    findings = {
        door.host: judge(world.plan, world.phase, number=number, name=name, greeting=greeting, door=door)
        for door, greeting in both
    }
    down = {
        door.host for door, greeting in both if greeting.kind in UNREACHED and findings[door.host].state == "failed"
    }
    return grouped(findings, down) if len(findings) > 1 else findings


def judge(plan: Plan, phase: Phase, *, number: int, name: str, greeting: tls.Greeting, door: Door) -> Finding:
    """How a balancer's port answered, judged for its phase."""
    where = say("{name} port {port} at {place}", name=name, port=number, place=authority(*door.place))
    evidence = say("Connected to {where}: {said} ({ms:.0f} ms).", where=where, said=said(greeting), ms=greeting.ms)
    match greeting.kind:
        case kind if kind in UNREACHED and phase == "bootstrapping" and stands_alone(plan):
            return Finding("warning", evidence, say("The single node installs itself: its API comes last."))
        case kind if kind in UNREACHED:
            return Finding("failed", evidence, _unreached_fix(door.host, number, greeting.kind))
        case "closed" | "silent":
            return _no_backend(plan, phase, number, evidence)
        case "http" if number != 80:
            fix = say("Port {port} must pass TCP through untouched: set `mode tcp` on it.", port=number)
            return Finding("failed", evidence, fix)
        case "garbled":
            fix = say(
                "Something else than {wanted} listens there: look at what port {port} is forwarded to.",
                wanted="HTTP" if number == 80 else "TLS",
                port=number,
            )
            return Finding("failed", evidence, fix)
    return _answered(phase, number, name, greeting, evidence)


def said(greeting: tls.Greeting) -> str:
    """What came back, in words."""
    certificate = shown(greeting.certificate) if greeting.certificate else ""
    seconds = f"{tls.CONNECT_SECONDS:.0f} s"
    return say(_WORDS[greeting.kind], reason=greeting.reason or "-", seconds=seconds, certificate=certificate)


_WORDS = {
    "refused": "connection refused, nothing listens there",
    "filtered": "no answer at all within {seconds}, filtered or no such host",
    "unreachable": "it cannot be reached ({reason})",
    "closed": "accepted and closed without a word, no backend",
    "silent": "accepted, then silence",
    "http": "plain HTTP answered ({reason})",
    "garbled": "an unknown protocol answered ({reason})",
    "untrusted": "TLS answered, its certificate was refused: {reason}",
    "tls": "TLS answered with {certificate}",
}


def shown(certificate: bytes) -> str:
    """A certificate in a few words: subject, issuer, last day."""
    loaded = x509.load_der_x509_certificate(certificate)
    return say(
        "the certificate of {subject} by {issuer}, valid until {until:%Y-%m-%d %H:%M} UTC",
        subject=loaded.subject.rfc4514_string() or say("nobody"),
        issuer=loaded.issuer.rfc4514_string() or say("nobody"),
        until=loaded.not_valid_after_utc,
    )


def _port(plan: Plan, number: int, role: str) -> Question:
    id_, name = f"lb.{number}", name_of(plan, role)

    async def asked(world: World) -> list[Result]:
        found = await ask(world, role, number)
        if len(found) == 1:
            return [result(id_, f"{name}:{number}", finding) for finding in found.values()]
        return [
            result(id_, say("{name} at {place}", name=name, place=authority(host, number)), finding)
            for host, finding in found.items()
        ]

    return Question(id=id_, subject=f"{name}:{number}", ask=asked, seconds=SECONDS)


def _unreached_fix(host: str, number: int, kind: str) -> str:
    if kind == "refused":
        return say("Start the load balancer on {host} with a frontend on port {port}.", host=host, port=number)
    return say("Open port {port} of {host} in the firewalls between here and there.", host=host, port=number)


def _no_backend(plan: Plan, phase: Phase, number: int, evidence: str) -> Finding:
    if phase == "before-boot":
        return Finding("ok", say("{evidence} No backend yet, as it should be before boot.", evidence=evidence))
    if number in (80, 443):
        nodes = nodes_of(plan, "worker") or nodes_of(plan, "master")
    else:
        nodes = nodes_of(plan, *(("bootstrap", "master") if phase == "bootstrapping" else ("master",)))
    names = ", ".join(node.name for node in nodes) or say("its nodes")
    fix = say("See that the backends of port {port} are {names}, and that one of them is up.", port=number, names=names)
    return Finding("warning" if phase == "bootstrapping" else "failed", evidence, fix)


def _answered(phase: Phase, number: int, name: str, greeting: tls.Greeting, evidence: str) -> Finding:
    if number == 80:
        if phase == "before-boot":
            return Finding("warning", evidence, say("Before boot nothing should answer here: see what it is."))
        return Finding("ok", evidence)
    names = _names(greeting.certificate)
    if number in (6443, 22623) and not any(_covers(given, name) for given in names):
        fix = say(
            "Port {port} must lead to the cluster itself, TLS untouched: this certificate is for {names}.",
            port=number,
            names=", ".join(names) or say("no name at all"),
        )
        return Finding("failed", evidence, fix)
    if phase == "before-boot":
        return Finding("warning", evidence, say("Before boot nothing should answer here: is another cluster still up?"))
    return Finding("ok", evidence)


async def _outside(world: World) -> Finding:
    """Whoever reaches 22623 can read the pull secret, so it belongs inside; from the bastion that is seldom visible."""
    outer, inner = await doors(world, "api", 22623), await doors(world, "api-int", 22623)
    if not outer:
        return Finding("unknown", say("The plan does not say yet where {name} is.", name=name_of(world.plan, "api")))
    greetings = await asyncio.gather(*(tls.greet(*door.place) for door in outer))
    offered = [(d, g) for d, g in zip(outer, greetings, strict=True) if g.kind not in UNREACHED]
    evidence = " ".join(
        say("Connected to {place}: {said}.", place=authority(*door.place), said=said(greeting))
        for door, greeting in (offered or zip(outer, greetings, strict=True))
    )
    shared = {door.place for door in inner}
    if not offered:
        return await _hidden(world, evidence, one_address=any(door.place in shared for door in outer))
    if all(door.place in shared for door, _ in offered):
        # Known for certain: the balancer itself keeps nobody out. Whether a firewall does is not seen from here.
        text = say("{evidence} api and api-int are one address: only a firewall can keep it inside.", evidence=evidence)
        host = offered[0][0].host
        fix = say("From outside the cluster's network, see that port 22623 of {host} does not answer.", host=host)
        return Finding("warning", text, fix)
    return Finding("warning", evidence, say("Take port 22623 off the outer address: it hands out the pull secret."))


async def _hidden(world: World, evidence: str, *, one_address: bool) -> Finding:
    """22623 did not answer at api's address: that proves something only where this is a live balancer's outer side."""
    if one_address:
        text = say("{evidence} api and api-int are one address, so this says nothing of outside.", evidence=evidence)
        return Finding("unknown", text, say("Get port 22623 of api-int to answer first."))
    alive = await asyncio.gather(*(tls.greet(*door.place) for door in await doors(world, "api", 6443)))
    if all(greeting.kind in UNREACHED for greeting in alive):
        text = say("{evidence} Nor does port 6443 answer there, so this says nothing.", evidence=evidence)
        return Finding("unknown", text, say("Get port 6443 of api to answer first."))
    return Finding("ok", evidence)


async def _removed(world: World) -> Finding:
    """Proof by use: connections through the balancer never end at the bootstrap, and none is lost."""
    bootstrap = next((listed(node.address) for node in nodes_of(world.plan, "bootstrap")), [])
    asked = [(number, door.place) for number in (6443, 22623) for door in await doors(world, "api-int", number)]
    if not asked or not bootstrap:
        return Finding("unknown", say("The plan has no bootstrap or no balancer to ask."))
    findings = await asyncio.gather(*(_removed_from(world, bootstrap, number, place) for number, place in asked))
    worst = next((f for state in ("failed", "unknown") for f in findings if f.state == state), findings[0])
    return Finding(worst.state, " ".join(dict.fromkeys(f.evidence for f in findings)), worst.fix)


async def _removed_from(world: World, bootstrap: list[str], number: int, place: tuple[str, int]) -> Finding:
    name = name_of(world.plan, "api-int")
    owns = await asyncio.gather(*(tls.greet(*endpoint(world.plan, host, number), name=name) for host in bootstrap))
    own = next((greeting for greeting in owns if greeting.kind == "tls"), owns[0])
    through = await asyncio.gather(*(tls.greet(*place, name=name) for _ in range(PROOF)))
    served = [greeting for greeting in through if greeting.kind == "tls"]
    fix = say(
        "Take the bootstrap ({address}) out of the backends of port {port} and reload the balancer.",
        address=", ".join(bootstrap),
        port=number,
    )
    if len(served) < PROOF:
        lost = say(
            "Port {port}: {lost} of {all} connections through the balancer were not served.",
            port=number,
            lost=PROOF - len(served),
            all=PROOF,
        )
        return Finding("failed", lost, fix)
    if own.kind != "tls":
        return Finding(
            "ok",
            say("Port {port}: the bootstrap is silent and all {all} connections were served.", port=number, all=PROOF),
        )
    same = sum(greeting.certificate == own.certificate for greeting in served)
    if not same:
        return Finding(
            "ok", say("Port {port}: none of {all} connections ended at the bootstrap.", port=number, all=PROOF)
        )
    if number == 22623:
        # The machine config server's certificate is the same on every machine, so it proves nothing.
        return Finding("unknown", say("Port 22623: bootstrap and control plane show the same certificate."), fix)
    return Finding(
        "failed",
        say("Port {port}: {count} of {all} connections ended at the bootstrap.", port=number, count=same, all=PROOF),
        fix,
    )


def _names(certificate: bytes) -> list[str]:
    loaded = x509.load_der_x509_certificate(certificate)
    try:
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return names.get_values_for_type(x509.DNSName) + [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]


def _covers(given: str, name: str) -> bool:
    if given.startswith("*."):
        return name.partition(".")[2].lower() == given[2:].lower()
    return given.lower() == name.lower()
