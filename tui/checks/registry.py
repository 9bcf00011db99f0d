"""The registry nodes pull from: trust, credentials, and whether the release is really there, by digest."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from msgspec.structs import replace

from tui.checks import trust
from tui.checks.model import Finding, Phase, Result
from tui.checks.registries import (
    Account,
    Repository,
    account_for,
    accounts,
    nowhere,
    registries,
    release_repositories,
    release_source,
    repository,
    split_host,
)
from tui.checks.world import Question, World, grouped, result, single
from tui.links import tls
from tui.links.registry import Registry, Said
from tui.plan.model import Plan
from tui.plan.node_pull_secret import for_nodes
from tui.text import say

SECONDS = 14.0


def questions(plan: Plan, _phase: Phase) -> list[Question]:
    """All questions to the registries, but for component images (`tui.checks.components`)."""
    hosts = registries(plan)
    if not hosts:
        return [single(id_, say("registry"), _nowhere, 1.0) for id_ in ("registry.trust", "registry.credentials")] + [
            single("registry.release", release_source(plan), _nowhere, 1.0)
        ]
    asked = [_of_each("registry.trust", hosts, trusted), _of_each("registry.credentials", hosts, credentials)]
    subject = ", ".join(where.shown for where in release_repositories(plan)) or release_source(plan)
    asked.append(Question(id="registry.release", subject=subject, ask=_release, seconds=SECONDS))
    if signed(plan.topology.version) and plan.network.mirrors:
        asked.append(Question(id="registry.signature", subject=subject, ask=_signature, seconds=SECONDS))
    return asked


def _of_each(id_: str, hosts: list[str], ask: Callable[[World, str], Awaitable[Finding]]) -> Question:
    async def in_time(world: World, host: str) -> Finding:
        try:
            async with asyncio.timeout(SECONDS - 1):
                return await ask(world, host)
        except TimeoutError:
            text = say("{host} did not answer within {seconds:.0f} s.", host=host, seconds=SECONDS - 1)
            return Finding("unknown", text, say("Ask again."))

    async def asked(world: World) -> list[Result]:
        found = await asyncio.gather(*(in_time(world, host) for host in hosts))
        findings = _replaced(world.plan, dict(zip(hosts, found, strict=True)))
        return [result(id_, host, finding) for host, finding in findings.items()]

    return Question(id=id_, subject=", ".join(hosts), ask=asked, seconds=SECONDS)


def _replaced(plan: Plan, findings: dict[str, Finding]) -> dict[str, Finding]:
    """A mirror that is down is a warning where another one that serves holds the same sources: nodes go on to it."""
    serving = {host for host, finding in findings.items() if finding.state in ("ok", "warning")}
    groups = [{repository(mirror).host for mirror in entry.mirrors} for entry in plan.network.mirrors]

    def softened(host: str, finding: Finding) -> Finding:
        others = [group & serving for group in groups if host in group]
        return replace(finding, state="warning") if finding.down and others and all(others) else finding

    return {host: softened(host, finding) for host, finding in findings.items()}


async def _nowhere(world: World) -> Finding:
    return nowhere(world.plan, release_source(world.plan))


def signed(version: str) -> bool:
    """Whether nodes of this version demand the release image's signature (from 4.21)."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (4, 21)


def digest_of(plan: Plan) -> str:
    """The release image's digest, "" while it is not known."""
    found = re.search(r"@(sha256:[0-9a-f]{64})$", plan.artifacts.release_image)
    return found[1] if found else ""


def pull_accounts(world: World) -> dict[str, Account]:
    """The accounts that nodes will have; what is not there has none."""
    chosen = world.plan.pull_secret
    texts = [world.text_secret(name) or "" for name in (chosen.pull_secret, chosen.mirror_credentials)]
    return accounts(for_nodes(world.plan, *texts))


async def client(world: World, where: Repository) -> Registry:
    """The registry that holds this repository, with the plan's trust and the account nodes would use."""
    account = account_for(pull_accounts(world), where)
    proxy = proxy_of(world)
    return Registry(
        where.host,
        place=None if proxy else await world.locate(*split_host(where.host)),
        context=trust.context(world.plan.pull_secret.trust_bundle),
        account=(account.user, account.password) if account else None,
        proxy=proxy,
    )


def proxy_of(world: World) -> str:
    """The proxy, with its account, through which a connected installation pulls; "" where none is needed."""
    network = world.plan.network
    url = "" if network.mirrors else network.proxy.https or network.proxy.http
    user, _, password = (world.text_secret(network.proxy.credentials) or "").partition(":")
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{quote(user, safe='')}:{quote(password, safe='')}@{rest}" if user and rest else url


async def trusted(world: World, host: str) -> Finding:
    """The live chain against what nodes will trust."""
    if proxy_of(world):
        return await _trusted_through_proxy(world, host)
    name, port = split_host(host)
    place = await world.locate(name, port)
    bundle = world.plan.pull_secret.trust_bundle
    first, seen = await asyncio.gather(
        tls.greet(*place, name=name, context=trust.context(bundle)), tls.greet(*place, name=name)
    )
    odd = next((greeting for greeting in (seen, first) if greeting.kind not in ("tls", "untrusted")), None)
    if odd is not None:
        return _not_tls(host, odd)
    return trust.judge(host, name, bundle, first, seen)


async def _trusted_through_proxy(world: World, host: str) -> Finding:
    said = await (await client(world, Repository(host, ""))).enter()
    evidence = say("GET https://{host}/v2/ through the proxy: {said}.", host=host, said=said.text)
    if said.kind == "untrusted":
        fix = say("Put the authority that signs for {host} (the proxy's own?) into the plan's trust bundle.", host=host)
        return Finding("failed", evidence, fix)
    if said.kind == "unreachable":
        return Finding("failed", evidence, say("See that the proxy works and lets {host} through.", host=host))
    return Finding("ok", evidence)


async def credentials(world: World, host: str) -> Finding:
    """Whether the registry takes the account that the pull secret has for it."""
    where = Repository(host, "")
    account = account_for(pull_accounts(world), where)
    said = await (await client(world, where)).enter()
    evidence = say(
        "GET https://{host}/v2/ as {user}: {said}.", host=host, user=account or say("nobody"), said=said.text
    )
    if said.kind == "ok":
        return Finding("ok", evidence)
    if said.kind == "unauthorised" and account is None:
        other = sorted(key for key in pull_accounts(world) if key.partition(":")[0] == host.partition(":")[0])
        if other:
            fix = say(
                "The pull secret knows {keys}, not {host}: host and port must be the same text.",
                keys=", ".join(other),
                host=host,
            )
        else:
            fix = say("Add an entry for {host} to the pull secret.", host=host)
        return Finding("failed", evidence, fix)
    return Finding("failed", evidence, _said_fix(said, host, account), down=said.kind == "unreachable")


async def manifest(world: World, where: Repository, reference: str) -> Finding:
    """Whether this manifest (digest or tag) is in this repository, for the account nodes use."""
    said = await (await client(world, where)).manifest(where.path, reference)
    mark = "@" if reference.startswith("sha256:") else ":"
    evidence = say(
        "HEAD {where}{mark}{reference}: {said}.", where=where.shown, mark=mark, reference=reference, said=said.text
    )
    if said.kind == "ok":
        return Finding("ok", evidence)
    if said.kind == "missing":
        fix = say(
            "Mirror it to {where}, or put the repository that holds it into the plan's mirrors.", where=where.shown
        )
        return Finding("failed", evidence, fix)
    return Finding("failed", evidence, _said_fix(said, where.host, account_for(pull_accounts(world), where)))


async def _release(world: World) -> list[Result]:
    return await _in_each_mirror(world, "registry.release", digest_of(world.plan))


async def _signature(world: World) -> list[Result]:
    digest = digest_of(world.plan)
    results = await _in_each_mirror(world, "registry.signature", digest and f"{digest.replace(':', '-')}.sig")
    fix = say(
        "Copy the signature beside the release image: `oc image mirror` with the tag …{tail}.sig, from a "
        "connected machine; from 4.21 nodes refuse a release image without it.",
        tail=digest[-12:],
    )
    return [
        r if r.state in ("ok", "unknown") else result(r.id, r.subject, Finding(r.state, r.evidence, fix))
        for r in results
    ]


async def _in_each_mirror(world: World, id_: str, reference: str) -> list[Result]:
    """Container tools try one mirror after the other, so one that has it is enough, though not comfortable."""
    where = release_repositories(world.plan)
    if not where:
        return [result(id_, release_source(world.plan), await _nowhere(world))]
    if not reference:
        text = say("The release image's digest is not known yet: openshift-install of step Artifacts tells it.")
        return [result(id_, repository.shown, Finding("unknown", text)) for repository in where]
    found = await asyncio.gather(*(manifest(world, repository, reference) for repository in where))
    findings = {repository.shown: finding for repository, finding in zip(where, found, strict=True)}
    findings = grouped(findings, {name for name, finding in findings.items() if finding.state == "failed"})
    return [result(id_, name, finding) for name, finding in findings.items()]


def _said_fix(said: Said, host: str, account: Account | None) -> str:
    match said.kind:
        case "unauthorised":
            return say(
                "Put a working account for {host} into the pull secret; {user} was refused.",
                host=host,
                user=account or say("nobody"),
            )
        case "forbidden":
            return say("Allow {user} to pull on {host}.", host=host, user=account or say("nobody"))
        case "untrusted":
            return say("Repair the trust first: see registry.trust for {host}.", host=host)
        case "throttled":
            return say("Wait: {host} limits how much may be asked.", host=host)
        case "unreachable":
            return say("Start the registry {host}, or open its port.", host=host)
    return say("See that {host} is a registry: its /v2/ must answer.", host=host)


def _not_tls(host: str, seen: tls.Greeting) -> Finding:
    from tui.checks.balancer import said

    evidence = say("Connected to {host}: {said}.", host=host, said=said(seen))
    if seen.kind == "http":
        fix = say("Serve {host} over TLS: nodes do not pull over plain HTTP.", host=host)
    else:
        fix = say("Start the registry {host}, or open its port.", host=host)
    return Finding("failed", evidence, fix, down=seen.kind != "http")
