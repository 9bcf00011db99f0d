"""What of an install-config has no place in a plan or cannot be taken: told, never dropped in silence."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.plan.model import Plan
from tui.plan.pull_secrets import NotAPullSecret, problems
from tui.plan.rules.config import Config
from tui.plan.wording import did_you_mean, key_shown
from tui.text import say

_USUAL: dict[str, Any] = {
    "publish": "External",
    "featureSet": "",
    "credentialsMode": "",
    "operatorPublishingStrategy": None,
    "featureGates": [],
    "osImageStream": "",
}
"""Keys without a field in a plan, and the value by which nothing is lost."""


def notes(seen: Config, plan: Plan) -> Iterator[str]:
    """Sentences for what a person should know."""
    if not plan.topology.version:
        yield say("An install-config does not say its OpenShift version: choose it on the topology screen.")
    for respelt in seen.decoded.respelt:
        if respelt.old:
            yield say("{path} is an old key; it is taken as {name}.", path=respelt.path, name=respelt.name)
    replicas = [pool.replicas for pool in seen.compute if pool.name == "worker" and pool.replicas]
    if (seen.section("controlPlane") or {}).get("replicas") and not plan.topology.nodes:
        yield say("The file counts the control plane nodes and does not name them: import a table, DHCP or DNS too.")
    if replicas and seen.given.get("compute"):
        yield say("compute.replicas will be 0: with platform none workers join by themselves.")
    if seen.section("controlPlane") and (seen.section("controlPlane") or {}).get("fencing"):
        yield say("The fencing credentials are not taken over.")
    lost = [key for key, usual in _USUAL.items() if seen.given.get(key) not in (None, usual)]
    lost += (
        ["hyperthreading"]
        if "Disabled" in {seen.control.hyperthreading, *(p.hyperthreading for p in seen.compute)}
        else []
    )
    lost += ["sourcePolicy"] if any(source.policy for source in seen.sources) else []
    if lost:
        yield say("A plan has no place for {keys}: write these into the generated file.", keys=", ".join(lost))
    if _taken_apart(seen.text("pullSecret")):
        yield say("The pull secret has been blanked in this file, as a cluster keeps it: take it from elsewhere.")


def _taken_apart(text: str) -> bool:
    return text.strip() in {'""', "''", "REDACTED", "<redacted>"}


def refused(seen: Config, values: Mapping[str, Any]) -> Iterator[str]:
    """Sentences for what is wrong; `values` is what was taken, by the plan's paths."""
    if seen.platforms and seen.platform not in {"none", ""}:
        yield say("This file is for platform {name}; a plan is for platform none.", name=seen.platform)
    for mistyped in seen.decoded.mistyped[:20]:
        yield say("{path} is not taken: here must be {wanted}.", path=_path(mistyped.path), wanted=mistyped.wanted)
    for unknown in seen.decoded.unknown[:20]:
        where = ".".join(part for part in (_path(unknown.parent), key_shown(unknown.key)) if part)
        meant = did_you_mean(unknown.key, unknown.known)
        yield f"{say('{where} is not taken: no such key here.', where=where)} {meant}".rstrip()
    if seen.text("pullSecret") and not _taken_apart(seen.text("pullSecret")):
        try:
            yield from problems(seen.text("pullSecret"))
        except NotAPullSecret as error:
            yield say("The pull secret is not taken: {why}", why=error)
    for path, given, taken in _counts(seen, values):
        if taken < given == 1:
            yield say("{path} is not taken: it is not what belongs there.", path=path)
        elif taken < given:
            left = given - taken
            yield say("{path}: {left} of {given} are not what belongs there and not taken.",
                      path=path, left=left, given=given)  # fmt: skip


def _counts(seen: Config, values: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """How much is written at a key, and how much of it was taken."""

    def taken(path: str) -> int:
        value = values.get(path, "")
        return len(value) if isinstance(value, list) else int(bool(value))

    proxy, chosen = seen.section("proxy") or {}, seen.section("capabilities") or {}
    net = seen.section("networking") or {}
    yield "metadata.name", bool(seen.name), taken("topology.cluster_name")
    yield "baseDomain", bool(seen.base_domain), taken("topology.base_domain")
    yield "networking.networkType", bool(net.get("networkType") or net.get("type")), taken("network.network_type")
    yield "proxy.httpProxy", bool(proxy.get("httpProxy")), taken("network.proxy.http")
    yield "proxy.httpsProxy", bool(proxy.get("httpsProxy")), taken("network.proxy.https")
    no_proxy = [part for part in (proxy.get("noProxy") or "").split(",") if part.strip()]
    yield "proxy.noProxy", len(no_proxy), taken("network.proxy.no_proxy")
    yield "imageDigestSources", len(seen.sources), taken("network.mirrors")
    yield "sshKey", bool(seen.text("sshKey").strip()), taken("pull_secret.ssh_key")
    bundle = seen.text("additionalTrustBundle").strip()
    yield "additionalTrustBundle", bool(bundle), taken("pull_secret.trust_bundle")
    policy = seen.text("additionalTrustBundlePolicy")
    yield "additionalTrustBundlePolicy", bool(policy), taken("pull_secret.trust_bundle_policy")
    yield "cpuPartitioningMode", bool(seen.text("cpuPartitioningMode")), taken("generate.cpu_partitioning")
    yield (
        "capabilities.baselineCapabilitySet",
        bool(chosen.get("baselineCapabilitySet")),
        taken("generate.capability_set"),
    )
    more = chosen.get("additionalEnabledCapabilities") or []
    yield "capabilities.additionalEnabledCapabilities", len(more), taken("generate.additional_capabilities")


def _path(path: str) -> str:
    return ".".join(re.sub(r"^[^\[]*", lambda match: key_shown(match[0]), part) for part in path.split(".") if part)
