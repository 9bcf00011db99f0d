"""What is decided stays and is told; the same file twice changes nothing; `replace` lets the file win."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.plan.plans import GOOD, SECRET, plans
from tests.plan.test_import_files import DATA, KIND_OF
from tui.generate.render import render
from tui.plan import fields
from tui.plan.importers import recognise, take_over
from tui.plan.install_config import document
from tui.plan.model import Node, Plan, Topology
from tui.plan.yaml_text import write

FILES = [name for name, kind in KIND_OF.items() if kind]


def take(plan: Plan, name: str, data: bytes, *, replace: bool = False, kept: dict[str, bytes] | None = None):  # type: ignore[no-untyped-def]
    secrets = kept or {}
    base = name.rpartition("/")[2]
    return take_over(
        plan, recognise(base, data), data, name=base, replace=replace, secret=lambda one: secrets.get(one, b"")
    )


@pytest.mark.parametrize("name", FILES)
def test_the_same_file_again_changes_nothing_and_is_no_conflict(name: str) -> None:
    data = (DATA / name).read_bytes()
    first = take(Plan(), name, data)
    again = take(first.plan, name, data, kept=first.secrets)
    assert (again.changes, again.conflicts, again.plan) == ([], [], first.plan)


@pytest.mark.parametrize("name", FILES)
def test_nothing_decided_is_changed_unasked(name: str) -> None:
    result = take(GOOD, name, (DATA / name).read_bytes())
    before = {path: fields.get(GOOD, path) for path in fields.paths(GOOD)}
    undecided = {path: fields.get(Plan(), path) for path in fields.paths(Plan())}
    for path, value in before.items():
        if path in {"network.mirrors", "pull_secret.trust_bundle"} or path.startswith("network.mirrors["):
            continue
        if value not in ("", None, [], undecided.get(path)):
            assert fields.get(result.plan, path) == value


def test_a_conflict_names_both_and_replace_takes_the_files() -> None:
    data = (DATA / "install-config.yaml").read_bytes()
    plan = fields.replace(Plan(), "topology.cluster_name", "other")
    told = take(plan, "install-config.yaml", data)
    assert told.plan.topology.cluster_name == "other"
    assert ("topology.cluster_name", "other", "ocp4") in [(c.path, c.old, c.new) for c in told.conflicts]
    asked = take(plan, "install-config.yaml", data, replace=True)
    assert asked.plan.topology.cluster_name == "ocp4"
    assert asked.conflicts == []


def test_a_machine_is_known_again_by_its_mac_or_address_under_another_name() -> None:
    known = Node(role="master", name="node1", mac="52-54-00-A1-B2-01")
    plan = fields.replace(Plan(), "topology.nodes", [known])
    result = take(plan, "nodes.csv", (DATA / "nodes.csv").read_bytes())
    assert result.plan.topology.nodes[0].address == "192.168.31.161"
    assert result.plan.topology.nodes[0].name == "node1"
    assert [(c.path, c.new) for c in result.conflicts] == [("topology.nodes[0].name", "master-0")]
    assert len(result.plan.topology.nodes) == 6


def test_machines_of_an_install_config_get_their_names_from_the_next_file() -> None:
    counted = take(Plan(), "install-config.yaml", (DATA / "install-config.yaml").read_bytes()).plan
    named = take(counted, "dnsmasq.conf", (DATA / "dnsmasq.conf").read_bytes()).plan
    assert [node.name for node in named.topology.nodes if node.role == "master"] == ["master-0", "master-1", "master-2"]


def test_another_pull_secret_is_a_conflict_and_the_same_is_none() -> None:
    data = (DATA / "pull-secret.json").read_bytes()
    first = take(Plan(), "pull-secret.json", data)
    other = take(first.plan, "pull-secret.json", data, kept={"pull-secret.json": b"{}"})
    assert [c.path for c in other.conflicts] == ["pull_secret.pull_secret"]
    assert other.secrets == {}


def test_a_plan_comes_back_out_of_the_files_made_from_it() -> None:
    made = render(GOOD, lambda name: '{"auths":{"m.example.com":{"auth":"dXNlcjpwYXNz"}}}' if name else "")
    plan = Plan()
    for name in ("install-config.yaml", "dns/ocp4.example.com.zone", "dns/dnsmasq.conf",
                 "dns/31.168.192.in-addr.arpa.zone", "load-balancer/haproxy.cfg"):  # fmt: skip
        result = take(plan, name, made[name].encode())
        assert (result.problems, result.conflicts) == ([], []), name
        plan = result.plan
    assert plan.topology.cluster_name == GOOD.topology.cluster_name
    assert plan.topology.base_domain == GOOD.topology.base_domain
    told = {(node.role, node.name, node.address) for node in plan.topology.nodes}
    assert told == {(node.role, node.name, node.address) for node in GOOD.topology.nodes}
    assert plan.network.machine_networks == GOOD.network.machine_networks
    assert plan.network.mirrors == GOOD.network.mirrors
    balancer = plan.network.load_balancer
    assert (balancer.api, balancer.api_int, balancer.ingress) == ("192.168.31.6",) * 3
    assert plan.pull_secret.ssh_key == GOOD.pull_secret.ssh_key


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_what_an_install_config_of_any_version_says_comes_into_the_plan(plan: Plan) -> None:
    text = write(document(plan, SECRET), width=10**6)
    empty = Plan(topology=Topology(version=plan.topology.version))
    result = take(empty, "install-config.yaml", text.encode())
    assert result.problems == []
    for path in ("topology.cluster_name", "topology.base_domain", "topology.architecture", "network.machine_networks",
                 "network.cluster_networks", "network.service_networks", "network.network_type", "network.mirrors",
                 "network.proxy.http", "network.proxy.https", "network.proxy.no_proxy", "pull_secret.ssh_key",
                 "pull_secret.trust_bundle", "pull_secret.trust_bundle_policy", "generate"):  # fmt: skip
        assert fields.get(result.plan, path) == fields.get(plan, path), path
    masters = [node for node in plan.topology.nodes if node.role == "master"]
    assert len(result.plan.topology.nodes) == len(masters)


@pytest.mark.parametrize("recorded", sorted((DATA.parent / "install_configs").glob("*.jsonl.gz")), ids=lambda p: p.name)
def test_every_recorded_install_config_good_or_bad_is_taken_or_told(recorded: Path) -> None:
    version = recorded.name.removesuffix(".jsonl.gz")
    with gzip.open(recorded, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["install_config"] for line in lines]
    for text in texts:
        result = take(Plan(topology=Topology(version=version)), "install-config.yaml", text.encode())
        assert result.changes or result.problems, text
