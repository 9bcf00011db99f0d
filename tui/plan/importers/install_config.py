"""install-config.yaml of any version taken over: what it says, not what the installer would fill in.

Keys of older versions are converted as the installer does (machineCIDR, serviceCIDR, hostSubnetLength…).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tui.plan import ssh_keys
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.install_config_left import notes, refused
from tui.plan.importers.yaml_documents import documents
from tui.plan.install_config import ARCHITECTURES, line_of
from tui.plan.machine_words import Machine, disk, name
from tui.plan.model import ClusterNetwork, MirrorSource, Plan
from tui.plan.pull_secrets import NotAPullSecret, compact
from tui.plan.rules.config import Config, Entry, effective
from tui.plan.rules.options import capability_sets
from tui.plan.tables import LineProblem
from tui.plan.trust import clean
from tui.plan.versions import KNOWN
from tui.text import say

PULL_SECRET, PROXY_CREDENTIALS = "pull-secret.json", "proxy-credentials"
_HOST = re.compile(r"\*|[a-z0-9._*/:-]{1,253}", re.IGNORECASE)
_URL = re.compile(r"(https?)://(?:([^/@]*)@)?([A-Za-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(:\d{1,5})?/?", re.IGNORECASE)
_REPOSITORY = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?(/[a-z0-9._/-]{1,255})?")


def read(source: Source) -> Found:
    """What an install-config says. Raises Unreadable."""
    plan = source.plan
    (document,) = documents(source.data, one=True)
    if not isinstance(document, dict):
        raise Unreadable(say("This is no install-config: its outermost level is no map."))
    line = line_of(plan)
    seen = effective(document, line, "manifests")
    values = {path: value for path, value in _values(seen) if value not in ("", [], None)}
    secrets = {name: content.encode() for name, content in _secrets(seen)}
    if PULL_SECRET in secrets:
        values["pull_secret.pull_secret"] = PULL_SECRET
    if PROXY_CREDENTIALS in secrets:
        values["network.proxy.credentials"] = PROXY_CREDENTIALS
    return Found(
        values=values,
        machines=list(_machines(seen, plan)),
        secrets=secrets,
        notes=list(notes(seen, plan)),
        problems=[LineProblem(0, message) for message in refused(seen, values)],
    )


def sources(entries: list[tuple[str, tuple[str, ...]]]) -> list[MirrorSource]:
    """Mirror sources that are repositories; what is something else is left out."""
    return [
        MirrorSource(source=source, mirrors=[mirror for mirror in mirrors if _REPOSITORY.fullmatch(mirror)])
        for source, mirrors in entries
        if _REPOSITORY.fullmatch(source) and any(_REPOSITORY.fullmatch(mirror) for mirror in mirrors)
    ]


def public_keys(text: str) -> str:
    """The public keys, each with its comment where that is a usual one."""
    kept = []
    for line in text.split("\n"):
        key = ssh_keys.read_line(line)
        if key:
            comment = line.strip().rpartition(" ")[2]
            plain = re.fullmatch(r"[A-Za-z0-9_.-]{1,40}@[A-Za-z0-9_.-]{1,60}", comment)
            kept.append(f"{key.algorithm} {key.blob}{f' {comment}' if plain else ''}")
    return "\n".join(kept)


def _values(seen: Config) -> Iterator[tuple[str, Any]]:
    given, net = seen.given, seen.section("networking") or {}
    yield "topology.cluster_name", name(seen.name)
    yield "topology.base_domain", name(seen.base_domain)
    yield "topology.architecture", _architecture(seen)
    yield "topology.shape", _shape(seen)
    if net.get("machineNetwork") or net.get("machineCIDR"):
        yield "network.machine_networks", _cidrs(seen.machine)
    if net.get("clusterNetwork") or net.get("clusterNetworks"):
        yield (
            "network.cluster_networks",
            [
                ClusterNetwork(cidr=entry.network.name, host_prefix=entry.host_prefix)
                for entry in seen.cluster
                if entry.network.bits
            ],
        )
    if net.get("serviceNetwork") or net.get("serviceCIDR"):
        yield "network.service_networks", _cidrs(seen.service)
    if (net.get("networkType") or net.get("type")) and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,30}", seen.network_type):
        yield "network.network_type", seen.network_type
    yield "network.mirrors", sources([(source.source, source.mirrors) for source in seen.sources])
    yield from _proxy(seen.section("proxy") or {})
    yield "pull_secret.ssh_key", public_keys(seen.text("sshKey"))
    yield "pull_secret.trust_bundle", clean(seen.text("additionalTrustBundle"))
    yield "pull_secret.trust_bundle_policy", _one_of(seen.text("additionalTrustBundlePolicy"), "Proxyonly", "Always")
    if given.get("fips") is True:
        yield "generate.fips", True
    yield "generate.cpu_partitioning", _one_of(seen.text("cpuPartitioningMode"), "None", "AllNodes")
    chosen, sets = seen.section("capabilities") or {}, capability_sets(KNOWN[-1])
    yield "generate.capability_set", _one_of(chosen.get("baselineCapabilitySet") or "", *sets)
    more = chosen.get("additionalEnabledCapabilities") or []
    yield "generate.additional_capabilities", [word for word in more if word in sets["vCurrent"]]


def _cidrs(entries: list[Entry]) -> list[str]:
    return [entry.network.name for entry in entries if entry.network.bits]


def _architecture(seen: Config) -> str:
    written = (seen.section("controlPlane") or {}).get("architecture")
    return next((ours for ours, go in ARCHITECTURES.items() if go == written), "")


def _shape(seen: Config) -> str:
    written = (seen.section("controlPlane") or {}).get("replicas")
    return "sno" if seen.single_node or written == 1 else ""


def _one_of(text: str, *words: str) -> str:
    return text if text in words else ""


def _proxy(proxy: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, path in (("httpProxy", "http"), ("httpsProxy", "https")):
        match = _URL.fullmatch(proxy.get(key) or "")
        yield f"network.proxy.{path}", f"{match[1]}://{match[3]}{match[4] or ''}" if match else ""
    parts = [part.strip() for part in (proxy.get("noProxy") or "").split(",")]
    yield "network.proxy.no_proxy", [part for part in parts if _HOST.fullmatch(part)]


def _secrets(seen: Config) -> Iterator[tuple[str, str]]:
    from urllib.parse import unquote

    with suppress(NotAPullSecret):
        yield PULL_SECRET, compact(seen.text("pullSecret"))
    proxy = seen.section("proxy") or {}
    matches = (_URL.fullmatch(proxy.get(key) or "") for key in ("httpProxy", "httpsProxy"))
    given = next((match[2] for match in matches if match and match[2]), "")
    if given:
        yield PROXY_CREDENTIALS, unquote(given)


def _machines(seen: Config, plan: Plan) -> Iterator[Machine]:
    """An install-config counts its control plane and names nobody; the disk is told for a single node only."""
    if any(node.role == "master" for node in plan.topology.nodes):
        return
    written = (seen.section("controlPlane") or {}).get("replicas")
    device = disk((seen.section("bootstrapInPlace") or {}).get("installationDisk") or "")
    for _ in range(min(written or 0, 9)):
        yield Machine(role="master", disk=device)
