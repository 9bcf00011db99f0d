"""Advice: the plan's own names, for this plan's circumstances and version only."""

import pytest

from tui.hints.advice import Adviser, fill, plan_values, planned
from tui.hints.rules import Rule, Step, load
from tui.plan.model import Artifacts, Boot, LoadBalancer, MirrorSource, Network, Node, Plan, Topology

PLAN = Plan(
    topology=Topology(
        cluster_name="ocp",
        base_domain="lab.example",
        version="4.14.2",
        nodes=[
            Node(role="bootstrap", name="boot", address="10.0.0.20"),
            Node(role="master", name="m0", address="10.0.0.21", mac="52:54:00:00:00:21"),
            Node(role="master", name="m1", address="10.0.0.22"),
        ],
    ),
    artifacts=Artifacts(release_image="quay.io/openshift-release-dev/ocp-release@sha256:12"),
    boot=Boot(listen="10.0.0.2:8080"),
    network=Network(
        machine_networks=["10.0.0.0/24"],
        gateway="10.0.0.1",
        ntp_servers=["10.0.0.2"],
        name_servers=["10.0.0.2", "10.0.0.3"],
        load_balancer=LoadBalancer(api="10.0.0.5", ingress="10.0.0.6"),
        mirrors=[MirrorSource(source="quay.io/o", mirrors=["mirror.lab:8443/o", "mirror.lab:8443/p"])],
    ),
)


def rule(*remedy: str | Step) -> Rule:
    return Rule(id="x", title="t", severity="error", phase="host", cause="c", remedy=list(remedy))


def steps(plan: Plan | None, *remedy: str | Step, version: str = "", node: str = "", **captured: str) -> list[str]:
    return Adviser(plan, version).advise(rule(*remedy), captured, node).remedy


def test_the_plan_s_values_have_names_for_one_and_for_all() -> None:
    values = plan_values(PLAN)
    assert values["plan.api_int"] == "api-int.ocp.lab.example"
    assert (values["plan.name_server"], values["plan.name_servers"]) == ("10.0.0.2", "10.0.0.2, 10.0.0.3")
    assert (values["plan.mirror"], values["plan.mirrors"]) == ("mirror.lab:8443", "mirror.lab:8443")
    assert (values["plan.master"], values["plan.masters"]) == ("10.0.0.21", "10.0.0.21, 10.0.0.22")


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("4.13", ["old"]), ("4.14", ["new"]), ("4.20.0-ec.0", ["new"]), ("", ["Before 4.14: old", "From 4.14 on: new"])],
)
def test_steps_are_for_versions(version: str, wanted: list[str]) -> None:
    assert steps(None, Step(text="old", before="4.14"), Step(text="new", since="4.14"), version=version) == wanted


def test_steps_are_for_circumstances_and_without_a_plan_for_all() -> None:
    remedy = (Step(text="a", when="air-gapped"), Step(text="b", when="connected"), Step(text="c", when=["lab"]))
    either = ["Where a mirror registry is used: a", "Where images come from the internet: b"]
    assert steps(PLAN, *remedy) == ["a"]
    assert steps(Plan(lab=True), *remedy) == [*either, "c"]
    assert steps(None, *remedy) == either


@pytest.mark.parametrize(
    ("connected", "mirrors", "wanted"),
    [
        (True, [], ["b"]),
        (False, [], ["a"]),
        (True, PLAN.network.mirrors, ["a", "b"]),
        (False, PLAN.network.mirrors, ["a"]),
        (None, PLAN.network.mirrors, ["a"]),
    ],
)
def test_a_site_is_connected_where_the_person_says_so_not_where_no_mirror_is_planned(
    connected: bool | None, mirrors: list[MirrorSource], wanted: list[str]
) -> None:
    plan = Plan(network=Network(connected=connected, mirrors=mirrors))
    assert steps(plan, Step(text="a", when="air-gapped"), Step(text="b", when="connected")) == wanted


@pytest.mark.parametrize("name", ["m0", "m0.ocp.lab.example", "10.0.0.21"])
def test_a_node_is_known_by_name_full_name_or_address(name: str) -> None:
    assert planned(PLAN, name) == PLAN.topology.nodes[1]
    assert steps(PLAN, "ping {node_address} # {node_mac}", node=name) == ["ping 10.0.0.21 # 52:54:00:00:00:21"]


def test_what_a_line_did_not_say_the_plan_may_say() -> None:
    assert steps(PLAN, "dig @{server} {host}", host="quay.io") == ["dig @10.0.0.2 quay.io"]
    assert steps(PLAN, "dig @{server} {host}", host="quay.io", server="9.9.9.9") == ["dig @9.9.9.9 quay.io"]


@pytest.mark.parametrize("text", ["{", "}", "{}", "{0}", "{a!r}", "{{plan.mirror}}", "{A}", "{plan.}", "{ server }"])
def test_other_braces_stay_as_they_are_or_harmless(text: str) -> None:
    assert fill(text, {"plan.mirror": "m"}) in (text, "{m}")


def test_without_a_plan_names_are_written_as_documentation_does_and_causes_do_without() -> None:
    assert steps(None, "curl -k https://{plan.api_int}:22623/healthz") == [
        "curl -k https://api-int.<cluster>.<domain>:22623/healthz"
    ]
    words = (
        "The name server {server} (planned {plan.name_servers}) knows no {host}; "
        "the load balancer {plan.load_balancer} does."
    )
    vague = Rule(id="x", title="t", severity="error", phase="host", cause=words, remedy=[])
    assert Adviser(None).advise(vague, {"host": "quay.io"}).cause == (
        "The name server knows no quay.io; the load balancer does."
    )
    assert Adviser(PLAN).advise(vague, {"host": "quay.io"}).cause == (
        "The name server 10.0.0.2 (planned 10.0.0.2, 10.0.0.3) knows no quay.io; the load balancer 10.0.0.5 does."
    )


def test_no_shipped_rule_leaves_open_what_a_full_plan_says() -> None:
    asked = set()
    for shipped in load():
        words = [shipped.cause, *shipped.remedy, *shipped.confirm]
        for text in (word if isinstance(word, str) else word.text for word in words):
            asked |= {part.partition("}")[0] for part in text.split("{")[1:] if part.startswith("plan.")}
    unknown = asked - plan_values(PLAN).keys()
    assert not unknown
