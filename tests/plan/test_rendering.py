"""Thousands of generated plans: rendered, judged, read back, and written and loaded again."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.plan.plans import ECDSA, GOOD, SECRET, plans
from tui.plan import files
from tui.plan.importers import take_over
from tui.plan.install_config import document, line_of
from tui.plan.model import Plan
from tui.plan.rules import judge, judge_install_config
from tui.plan.rules.document import decode
from tui.plan.strict_yaml import read
from tui.plan.yaml_text import write

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))


def rendered(plan: Plan) -> Any:
    """The install-config, through YAML and back."""
    return read(write(document(plan, SECRET)))[0]


def taken_back(config: Any, onto: Plan) -> Plan:
    """The plan with a document taken over into it, as `ocp-tui import` does."""
    taken = take_over(onto, "install-config", write(config).encode())
    assert (taken.conflicts, taken.problems) == ([], [])
    return taken.plan


def skeleton(plan: Plan) -> Plan:
    """A plan with what an install-config does not say, and nothing of what it says."""
    from msgspec.structs import replace

    fresh = Plan()
    network = replace(
        plan.network,
        **{
            name: getattr(fresh.network, name)
            for name in ("machine_networks", "cluster_networks", "service_networks", "network_type", "proxy", "mirrors")
        },
    )
    return replace(
        plan,
        topology=replace(
            fresh.topology, version=plan.topology.version, shape=plan.topology.shape, nodes=plan.topology.nodes
        ),
        network=network,
        pull_secret=fresh.pull_secret,
        generate=fresh.generate,
    )


@MANY
@given(plans())
def test_a_rendered_plan_is_accepted_holds_only_known_keys_and_reads_back_the_same(plan: Plan) -> None:
    assert [p for p in judge(plan) if p.severity == "error"] == []
    config = rendered(plan)
    target = "sno" if plan.topology.shape == "sno" else "manifests"
    payload = config["controlPlane"]["architecture"]
    problems = judge_install_config(config, plan.topology.version, target, payload=payload)  # type: ignore[arg-type]
    assert [p for p in problems if p.severity == "error" or p.installer] == []
    found = decode(config, line_of(plan))
    assert (found.mistyped, found.unknown, found.respelt) == ([], [], [])
    assert taken_back(config, skeleton(plan)) == plan


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_a_plan_is_written_and_loaded_unchanged(plan: Plan) -> None:
    assert files.parse(files.dump(plan)) == plan


def test_the_good_plan_has_no_problem_at_all() -> None:
    assert judge(GOOD) == []
    assert judge(GOOD, SECRET) == []


def test_the_document_has_the_keys_of_its_version() -> None:
    from tui.plan import fields

    full = fields.replace(GOOD, "pull_secret.trust_bundle_policy", "Always")
    full = fields.replace(full, "pull_secret.ssh_key", ECDSA)
    newer = document(full, SECRET)
    older = document(fields.replace(full, "topology.version", "4.8.14"), SECRET)
    assert "imageDigestSources" in newer
    assert "imageContentSources" in older
    assert "imageDigestSources" not in older
    assert newer["compute"][0]["replicas"] == 0
    assert newer["controlPlane"]["replicas"] == 3


def test_credentials_go_into_the_proxy_urls_and_never_come_back() -> None:
    from tui.plan import fields

    proxied = fields.replace(GOOD, "network.proxy.http", "http://proxy.example.com:3128")
    config = document(proxied, SECRET, credentials="user:pa%20ss")
    assert config["proxy"]["httpProxy"] == "http://user:pa%20ss@proxy.example.com:3128"
    taken = take_over(skeleton(GOOD), "install-config", write(config).encode())
    assert taken.plan.network.proxy.http == "http://proxy.example.com:3128"
    assert taken.secrets[taken.plan.network.proxy.credentials] == b"user:pa ss"


@pytest.mark.parametrize("text", ['{\n  "auths": {"a.example.com": {"auth": "dTpw"}}\n}\n', SECRET + "\n"])
def test_the_pull_secret_becomes_one_line(text: str) -> None:
    secret = document(GOOD, text)["pullSecret"]
    assert "\n" not in secret
    assert '"auths"' in secret


def test_the_trust_bundle_loses_what_the_installer_refuses() -> None:
    from tests.plan.test_golang import certificate
    from tui.plan import fields

    one = certificate()
    plan = fields.replace(GOOD, "pull_secret.trust_bundle", f"Lab CA\n\n{one}\n\n# end\n".replace("\n", "\r\n"))
    assert document(plan, SECRET)["additionalTrustBundle"] == one
    assert not [p for p in judge(plan) if p.path == "pull_secret.trust_bundle"]


def test_an_install_config_fills_an_empty_plan() -> None:
    plan = taken_back(rendered(GOOD), Plan())
    assert plan.topology.cluster_name == "ocp4"
    assert [node.role for node in plan.topology.nodes] == ["master"] * 3
    assert plan.network.machine_networks == ["192.168.31.0/24"]
    assert plan.pull_secret.pull_secret == "pull-secret.json"
