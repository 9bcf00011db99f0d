"""The load balancer, port by port: refused, filtered, open without a backend, wrong mode, or who answers."""

import asyncio

from cryptography import x509

from tui.checks.haproxy import stats_questions
from tui.checks.model import Finding, Phase
from tui.checks.world import Question, World, single
from tui.links import tls
from tui.plan.endpoints import cluster_domain, endpoint, nodes_of
from tui.plan.model import Plan
from tui.text import say

SECONDS = 10.0
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
    """Whether this is a single node whose own address is behind all names."""
    own = {node.address for node in nodes_of(plan, "master")}
    return plan.topology.shape == "sno" and plan.network.load_balancer.api in {"", *own}


def name_of(plan: Plan, role: str) -> str:
    """The name clients use: api.DOMAIN, api-int.DOMAIN, and for apps one that the console has."""
    domain = cluster_domain(plan) or say("(cluster name undecided)")
    return f"console-openshift-console.apps.{domain}" if role == "apps" else f"{role}.{domain}"


async def place_of(world: World, role: str, port: int) -> tuple[str, int] | None:
    """Where this role's port is contacted; None while the plan cannot say."""
    plan = world.plan
    balancer, name = plan.network.load_balancer, name_of(plan, role)
    host = {"api": balancer.api, "api-int": balancer.api_int or balancer.api, "apps": balancer.ingress}[role]
    if not host and plan.topology.shape == "sno":
        host = next((node.address for node in nodes_of(plan, "master")), "")
    if not (host or cluster_domain(plan)):
        return None
    for known in (host, name):
        if known and endpoint(plan, known, port) != (known, port):
            return endpoint(plan, known, port)
    return await world.locate(host or name, port)


async def ask(world: World, role: str, number: int) -> Finding:
    """Asks one port of "api", "api-int" or "apps"."""
    name = name_of(world.plan, role)
    place = await place_of(world, role, number)
    if place is None:
        return Finding("unknown", say("The plan does not say yet where {name} is.", name=name))
    greeting = await (tls.greet_plain if number == 80 else tls.greet)(*place, name=name)
    return judge(world.plan, world.phase, number=number, name=name, greeting=greeting, place=place)


def judge(
    plan: Plan, phase: Phase, *, number: int, name: str, greeting: tls.Greeting, place: tuple[str, int]
) -> Finding:
    """How a balancer's port answered, judged for its phase."""
    where = say("{name} port {port} at {host}:{real}", name=name, port=number, host=place[0], real=place[1])
    evidence = say("Connected to {where}: {said} ({ms:.0f} ms).", where=where, said=said(greeting), ms=greeting.ms)
    match greeting.kind:
        case "refused" | "filtered" | "unreachable" if phase == "bootstrapping" and stands_alone(plan):
            return Finding("warning", evidence, say("The single node installs itself: its API comes last."))
        case "refused" | "filtered" | "unreachable":
            return Finding("failed", evidence, _unreached_fix(plan, number, greeting.kind))
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
    return single(f"lb.{number}", f"{name_of(plan, role)}:{number}", lambda world: ask(world, role, number), SECONDS)


def _unreached_fix(plan: Plan, number: int, kind: str) -> str:
    balancer = plan.network.load_balancer
    host = (balancer.ingress if number in (80, 443) else balancer.api) or say("the load balancer")
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
    outer, inner = await place_of(world, "api", 22623), await place_of(world, "api-int", 22623)
    if outer is None or outer == inner:
        return Finding(
            "unknown",
            say("api and api-int are one address, so from here nobody can see whether port 22623 is open outside."),
            say("From a machine outside the cluster's network, see that port 22623 does not answer."),
        )
    greeting = await tls.greet(*outer)
    evidence = say("Connected to {host}:{port}: {said}.", host=outer[0], port=outer[1], said=said(greeting))
    if greeting.kind in ("refused", "filtered", "unreachable"):
        return Finding("ok", evidence)
    return Finding("warning", evidence, say("Take port 22623 off the outer address: it hands out the pull secret."))


async def _removed(world: World) -> Finding:
    """Proof by use: connections through the balancer never end at the bootstrap, and none is lost."""
    places = [place for number in (6443, 22623) if (place := await place_of(world, "api-int", number))]
    bootstrap = next(iter(nodes_of(world.plan, "bootstrap")), None)
    if len(places) < 2 or bootstrap is None or not bootstrap.address:
        return Finding("unknown", say("The plan has no bootstrap or no balancer to ask."))
    findings = await asyncio.gather(
        *(
            _removed_from(world, bootstrap.address, number, place)
            for number, place in zip((6443, 22623), places, strict=True)
        )
    )
    worst = next((f for state in ("failed", "unknown") for f in findings if f.state == state), findings[0])
    return Finding(worst.state, " ".join(f.evidence for f in findings), worst.fix)


async def _removed_from(world: World, bootstrap: str, number: int, place: tuple[str, int]) -> Finding:
    name = name_of(world.plan, "api-int")
    own = await tls.greet(*endpoint(world.plan, bootstrap, number), name=name)
    through = await asyncio.gather(*(tls.greet(*place, name=name) for _ in range(PROOF)))
    served = [greeting for greeting in through if greeting.kind == "tls"]
    fix = say(
        "Take the bootstrap ({address}) out of the backends of port {port} and reload the balancer.",
        address=bootstrap,
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
