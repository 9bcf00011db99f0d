"""How an answer is judged, without any server."""

import pytest
from msgspec.structs import replace

from tui.checks.dns import judge, questions
from tui.checks.model import Finding
from tui.checks.records import Record, records
from tui.checks.world import grouped
from tui.links.dns import Answer
from tui.plan.model import LoadBalancer, Network, Node, Plan, Topology

MASTER = Node(role="master", name="m0", address="10.0.0.10")
PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="example.test",
        nodes=[Node(role="bootstrap", name="bootstrap", address="10.0.0.9"), MASTER],
    ),
    network=Network(name_servers=["10.0.0.2"], load_balancer=LoadBalancer(api="10.0.0.5", ingress="10.0.0.6")),
)
API = Record(id="dns.api", name="api.ocp4.example.test", expected="10.0.0.5", alias_allowed=True)
NODE = Record(id="dns.node", name="m0.ocp4.example.test", expected="10.0.0.10")


def _given(*values: str, alias: str = "") -> Answer:
    return Answer(kind="answer", values=tuple(sorted(values)), aliases=(alias,) if alias else ())


@pytest.mark.parametrize(
    ("record", "answer", "state"),
    [
        (API, _given("10.0.0.5"), "ok"),
        (API, _given("10.0.0.5", alias="lb.example.test"), "ok"),
        (API, _given("10.0.0.5", "10.0.0.7"), "warning"),
        (API, _given("10.0.0.7"), "failed"),
        (NODE, _given("10.0.0.10"), "ok"),
        (NODE, _given("10.0.0.10", alias="other.example.test"), "warning"),
        (NODE, _given("10.0.0.10", "10.0.0.11"), "failed"),
        (NODE, Answer(kind="empty"), "failed"),
        (NODE, Answer(kind="empty", aliases=("gone.example.test",)), "failed"),
        (NODE, Answer(kind="nxdomain"), "failed"),
    ],
)
def test_an_answer_is_judged_by_what_the_plan_says(record: Record, answer: Answer, state: str) -> None:
    assert judge(PLAN, "10.0.0.2", record, answer).state == state


def test_without_a_planned_balancer_any_address_will_do_but_a_nodes_own() -> None:
    record = replace(API, expected="")
    assert judge(PLAN, "10.0.0.2", record, _given("10.0.0.77")).state == "ok"
    found = judge(PLAN, "10.0.0.2", record, _given("10.0.0.10"))
    assert (found.state, "node m0" in found.evidence) == ("failed", True)
    alone = replace(PLAN, topology=replace(PLAN.topology, shape="sno"))
    assert judge(alone, "10.0.0.2", record, _given("10.0.0.10")).state == "ok"


def test_a_single_node_stands_behind_all_three_names() -> None:
    plan = replace(
        PLAN, topology=replace(PLAN.topology, shape="sno", nodes=[MASTER]), network=Network(name_servers=["10.0.0.2"])
    )
    expected = {record.id: record.expected for record in records(plan, "before-boot")}
    assert {expected[id_] for id_ in ("dns.api", "dns.api-int", "dns.apps")} == {"10.0.0.10"}


def test_the_records_are_those_of_the_guide_and_the_bootstraps_end_with_it() -> None:
    wanted = {(record.id, record.name, record.kind, record.expected) for record in records(PLAN, "before-boot")}
    assert ("dns.api-int", "api-int.ocp4.example.test", "A", "10.0.0.5") in wanted
    assert ("dns.node-ptr", "10.0.0.10.in-addr.arpa", "PTR", "m0.ocp4.example.test") in wanted
    assert ("dns.bootstrap", "bootstrap.ocp4.example.test", "A", "10.0.0.9") in wanted
    assert "dns.bootstrap" not in {record.id for record in records(PLAN, "after-bootstrap")}


def test_an_ipv6_node_is_asked_for_its_quad_a() -> None:
    node = Node(role="master", name="m6", address="fd00::10")
    plan = replace(PLAN, topology=replace(PLAN.topology, nodes=[node]))
    found = {(record.id, record.kind, record.expected) for record in records(plan, "before-boot")}
    assert ("dns.node", "AAAA", "fd00::10") in found


def test_a_plan_without_names_still_has_questions_and_none_fails() -> None:
    assert [question.id for question in questions(Plan(), "before-boot")] == ["dns.server"]
    assert records(Plan(network=Network(name_servers=["10.0.0.2"])), "before-boot") == []
    connected = Network(name_servers=["10.0.0.2"], connected=True)
    assert records(Plan(network=connected), "before-boot")[0].name == "quay.io"


@pytest.mark.parametrize(
    ("other", "becomes"), [("ok", "warning"), ("warning", "warning"), ("failed", "failed"), ("unknown", "failed")]
)
def test_a_server_that_is_down_is_a_warning_only_while_another_serves(other: str, becomes: str) -> None:
    found = grouped({"a": Finding("failed", "silent"), "b": Finding(other, "said")}, {"a"})  # type: ignore[arg-type]
    assert (found["a"].state, found["b"].state) == (becomes, other)


def test_every_way_of_not_answering_has_its_own_words() -> None:
    kinds = ("answer", "empty", "nxdomain", "refused", "servfail", "timeout", "closed", "unreachable")
    said = {Answer(kind=kind, values=("10.0.0.1",), ms=3, detail="no route").said() for kind in kinds}  # type: ignore[arg-type]
    assert len(said) == len(kinds)
