"""What nodes pull with: the pull secret and the mirror's own credentials as one."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.cli.validate import judge_path
from tui.plan.files import dump
from tui.plan.model import MirrorSource, Network, Plan, PullSecret
from tui.plan.node_pull_secret import for_nodes, is_login
from tui.plan.rules import judge
from tui.session.known_secrets import known_secrets
from tui.session.session import Session

MIRRORS = [
    MirrorSource(
        source="quay.io/openshift-release-dev/ocp-release", mirrors=["a.example.test:5000/x", "b.example.test/y"]
    ),
    MirrorSource(source="quay.io/openshift-release-dev/ocp-v4.0-art-dev", mirrors=["a.example.test:5000/z"]),
]
PLAN = Plan(network=Network(mirrors=MIRRORS))


def entry(login: str) -> dict[str, str]:
    """A registry's entry of a pull secret."""
    return {"auth": base64.b64encode(login.encode()).decode()}


def pull_secret(**entries: str) -> str:
    """A pull secret, pretty-printed; underscores in a name stand for dots."""
    return json.dumps({"auths": {host.replace("_", "."): entry(login) for host, login in entries.items()}}, indent=2)


def test_both_become_one_line_and_the_mirrors_entry_wins() -> None:
    merged = for_nodes(PLAN, pull_secret(quay_io="a:1", b_example_test="old:1"), pull_secret(b_example_test="new:2"))
    assert "\n" not in merged
    assert json.loads(merged) == {"auths": {"quay.io": entry("a:1"), "b.example.test": entry("new:2")}}


def test_user_and_password_are_for_every_mirror_registry_once() -> None:
    merged = json.loads(for_nodes(PLAN, pull_secret(quay_io="a:1"), "puller:correct horse:battery\n"))["auths"]
    login = entry("puller:correct horse:battery")
    assert merged == {"quay.io": entry("a:1"), "a.example.test:5000": login, "b.example.test": login}
    alone = json.loads(for_nodes(PLAN, "", "puller:secret"))["auths"]
    assert set(alone) == {"a.example.test:5000", "b.example.test"}


@pytest.mark.parametrize("wrong", ["<html>", "{", "[pull secret]", '{"auths": {}}'])
def test_what_is_no_pull_secret_stays_for_the_rules_to_tell(wrong: str) -> None:
    assert for_nodes(PLAN, wrong, pull_secret(b_example_test="a:1")) == wrong
    assert for_nodes(PLAN, pull_secret(quay_io="a:1"), wrong) == pull_secret(quay_io="a:1")
    assert for_nodes(PLAN, "", wrong) == wrong


def test_without_mirrors_user_and_password_go_nowhere() -> None:
    assert for_nodes(Plan(), "", "puller:secret") == ""
    assert json.loads(for_nodes(Plan(), pull_secret(quay_io="a:1"), "puller:secret"))["auths"] == {
        "quay.io": entry("a:1")
    }


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("user:password", True),
        ("robot$lab+ci:pa:ss word\n", True),
        ("https://user:password@mirror", False),
        ("no colon", False),
        ("user:", False),
        (":password", False),
        ('{"auths": {}}', False),
        ("[mirror]", False),
        ("a:b\nc:d", False),
        ("-----BEGIN PRIVATE KEY-----", False),
    ],
)
def test_a_login_is_told_from_everything_else(text: str, login: bool) -> None:
    assert is_login(text) is login


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_makes_it_stumble_and_what_comes_out_is_stable(first: str, more: str) -> None:
    merged = for_nodes(PLAN, first, more)
    if merged.startswith('{"auths"'):
        assert for_nodes(PLAN, merged, "") == merged


def test_the_mirrors_own_credentials_satisfy_the_rule_about_its_entry(tmp_path: Path) -> None:
    plan = replace(PLAN, pull_secret=PullSecret(pull_secret="pull", mirror_credentials="mirror"))
    lacking = [
        problem.path for problem in judge(plan, pull_secret(quay_io="a:1")) if problem.id == "pull-secret-mirror"
    ]
    assert lacking
    merged = for_nodes(plan, pull_secret(quay_io="a:1"), "puller:secret")
    assert not [problem for problem in judge(plan, merged) if problem.id.startswith("pull-secret")]
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pull").write_text(pull_secret(quay_io="a:1"))
    (tmp_path / "secrets" / "mirror").write_text("puller:secret\n")
    file = tmp_path / "plan.yaml"
    file.write_text(dump(plan))
    assert not [problem for problem in judge_path(str(file), "", "").problems if problem.id.startswith("pull-secret")]
    (tmp_path / "secrets" / "mirror").write_text(pull_secret(c_example_test="a:1"))
    assert [problem for problem in judge_path(str(file), "", "").problems if problem.id == "pull-secret-mirror"]


def test_a_login_is_a_secret_in_every_dress(tmp_path: Path) -> None:
    session = Session(tmp_path / "s")
    session.secrets.write("mirror-credentials.json", b"puller:canary-Zq83kd\n")
    known = known_secrets(session.directory)
    assert {"puller:canary-Zq83kd", "canary-Zq83kd", entry("puller:canary-Zq83kd")["auth"]} <= known
