"""A plan as an install-config document; `tui.plan.importers.install_config` reads one back.

The document holds only keys that the plan's version knows. `compute.replicas` is always 0, as documented for machines
that the installer does not make; whether the control plane is schedulable is said in the scheduler's manifest.
"""

from typing import Any

from tui.plan import versions
from tui.plan.model import Plan, Proxy
from tui.plan.pem import next_block

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x"}
"""Go's names, which the installer uses, for the names that files and directories have."""


def document(plan: Plan, pull_secret_text: str, credentials: str = "") -> dict[str, Any]:
    """The install-config of a plan, in the usual order of keys.

    `credentials` is the proxy's `user:password`, already percent-encoded, "" for none. The result holds secrets.
    """
    line = line_of(plan)
    topology, secret = plan.topology, plan.pull_secret
    pool = {"hyperthreading": "Enabled", "architecture": ARCHITECTURES[topology.architecture]}
    control = [node for node in topology.nodes if node.role == "master"]
    whole: dict[str, Any] = {
        "apiVersion": "v1",
        "baseDomain": topology.base_domain,
        "metadata": {"name": topology.cluster_name},
        "compute": [{"name": "worker", **pool, "replicas": 0}],
        "controlPlane": {"name": "master", **pool, "replicas": len(control)},
        "networking": _networking(plan),
        "platform": {"none": {}},
    }
    if topology.shape == "sno" and line >= (4, 8) and control:
        whole["bootstrapInPlace"] = {"installationDisk": control[0].disk}
    whole |= _options(plan, line)
    whole |= _proxy(plan.network.proxy, credentials)
    whole["pullSecret"] = "".join(part.strip() for part in pull_secret_text.splitlines())
    if secret.ssh_key.strip():
        whole["sshKey"] = secret.ssh_key
    if secret.trust_bundle.strip():
        whole["additionalTrustBundle"] = clean_bundle(secret.trust_bundle)
        if line >= (4, 12):
            whole["additionalTrustBundlePolicy"] = secret.trust_bundle_policy
    if plan.network.mirrors:
        key = "imageDigestSources" if line >= (4, 14) else "imageContentSources"
        whole[key] = [{"source": m.source, "mirrors": list(m.mirrors)} for m in plan.network.mirrors]
    return whole


def line_of(plan: Plan) -> versions.Line:
    """The minor version whose rules and keys hold for a plan; the newest while none is chosen."""
    try:
        return versions.nearest(versions.parse(plan.topology.version))[0]
    except versions.NotAVersion:
        return versions.KNOWN[-1]


def _networking(plan: Plan) -> dict[str, Any]:
    network = plan.network
    return {
        "networkType": network.network_type,
        "machineNetwork": [{"cidr": cidr} for cidr in network.machine_networks],
        "clusterNetwork": [{"cidr": n.cidr, "hostPrefix": n.host_prefix} for n in network.cluster_networks],
        "serviceNetwork": list(network.service_networks),
    }


def _options(plan: Plan, line: versions.Line) -> dict[str, Any]:
    chosen = plan.generate
    options: dict[str, Any] = {}
    if chosen.fips:
        options["fips"] = True
    if chosen.cpu_partitioning != "None" and line >= (4, 13):
        options["cpuPartitioningMode"] = chosen.cpu_partitioning
    if (chosen.capability_set or chosen.additional_capabilities) and line >= (4, 11):
        options["capabilities"] = {"baselineCapabilitySet": chosen.capability_set or "vCurrent"}
        if chosen.additional_capabilities:
            options["capabilities"]["additionalEnabledCapabilities"] = list(chosen.additional_capabilities)
    return options


def _proxy(proxy: Proxy, credentials: str) -> dict[str, Any]:
    urls = {"httpProxy": proxy.http, "httpsProxy": proxy.https}
    given = {key: _with_credentials(url, credentials) for key, url in urls.items() if url}
    if given and proxy.no_proxy:
        given["noProxy"] = ",".join(proxy.no_proxy)
    return {"proxy": given} if given else {}


def _with_credentials(url: str, credentials: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://{credentials}@{rest}" if credentials and separator else url


def clean_bundle(text: str) -> str:
    """The PEM blocks of a text and nothing else: the installer refuses so much as a blank line after the last one."""
    blocks = []
    block, rest = next_block(text.replace("\r\n", "\n"))
    while block is not None:
        blocks.append(block.text)
        block, rest = next_block(rest)
    return "".join(blocks) or text
