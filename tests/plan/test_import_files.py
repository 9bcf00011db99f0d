"""Every kind of file, recognised by what is in it and taken over into an empty plan."""

import json
from pathlib import Path

import pytest

from tests.plan.plans import BUNDLE, ED25519
from tui.plan.importers import KINDS, Taken, recognise, take_over
from tui.plan.model import ClusterNetwork, MirrorSource, Plan

DATA = Path(__file__).parents[1] / "data" / "imports"
SECRETS = (
    "bWlycm9yLXVzZXI6VHIwdWI0ZG9yJjMtbm9ib2R5LWd1ZXNzZXM=",
    "b3BlbnNoaWZ0K2xhYjpub3QtYS1yZWFsLXRva2Vu",
    "c0rrect.h0rse.Battery9",
    "Tr0ub4dor&3-nobody",
)
"""What is planted in the files."""

KIND_OF = {
    "dhcpd.conf": "dhcpd",
    "dnsmasq.conf": "dnsmasq",
    "haproxy.cfg": "haproxy",
    "ocp4.shinefire.example.zone": "zone",
    "db.192.168.31": "zone",
    "nodes.csv": "table",
    "install-config.yaml": "install-config",
    "install-config-old-keys.yaml": "install-config",
    "imageContentSourcePolicy.yaml": "mirrors",
    "cluster-resources/idms-oc-mirror.yaml": "mirrors",
    "cluster-resources/itms-oc-mirror.yaml": "mirrors",
    "cluster-resources/cs-redhat-operator-index.yaml": "mirrors",
    "release-mirror.txt": "release-mirror",
    "pull-secret.json": "pull-secret",
    "docker-config.json": "pull-secret",
    "rootCA.pem": "certificates",
    "README.md": "",
}
OC_MIRROR = [
    MirrorSource(
        source="quay.io/openshift-release-dev/ocp-v4.0-art-dev",
        mirrors=["mirror.shinefire.example:8443/openshift/release"],
    ),
    MirrorSource(
        source="quay.io/openshift-release-dev/ocp-release",
        mirrors=["mirror.shinefire.example:8443/openshift/release-images"],
    ),
]
NODES = [
    ("bootstrap", "bootstrap", "192.168.31.160"),
    ("master", "master-0", "192.168.31.161"),
    ("master", "master-1", "192.168.31.162"),
    ("master", "master-2", "192.168.31.163"),
    ("worker", "worker-0", "192.168.31.164"),
    ("worker", "worker-1", "192.168.31.165"),
]


def taken(name: str, plan: Plan | None = None, *, replace: bool = False) -> Taken:
    data = (DATA / name).read_bytes()
    base = name.rpartition("/")[2]
    return take_over(plan or Plan(), recognise(base, data), data, name=base, replace=replace)


def nodes(plan: Plan) -> list[tuple[str, str, str]]:
    return sorted((node.role, node.name, node.address) for node in plan.topology.nodes)


@pytest.mark.parametrize("name", KIND_OF)
def test_a_file_is_recognised_by_its_content_whatever_its_name(name: str) -> None:
    data = (DATA / name).read_bytes()
    assert recognise("download", data) == KIND_OF[name]
    assert recognise("download", data.replace(b"\n", b"\r\n")) == KIND_OF[name]
    assert KIND_OF[name] == "" or KIND_OF[name] in KINDS


@pytest.mark.parametrize("name", KIND_OF)
def test_no_word_that_is_said_of_a_file_holds_a_secret(name: str) -> None:
    result = taken(name)
    said = repr([result.changes, result.conflicts, result.notes, result.problems])
    assert not [secret for secret in SECRETS if secret in said]
    assert not [secret for secret in SECRETS if secret in repr(result.plan)]


def test_a_dhcp_servers_hosts_options_and_subnet() -> None:
    result = taken("dhcpd.conf")
    plan = result.plan
    expected = [(role, name, "" if name == "worker-0" else address) for role, name, address in NODES]
    named = [(role, name.partition(".")[0], address) for role, name, address in nodes(plan)]
    assert named == expected
    assert [node.mac for node in plan.topology.nodes] == [f"52:54:00:a1:b2:0{n}" for n in range(6)]
    network = plan.network
    assert network.machine_networks == ["192.168.31.0/24"]
    assert network.gateway == "192.168.31.1"
    assert network.name_servers == ["192.168.31.5", "192.168.31.6"]
    assert network.ntp_servers == ["192.168.31.5"]
    assert network.search_domain == "ocp4.shinefire.example"
    assert network.mtu == 9000
    assert (network.dhcp, network.dhcp_range) == (True, "192.168.31.200-192.168.31.220")
    assert result.problems == []
    assert any("left out: 1" in note for note in result.notes)


def test_an_option_of_a_group_does_not_replace_the_subnets_and_a_subnets_the_global_one() -> None:
    text = """\
    option routers 10.0.0.254; option domain-name-servers 10.0.0.53;
    subnet 10.0.0.0 netmask 255.255.255.0 {
      option routers 10.0.0.1;
      group { option routers 10.0.0.2; option ntp-servers 10.0.0.4; host worker-0 { fixed-address 10.0.0.9; } }
    }
    """
    network = take_over(Plan(), "dhcpd", text.encode()).plan.network
    assert (network.gateway, network.name_servers, network.ntp_servers) == ("10.0.0.1", ["10.0.0.53"], ["10.0.0.4"])


def test_dnsmasqs_leases_options_and_names() -> None:
    plan = taken("dnsmasq.conf").plan
    assert nodes(plan) == NODES
    assert (plan.topology.cluster_name, plan.topology.base_domain) == ("ocp4", "shinefire.example")
    assert plan.network.load_balancer.api == plan.network.load_balancer.api_int == "192.168.31.7"
    assert plan.network.load_balancer.ingress == "192.168.31.8"
    assert plan.network.name_servers == ["192.168.31.6"]
    assert plan.network.ntp_servers == ["192.168.31.5"]
    assert plan.network.dhcp_range == "192.168.31.200-192.168.31.220"


def test_a_zones_cluster_balancers_and_machines() -> None:
    result = taken("ocp4.shinefire.example.zone")
    assert nodes(result.plan) == NODES
    assert (result.plan.topology.cluster_name, result.plan.topology.base_domain) == ("ocp4", "shinefire.example")
    balancer = result.plan.network.load_balancer
    assert (balancer.api, balancer.api_int, balancer.ingress) == ("192.168.31.7", "192.168.31.7", "192.168.31.8")
    assert result.problems == []


def test_a_reverse_zone_names_the_same_machines() -> None:
    cluster = taken("ocp4.shinefire.example.zone").plan
    assert taken("db.192.168.31", cluster).changes == []
    alone = taken("db.192.168.31").plan
    assert [(role, name.partition(".")[0], address) for role, name, address in nodes(alone)] == NODES


@pytest.mark.parametrize(
    ("name", "reverse"),
    [("db.192.168.31", True), ("31.168.192.db", True), ("31.168.192.in-addr.arpa", True), ("db.reverse", False)],
)
def test_a_reverse_zones_network_is_told_by_its_file_or_missed(name: str, reverse: bool) -> None:
    data = (DATA / "db.192.168.31").read_bytes()
    result = take_over(Plan(), "zone", data, name=name)
    assert ("192.168.31.161" in repr(result.plan)) == reverse
    assert any("$ORIGIN" in note for note in result.notes) != reverse


def test_a_balancers_addresses_and_the_machines_behind_it() -> None:
    plan = taken("haproxy.cfg").plan
    assert nodes(plan) == sorted((role, name.replace("master-0", "node1"), address) for role, name, address in NODES)
    balancer = plan.network.load_balancer
    assert (balancer.api, balancer.api_int, balancer.ingress) == ("192.168.31.7", "192.168.31.7", "192.168.31.8")
    assert balancer.stats == "/run/haproxy/admin.sock"


def test_a_table_with_ranges_and_passwords() -> None:
    result = taken("nodes.csv")
    assert nodes(result.plan) == NODES
    assert sorted(result.secrets) == ["bmc-master-0", "bmc-master-1", "bmc-master-2"]
    assert set(result.secrets.values()) == {b"Tr0ub4dor&3-nobody"}
    master = result.plan.topology.nodes[1]
    assert (master.interface, master.disk, master.bmc.user, master.bmc.password) == (
        "ens3", "/dev/vda", "root", "bmc-master-0",
    )  # fmt: skip
    assert master.bmc.address == "https://192.168.40.11/redfish/v1/Systems/1"


def test_an_install_config_says_what_it_says_and_no_default_of_the_installer() -> None:
    result = taken("install-config.yaml")
    plan = result.plan
    assert (plan.topology.cluster_name, plan.topology.base_domain, plan.topology.shape) == (
        "ocp4", "shinefire.example", "ha",
    )  # fmt: skip
    assert [node.role for node in plan.topology.nodes] == ["master"] * 3
    assert plan.network.machine_networks == ["192.168.31.0/24"]
    assert plan.network.cluster_networks == [ClusterNetwork(cidr="10.132.0.0/14", host_prefix=24)]
    assert plan.network.service_networks == ["172.31.0.0/16"]
    assert plan.network.mirrors == list(reversed(OC_MIRROR))
    assert plan.network.proxy.http == "http://proxy.shinefire.example:3128"
    assert plan.network.proxy.no_proxy == [".shinefire.example", "192.168.31.0/24"]
    assert plan.generate.fips
    assert plan.pull_secret.ssh_key.startswith("ecdsa-sha2-nistp256 ")
    assert result.secrets["proxy-credentials"] == b"proxy-user:c0rrect.h0rse.Battery9"
    assert list(json.loads(result.secrets["pull-secret.json"])["auths"]) == ["mirror.shinefire.example:8443"]
    assert result.problems == []


def test_an_old_install_config_has_its_keys_converted() -> None:
    result = taken("install-config-old-keys.yaml")
    plan = result.plan
    assert plan.network.machine_networks == ["192.168.31.0/24"]
    assert plan.network.cluster_networks == [ClusterNetwork(cidr="10.128.0.0/14", host_prefix=23)]
    assert plan.network.network_type == "OpenShiftSDN"
    assert plan.topology.shape == "sno"
    assert [(node.role, node.disk) for node in plan.topology.nodes] == [("master", "/dev/sda")]
    assert sum("old key" in note for note in result.notes) == 5
    assert ["Did you mean imageContentSources?" in problem.message for problem in result.problems] == [True]
    assert "pull_secret.pull_secret" not in [change.path for change in result.changes]


def test_oc_mirrors_manifests_give_the_releases_sources_only() -> None:
    assert taken("imageContentSourcePolicy.yaml").plan.network.mirrors == OC_MIRROR
    assert taken("cluster-resources/idms-oc-mirror.yaml").plan.network.mirrors == OC_MIRROR
    for name in ("itms-oc-mirror.yaml", "cs-redhat-operator-index.yaml"):
        assert taken(f"cluster-resources/{name}").changes == []


@pytest.mark.parametrize("key", ["imageContentSources", "imageDigestSources"])
def test_the_output_of_oc_adm_release_mirror_gives_sources_and_version(key: str) -> None:
    data = (DATA / "release-mirror.txt").read_bytes().replace(b"imageContentSources", key.encode())
    plan = take_over(Plan(), recognise("x", data), data).plan
    assert [source.source for source in plan.network.mirrors] == [
        "quay.io/openshift-release-dev/ocp-release",
        "quay.io/openshift-release-dev/ocp-v4.0-art-dev",
    ]
    assert plan.network.mirrors[0].mirrors == ["mirror.shinefire.example:8443/ocp4/openshift4"]
    assert plan.topology.version == "4.15.12"


def test_a_second_pull_secret_that_is_not_red_hats_is_the_mirrors() -> None:
    first = taken("pull-secret.json")
    both = taken("docker-config.json", first.plan)
    assert (both.plan.pull_secret.pull_secret, both.plan.pull_secret.mirror_credentials) == (
        "pull-secret.json", "mirror-credentials.json",
    )  # fmt: skip
    assert list(both.secrets) == ["mirror-credentials.json"]


def test_a_root_certificate_joins_the_trust_bundle_once() -> None:
    first = taken("rootCA.pem")
    assert first.plan.pull_secret.trust_bundle == BUNDLE
    assert taken("rootCA.pem", first.plan).changes == []


def test_a_public_key_is_taken_and_a_private_one_refused() -> None:
    data = f"{ED25519}\n".encode()
    assert take_over(Plan(), recognise("id.pub", data), data).plan.pull_secret.ssh_key == ED25519
    private = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    result = take_over(Plan(), recognise("id", private), private)
    assert result.changes == []
    assert "private key" in result.problems[0].message
    assert "b3BlbnNz" not in repr(result)


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("dhcpd", "subnet 10.0.0.0 netmask 255.0.0.0 {\n host a {\n", 2),
        ("dhcpd", "host a { }\n}\n", 2),
        ("dhcpd", "group {" * 60, 1),
        ("zone", "$ORIGIN a.b.\n@ IN SOA x. y. 1 1 1 1 1\nworker-0 IN A nonsense\n", 3),
        ("zone", "$ORIGIN a.b.\n$INCLUDE /etc/passwd\n", 0),
        ("zone", "$ORIGIN a.b.\n$GENERATE 1-100000000 w$ A 10.0.0.1\n", 0),
        ("install-config", "metadata:\n  name: a\n  name: b\n", 3),
        ("mirrors", "a: 1\n---\nkind: X\n\tb: 1\n", 4),
        ("release-mirror", "Mirror prefix: x\n", 0),
    ],
)
def test_what_cannot_be_read_is_one_problem_with_its_line_and_changes_nothing(kind: str, text: str, line: int) -> None:
    result = take_over(Plan(), kind, text.encode())
    assert result.plan == Plan()
    assert [problem.line for problem in result.problems] == [line]


def test_a_text_in_utf_16_or_with_a_byte_order_mark_is_read() -> None:
    text = (DATA / "nodes.csv").read_text()
    for encoding in ("utf-16", "utf-8-sig", "utf-32"):
        data = text.encode(encoding)
        assert recognise("x", data) == "table"
        assert nodes(take_over(Plan(), "table", data).plan) == NODES
