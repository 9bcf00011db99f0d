"""install-config.yaml as text."""

import json
from typing import TYPE_CHECKING, Any

from tui.generate.model import Secret
from tui.plan.model import Plan

if TYPE_CHECKING:
    import yaml


def install_config(plan: Plan, secret: Secret) -> str:
    """The file openshift-install reads; `secret` gives the text of a secret by its name in the plan."""
    import yaml

    class Plain(yaml.SafeDumper):
        """Multi-line text as a block, the pull secret's JSON in single quotes: as a person would write them."""

    Plain.add_representer(str, _text)
    document = _document(plan, pull_secret(plan, secret))
    return yaml.dump(document, Dumper=Plain, sort_keys=False, width=10**6)


def _text(dumper: "yaml.SafeDumper", text: str) -> "yaml.ScalarNode":
    style = "|" if "\n" in text.rstrip("\n") else "'" if text.startswith("{") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def pull_secret(plan: Plan, secret: Secret) -> str:
    """The pull secret on one line, the mirror's credentials merged into it; a preview's mark stays as it is."""
    chosen = plan.pull_secret
    texts = [secret(name).strip() for name in (chosen.pull_secret, chosen.mirror_credentials) if name]
    auths: dict[str, Any] = {}
    for text in texts:
        try:
            auths.update(json.loads(text)["auths"])
        except (ValueError, TypeError, KeyError):
            return texts[0]  # not ours to judge: the plan's rules and openshift-install say what is wrong with it
    return json.dumps({"auths": auths}, separators=(",", ":"), ensure_ascii=False) if texts else ""


def _document(plan: Plan, pull_secret_text: str) -> dict[str, Any]:
    topology, network = plan.topology, plan.network
    document: dict[str, Any] = {
        "apiVersion": "v1",
        "baseDomain": topology.base_domain,
        "metadata": {"name": topology.cluster_name},
        "compute": [{"name": "worker", "replicas": 0}],
        "controlPlane": {"name": "master", "replicas": sum(node.role == "master" for node in topology.nodes)},
        "networking": {
            "networkType": network.network_type,
            "clusterNetwork": [{"cidr": one.cidr, "hostPrefix": one.host_prefix} for one in network.cluster_networks],
            "serviceNetwork": list(network.service_networks),
            "machineNetwork": [{"cidr": one} for one in network.machine_networks],
        },
        "platform": {"none": {}},
        "pullSecret": pull_secret_text,
        "sshKey": plan.pull_secret.ssh_key,
    }
    if plan.pull_secret.trust_bundle:
        document["additionalTrustBundle"] = plan.pull_secret.trust_bundle.strip() + "\n"
    return document
