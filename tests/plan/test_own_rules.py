"""Rules of our own: each breaks a good plan or install-config in one place and is found there, and only there."""

from typing import Any

import pytest

from tests.plan.plans import ED25519, GOOD, SECRET
from tui.plan import fields
from tui.plan.install_config import document
from tui.plan.model import Plan, Problem
from tui.plan.rules import RULES, judge, judge_install_config

PLAN_CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"topology.version": ""}, "version", "topology.version"),
    ({"topology.version": "latest"}, "version", "topology.version"),
    ({"topology.version": "4.99"}, "version-nearest", "topology.version"),
    ({"topology.shape": "sno"}, "shape", "topology.shape"),
    ({"topology.shape": "compact"}, "shape", "topology.shape"),
    ({"topology.shape": "compact"}, "shape-compact", "topology.shape"),
    ({"topology.nodes[0].role": "worker"}, "bootstrap", "topology.nodes"),
    ({"topology.nodes[4].role": "bootstrap"}, "bootstrap", "topology.nodes"),
    ({"topology.nodes[5].role": "master"}, "workers-one", "topology.nodes"),
    ({"topology.nodes[5].role": "master"}, "control-plane-count", "topology.nodes"),
    ({"topology.nodes[3].role": "worker"}, "control-plane-count", "topology.nodes"),
    ({"topology.nodes[1].name": ""}, "node-name", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "Master"}, "node-name", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "a_b"}, "node-name", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "localhost"}, "node-name", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "a" * 64}, "node-name", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "a" * 60}, "node-name-long", "topology.nodes[1].name"),
    ({"topology.nodes[1].name": "master-1.ocp4.example.com"}, "node-name-twice", "topology.nodes[2].name"),
    ({"topology.nodes[1].address": ""}, "node-address", "topology.nodes[1].address"),
    ({"topology.nodes[1].address": "192.168.31"}, "node-address", "topology.nodes[1].address"),
    ({"topology.nodes[1].address": "127.0.0.2"}, "node-address", "topology.nodes[1].address"),
    ({"topology.nodes[1].address": "192.168.31.11"}, "node-address-twice", "topology.nodes[2].address"),
    ({"topology.nodes[1].address": "192.168.32.9"}, "node-address-network", "topology.nodes[1].address"),
    ({"topology.nodes[1].address": "192.168.31.0"}, "node-address-network", "topology.nodes[1].address"),
    ({"topology.nodes[1].address": "192.168.31.255"}, "node-address-network", "topology.nodes[1].address"),
    ({"topology.nodes[1].mac": "52:54:00:12:34"}, "node-mac", "topology.nodes[1].mac"),
    ({"topology.nodes[1].mac": "01:54:00:12:34:56"}, "node-mac", "topology.nodes[1].mac"),
    ({"topology.nodes[1].mac": "00:00:00:00:00:00"}, "node-mac", "topology.nodes[1].mac"),
    (
        {"topology.nodes[1].mac": "52:54:00:12:34:ab", "topology.nodes[2].mac": "52-54-00-12-34-AB"},
        "node-mac-twice",
        "topology.nodes[2].mac",
    ),
    ({"boot.method": "pxe"}, "node-mac-needed", "topology.nodes[0].mac"),
    ({"topology.nodes[1].interface": "eth 0"}, "node-interface", "topology.nodes[1].interface"),
    ({"topology.nodes[1].disk": ""}, "node-disk", "topology.nodes[1].disk"),
    ({"topology.nodes[1].disk": "sda"}, "node-disk", "topology.nodes[1].disk"),
    ({"boot.method": "redfish"}, "node-bmc", "topology.nodes[0].bmc.address"),
    (
        {"network.cluster_networks[0].host_prefix": 15},
        "cluster-network-nodes",
        "network.cluster_networks[0].host_prefix",
    ),
    ({"network.cluster_networks[0].host_prefix": 31}, "host-prefix-tiny", "network.cluster_networks[0].host_prefix"),
    ({"network.cluster_networks[0].host_prefix": 25}, "host-prefix-small", "network.cluster_networks[0].host_prefix"),
    ({"network.cluster_networks[0].host_prefix": 10}, "host-prefix-size", "network.cluster_networks[0].host_prefix"),
    ({"network.cluster_networks[0].cidr": "nonsense"}, "type", "network.cluster_networks[0].cidr"),
    ({"network.machine_networks": []}, "machine-network-undecided", "network.machine_networks"),
    ({"network.machine_networks[0]": "192.168.31.7/24"}, "network-address", "network.machine_networks[0]"),
    ({"network.machine_networks[0]": "192.168.31"}, "type", "network.machine_networks[0]"),
    ({"network.service_networks[0]": "172.30.0.0/29"}, "service-network-tiny", "network.service_networks[0]"),
    ({"network.service_networks[0]": "172.30.0.0/24"}, "service-network-small", "network.service_networks[0]"),
    ({"network.service_networks[0]": "192.168.0.0/16"}, "service-network-overlap", "network.service_networks[0]"),
    ({"network.service_networks[0]": "172.17.0.0/16"}, "docker-bridge", "network.service_networks[0]"),
    (
        {"network.cluster_networks[0].cidr": "100.64.0.0/14"},
        "ovn-internal-overlap-unchecked",
        "network.cluster_networks[0].cidr",
    ),
    ({"network.network_type": "Calico"}, "network-type-unknown", "network.network_type"),
    ({"network.network_type": "OpenShiftSDN"}, "network-type-gone", "network.network_type"),
    ({"network.gateway": ""}, "gateway", "network.gateway"),
    ({"network.gateway": "10.0.0.1"}, "gateway", "network.gateway"),
    ({"network.gateway": "192.168.31.10"}, "gateway", "network.gateway"),
    ({"network.name_servers": []}, "name-server", "network.name_servers"),
    ({"network.name_servers[0]": "172.30.0.10"}, "name-server", "network.name_servers[0]"),
    ({"network.name_servers[0]": "127.0.0.1"}, "name-server", "network.name_servers[0]"),
    ({"network.name_servers[0]": "ns1"}, "name-server", "network.name_servers[0]"),
    ({"network.name_servers[1]": "192.168.31.5"}, "name-server-list", "network.name_servers[1]"),
    ({"network.search_domain": "a b"}, "search-domain", "network.search_domain"),
    ({"network.ntp_servers[0]": "http://ntp"}, "ntp-server", "network.ntp_servers[0]"),
    ({"network.ntp_servers": []}, "ntp-missing", "network.ntp_servers"),
    ({"network.vlan": 4095}, "vlan", "network.vlan"),
    ({"network.mtu": 100}, "mtu", "network.mtu"),
    ({"network.bond.interfaces": ["eno1"], "network.bond.name": "bond0"}, "bond", "network.bond.interfaces"),
    ({"network.dhcp_range": "192.168.31.9"}, "dhcp-range", "network.dhcp_range"),
    ({"network.dhcp_range": "192.168.31.9-192.168.32.9"}, "dhcp-range", "network.dhcp_range"),
    ({"network.load_balancer.api": ""}, "load-balancer", "network.load_balancer.api"),
    ({"network.load_balancer.ingress": "10.128.0.5"}, "load-balancer", "network.load_balancer.ingress"),
    ({"network.load_balancer.api": "192.168.31.10"}, "load-balancer-node", "network.load_balancer.api"),
    ({"network.proxy.http": "http://u:p@proxy.example.com:1"}, "proxy-password", "network.proxy.http"),
    ({"network.proxy.http": "http://proxy.example.com:1"}, "proxy-exceptions", "network.proxy.no_proxy"),
    ({"network.proxy.http": "ftp://proxy.example.com"}, "proxy-url", "network.proxy.http"),
    ({"network.mirrors": []}, "registry-undecided", "network.connected"),
    ({"network.mirrors": [], "network.connected": False}, "registry-nowhere", "network.mirrors"),
    ({"network.mirrors[0].mirrors": []}, "mirror-empty", "network.mirrors[0].mirrors"),
    ({"network.mirrors[0].mirrors[0]": "https://m/a"}, "mirror-repository", "network.mirrors[0].mirrors[0]"),
    ({"pull_secret.pull_secret": ""}, "pull-secret", "pull_secret.pull_secret"),
    ({"pull_secret.pull_secret": "../../etc/passwd"}, "secret-file", "pull_secret.pull_secret"),
    ({"pull_secret.ssh_private_key": ""}, "ssh-private-key", "pull_secret.ssh_private_key"),
    ({"pull_secret.ssh_key": ""}, "ssh-key-missing", "pull_secret.ssh_key"),
    ({"pull_secret.ssh_key": "ssh-ed25519 AAAA"}, "ssh-key", "pull_secret.ssh_key"),
    ({"pull_secret.trust_bundle": "rubbish"}, "trust-bundle", "pull_secret.trust_bundle"),
    ({"generate.fips": True}, "ssh-key-fips", "pull_secret.ssh_key"),
    ({"generate.capability_set": "v4.18"}, "capability-set", "generate.capability_set"),
    ({"artifacts.release_image": "quay.io/a:1"}, "release-image", "artifacts.release_image"),
    ({"artifacts.sources": ["ftp://x"]}, "source", "artifacts.sources[0]"),
    ({"boot.listen": "0.0.0.0:8080"}, "listen", "boot.listen"),
    ({"boot.listen": "192.168.31.5"}, "listen", "boot.listen"),
    ({"endpoints": {"api:6443": "127.0.0.1"}}, "endpoint", 'endpoints["api:6443"]'),
    ({"topology.cluster_name": "o.c.p"}, "cluster-name-dots", "topology.cluster_name"),
    ({"topology.base_domain": "lab"}, "base-domain-single", "topology.base_domain"),
    ({"topology.base_domain": "lab.local"}, "base-domain-local", "topology.base_domain"),
    ({"topology.base_domain": "a" * 64 + ".com"}, "label-length", "topology.base_domain"),
]


def changed(changes: dict[str, Any], plan: Plan = GOOD) -> Plan:
    for path, value in changes.items():
        plan = fields.replace(plan, path, value)
    return plan


@pytest.mark.parametrize(("changes", "rule", "path"), PLAN_CASES, ids=[f"{c[1]}-{n}" for n, c in enumerate(PLAN_CASES)])
def test_a_broken_plan_is_found_where_it_is_broken(changes: dict[str, Any], rule: str, path: str) -> None:
    found = judge(changed(changes))
    assert (rule, path) in [(problem.id, problem.path) for problem in found]
    for problem in found:
        fields_named = problem.path.partition('["')[0]
        undecided = {"network.mtu", "network.vlan", "network.connected"}
        assert fields.get(changed(changes), fields_named) is not None or fields_named in undecided
        assert problem.message.endswith((".", "!", "?"))
        assert problem.fix


def test_a_single_node_needs_its_disk_and_points_at_itself() -> None:
    single = changed(
        {
            "topology.shape": "sno",
            "topology.nodes": [fields.get(GOOD, "topology.nodes[1]")],
            **{f"network.load_balancer.{name}": "192.168.31.10" for name in ("api", "api_int", "ingress")},
        }
    )
    assert [(p.id, p.severity) for p in judge(single)] == [("shape-sno", "info")]
    without = _above_info(changed({"topology.nodes[0].disk": ""}, single))
    assert [(p.id, p.path, p.installer) for p in without] == [("single-node-disk", "topology.nodes[0].disk", True)]
    elsewhere = _above_info(changed({"network.load_balancer.api": "192.168.31.6"}, single))
    assert [p.id for p in elsewhere] == ["load-balancer-node"]
    old = judge(changed({"topology.version": "4.7.7"}, single))
    assert ("single-node-version", "topology.shape") in [(p.id, p.path) for p in old]


def _above_info(plan: Plan) -> list[Problem]:
    return [problem for problem in judge(plan) if problem.severity != "info"]


def test_loopback_addresses_are_fine_in_a_lab_plan() -> None:
    lab = changed(
        {
            "lab": True,
            "network.machine_networks": ["127.0.0.0/8"],
            "network.gateway": "",
            "network.name_servers": ["127.0.5.3"],
            "network.ntp_servers": ["127.0.5.3"],
            "boot.listen": "127.0.0.1:8080",
            **{f"topology.nodes[{n}].address": f"127.0.1.{n + 1}" for n in range(6)},
            **{f"network.load_balancer.{name}": "127.0.5.6" for name in ("api", "api_int", "ingress")},
        }
    )
    assert [p for p in judge(lab) if p.severity == "error"] == []


def test_two_control_plane_nodes_are_refused_from_4_19_and_regretted_before() -> None:
    two = {"topology.nodes[3].role": "worker", "topology.version": "4.20.1"}
    refused = [p for p in judge(changed(two)) if p.installer]
    assert [(p.id, p.path) for p in refused] == [("fencing-count", "topology.nodes")]
    assert not [p for p in judge(changed(two | {"topology.version": "4.15"})) if p.installer]


CONFIG = document(GOOD, SECRET)

CONFIG_CASES: list[tuple[str, dict[str, Any], str, str, bool]] = [
    ("4.15", {"imageDigestSource": []}, "key-unknown", "imageDigestSource", False),
    ("4.10", {"imageDigestSource": []}, "key-unknown", "imageDigestSource", True),
    ("4.15", {"pullsecret": SECRET}, "key-spelling", "pullsecret", False),
    ("4.15", {"networking": {"machineCIDR": "10.0.0.0/16"}}, "key-old", "networking.machineCIDR", False),
    ("4.15", {"networking": {}}, "machine-network-missing", "networking.machineNetwork", False),
    ("4.15", {"networking": {}}, "network-defaulted", "networking.serviceNetwork", False),
    ("4.15", {"compute": [{"name": "worker", "replicas": 1}]}, "compute-replicas", "compute[0].replicas", False),
    ("4.15", {"compute": []}, "compute-replicas", "compute[0].replicas", False),
    ("4.15", {"platform": {"none": {"region": "x"}}}, "key-unknown", "platform.none.region", False),
    ("4.15", {"platform": {"aws": {}}}, "platform-other", "platform.aws", False),
    ("4.15", {"sshKey": f"{ED25519}\nnot a key\n"}, "ssh-key-line", "sshKey", False),
    ("4.15", {"pullSecret": '{"auths":{"a.b":{"auth":"!"}}}'}, "pull-secret-auth", "pullSecret", False),
    ("4.15", {"pullSecret": '{"auths":{"https://a.b":{"auth":"dTpw"}}}'}, "pull-secret-host", "pullSecret", False),
    ("4.15", {"pullSecret": '{"auths":{"a.b":{"auth":"dTpw"}}}'}, "pull-secret-mirror",
     "imageDigestSources[0].mirrors[0]", False),
    ("4.15", {"imageDigestSources": CONFIG["imageDigestSources"][:1]}, "mirror-pair", "imageDigestSources", False),
    ("4.15", {"cpuPartitioningMode": "Some"}, "cpu-partitioning", "cpuPartitioningMode", False),
    ("4.15", {"featureSet": "TechPreviewNoUpgrade"}, "feature-set-final", "featureSet", False),
    ("4.15", {"featureSet": "Everything"}, "feature-set", "featureSet", True),
    ("4.15", {"featureGates": ["X=true"]}, "feature-gates", "featureGates", True),
    ("4.15", {"featureSet": "CustomNoUpgrade", "featureGates": ["X"]}, "feature-gates", "featureGates[0]", True),
    ("4.15", {"operatorPublishingStrategy": {}}, "publish-operators", "operatorPublishingStrategy", True),
    ("4.15", {"capabilities": {"baselineCapabilitySet": "v4.16"}}, "capability-set",
     "capabilities.baselineCapabilitySet", True),
    ("4.16", {"capabilities": {"baselineCapabilitySet": "None"}}, "capability-ingress", "capabilities", True),
    ("4.17", {"capabilities": {"baselineCapabilitySet": "v4.11", "additionalEnabledCapabilities": ["Ingress"]}},
     "capability-marketplace", "capabilities.additionalEnabledCapabilities", True),
    ("4.13", {"networking": {"networkType": "OpenShiftSDN"}, "bootstrapInPlace": {}}, "network-type-single-node",
     "networking.networkType", True),
    ("4.19", {"arbiter": {"name": "arbiter"}}, "arbiter", "arbiter", True),
    ("4.20", {"arbiter": {"name": "arbiter"}}, "arbiter", "arbiter.platform", True),
    ("4.20", {"controlPlane": {"replicas": 2, "fencing": {"credentials": [{}, {}]}}}, "fencing-preview",
     "controlPlane.fencing", True),
    ("4.22", {"controlPlane": {"replicas": 3, "fencing": {"credentials": [{}]}}}, "fencing-count",
     "controlPlane.fencing.credentials", True),
    ("4.22", {"compute": [{"name": "worker", "fencing": {}}]}, "fencing-compute", "compute[0].fencing", True),
    ("4.18", {"controlPlane": {"architecture": "arm64"}, "compute": [{"name": "worker", "architecture": "arm64"}]},
     "architecture-payload", "controlPlane.architecture", True),
    ("4.21", {"imageDigestSources": [{"source": "quay.io/a/b", "sourcePolicy": "NeverContactSource"}]}, "mirror-policy",
     "imageDigestSources[0].sourcePolicy", True),
    ("4.16", {"fips": True, "sshKey": ""}, "fips-host", "fips", True),
    ("4.19", {"networking": {"clusterNetwork": [{"cidr": "10.128.0.0/14", "hostPrefix": 23},
                                                 {"cidr": "10.64.0.0/14", "hostPrefix": 24}]}},
     "host-prefix-equal", "networking.clusterNetwork[1].hostPrefix", True),
    ("4.19", {"networking": {"ovnKubernetesConfig": {"ipv4": {"internalJoinSubnet": "10.128.0.0/16"}}}},
     "ovn-join-subnet", "networking.ovnKubernetesConfig.ipv4.internalJoinSubnet", True),
    ("4.18", {"proxy": {"httpProxy": "http://10.128.0.9:3128"}}, "proxy-inside", "proxy.httpProxy", True),
    ("4.7", {"proxy": {"httpProxy": "http://p", "noProxy": "*.a"}}, "proxy-except", "proxy.noProxy[0]", True),
    ("4.12", {"proxy": {"httpProxy": "http://p", "noProxy": "fd00::1"}}, "proxy-except", "proxy.noProxy", True),
    ("4.15", {"networking": {"clusterNetwork": [{"cidr": "fd01::/48", "hostPrefix": 64}]}}, "family-mismatch",
     "networking.clusterNetwork", False),
    ("4.15", {"metadata": {"name": "a" * 54}, "baseDomain": "b." * 99 + "c"}, "base-domain", "baseDomain", True),
    ("4.21", {"osImageStream": "rhel-8"}, "os-image-stream", "osImageStream", False),
    ("4.7", {"publish": "Internal"}, "publish-internal", "publish", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "changes", "rule", "path", "installer"),
    CONFIG_CASES,
    ids=[f"{case[2]}-{case[0]}-{n}" for n, case in enumerate(CONFIG_CASES)],
)
def test_a_broken_install_config_is_found_where_it_is_broken(
    version: str, changes: dict[str, Any], rule: str, path: str, installer: bool
) -> None:
    found = judge_install_config(CONFIG | changes, version)
    assert (rule, path, installer) in [(p.id, p.path, p.installer) for p in found]


def test_the_good_install_config_is_not_touched_by_them() -> None:
    assert judge_install_config(CONFIG, "4.15") == []


def test_a_key_of_a_newer_version_says_what_to_write_instead() -> None:
    (found,) = [p for p in judge_install_config(CONFIG, "4.8") if p.id == "key-unknown"]
    assert found.path == "imageDigestSources"
    assert "4.14" in found.message
    assert "imageContentSources" in found.fix


def test_an_unknown_key_is_answered_with_the_one_that_was_meant() -> None:
    found = judge_install_config(CONFIG | {"imageDigestSource": [], "basedomian": "x"}, "4.15")
    fixes = {p.path: p.fix for p in found if p.id == "key-unknown"}
    assert fixes["imageDigestSource"] == "Did you mean imageDigestSources?"
    assert fixes["basedomian"] == "Did you mean baseDomain?"


def test_fips_is_accepted_on_a_host_in_fips_mode() -> None:
    config = CONFIG | {"fips": True, "sshKey": ""}
    assert "fips-host" not in [p.id for p in judge_install_config(config, "4.20", host_fips=True)]


def test_every_rule_reads_as_a_row_of_documentation() -> None:
    keys = [(row.id, row.about, row.since) for row in RULES]
    assert len(keys) == len(set(keys))
    assert len(RULES) > 110
    for row in RULES:
        assert row.what.endswith(".")
        assert row.fix.endswith((".", "…"))
        assert row.until is None or row.since <= row.until


def test_an_unknown_version_is_judged_by_the_nearest_with_a_warning() -> None:
    (found,) = judge_install_config(CONFIG, "5.7")
    assert (found.id, found.severity) == ("version-nearest", "warning")


def test_judging_a_plan_is_instant() -> None:
    import time

    plan = changed({f"topology.nodes[{n}]": fields.get(GOOD, "topology.nodes[4]") for n in range(6, 60)})
    judge(plan)
    began = time.process_time()
    for _ in range(20):
        judge(plan)
    assert (time.process_time() - began) / 20 < 0.005


def test_a_secret_in_the_place_of_a_key_is_not_repeated() -> None:
    from tui.plan.rules import judge_file
    from tui.plan.strict_yaml import scan

    secret = "bWlycm9yLXVzZXI6VHIwdWI0ZG9y"
    text = f"{secret}: 1\n{secret}: yes\nmetadata:\n  labels:\n    {secret}: []\n"
    text += f"platform:\n  {secret}: 52:54:00:12:34:56\n"
    found = judge_file(scan(text), "4.15")
    assert {"yaml.duplicate-key", "yaml.boolean-word", "yaml.sexagesimal", "key-unknown", "type"} <= {
        p.id for p in found
    }
    assert not any(secret in f"{p.path} {p.message} {p.fix}" for p in found)
