"""Where a problem of the rendered install-config stands in the plan it was rendered from."""

import re

from tui.plan.model import Plan

_SAME: list[tuple[str, str]] = [
    ("metadata.name", "topology.cluster_name"),
    ("metadata", "topology.cluster_name"),
    ("baseDomain", "topology.base_domain"),
    ("networking.networkType", "network.network_type"),
    ("networking.machineNetwork", "network.machine_networks"),
    ("networking.serviceNetwork", "network.service_networks"),
    ("networking.clusterNetwork", "network.cluster_networks"),
    ("controlPlane.architecture", "topology.architecture"),
    ("compute[0].architecture", "topology.architecture"),
    ("controlPlane", "topology.nodes"),
    ("compute", "topology.nodes"),
    ("pullSecret", "pull_secret.pull_secret"),
    ("sshKey", "pull_secret.ssh_key"),
    ("additionalTrustBundlePolicy", "pull_secret.trust_bundle_policy"),
    ("additionalTrustBundle", "pull_secret.trust_bundle"),
    ("proxy.httpProxy", "network.proxy.http"),
    ("proxy.httpsProxy", "network.proxy.https"),
    ("proxy.noProxy", "network.proxy.no_proxy"),
    ("proxy", "network.proxy.http"),
    ("imageDigestSources", "network.mirrors"),
    ("imageContentSources", "network.mirrors"),
    ("fips", "generate.fips"),
    ("cpuPartitioningMode", "generate.cpu_partitioning"),
    ("capabilities.additionalEnabledCapabilities", "generate.additional_capabilities"),
    ("capabilities", "generate.capability_set"),
]
_WHOLE = {"topology.nodes", "network.proxy.http", "generate.capability_set", "topology.cluster_name"}
"""Fields that stand for everything below the install-config's key."""

_RENAMED = {"hostPrefix": "host_prefix"}


def plan_path(plan: Plan, path: str) -> str:
    """The plan's path for an install-config's."""
    if path == "bootstrapInPlace.installationDisk":
        index = next((i for i, node in enumerate(plan.topology.nodes) if node.role == "master"), None)
        return "topology.nodes" if index is None else f"topology.nodes[{index}].disk"
    for before, after in _SAME:
        if path == before or path.startswith((f"{before}.", f"{before}[")):
            rest = "" if after in _WHOLE else path[len(before) :]
            break
    else:
        return "topology.shape"
    if after in {"network.machine_networks", "network.service_networks"}:
        rest = rest.removesuffix(".cidr")
    return after + re.sub(r"[A-Za-z]+", lambda word: _RENAMED.get(word[0], word[0]), rest)
