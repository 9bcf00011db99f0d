"""Whatever stands in a file or is typed into a field, judging it ends in problems and never in an exception."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plan.plans import GOOD, SECRET
from tui.plan import conformity, fields, files
from tui.plan.importers import take_over
from tui.plan.install_config import document
from tui.plan.model import Plan, Problem
from tui.plan.rules import judge, judge_file, judge_install_config
from tui.plan.strict_yaml import YamlUnreadable, scan
from tui.plan.versions import KNOWN
from tui.plan.yaml_text import write

OFTEN = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
VERSIONS = st.sampled_from([f"{major}.{minor}" for major, minor in KNOWN])

text = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["10.0.0.0/8", "fd00::/64", "::ffff:10.0.0.0/104", "0.0.0.0/0", "::/0", "10.0.0.1", "::1", "http://a:1",
         "[::1]:80",         "a-b", "10.0.0.1-10.0.0.9", "-", "/", "//", "://", "a@b:c",
         "sha256:" + "0" * 64, "{}", '{"auths": {"": {}}}',
         '{"auths": {"a": null}}', '{"auths": {"a": {"auth": 1}}}', "[" * 5000, "-----BEGIN X-----\n-----END X-----\n"]
    ),
)  # fmt: skip
scalar = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text)
anything = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The document with another value at a place."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(item, path[1:], new) if key == path[0] else item for key, item in value.items()}
    return [put(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]


CONFIG = document(GOOD, SECRET) | {
    "proxy": {"httpProxy": "http://p:1", "httpsProxy": "http://p:1", "noProxy": "a.b"},
    "capabilities": {"baselineCapabilitySet": "vCurrent", "additionalEnabledCapabilities": ["Ingress"]},
    "bootstrapInPlace": {"installationDisk": "/dev/sda"},
    "arbiter": {"name": "arbiter"},
    "featureSet": "CustomNoUpgrade",
    "featureGates": ["A=true"],
}
PLACES = places(CONFIG)


def sound(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.message
        assert problem.fix
        assert re.search(r"\{[a-z_]+\}", problem.message + problem.fix) is None


@OFTEN
@given(st.sampled_from(PLACES), anything, VERSIONS, st.sampled_from(["manifests", "sno"]))
def test_any_value_anywhere_in_an_install_config_is_judged(
    place: tuple[Any, ...], new: Any, version: str, target: Any
) -> None:
    changed = put(CONFIG, place, new)
    sound(judge_install_config(changed, version, target))
    take_over(Plan(), "install-config", write(changed).encode("utf-8", "replace"))


PATHS = fields.paths(GOOD)


@OFTEN
@given(st.sampled_from(PATHS), text, VERSIONS)
def test_any_text_typed_into_any_field_is_taken_or_answered_and_judged(path: str, typed: str, version: str) -> None:
    plan = fields.replace(GOOD, "topology.version", version)
    try:
        value = fields.parse(path, typed)
    except fields.NotThatType:
        return
    changed = fields.replace(plan, path, value)
    problems = judge(changed)
    sound(problems)
    for problem in problems:
        if "[" not in problem.path:
            fields.get(changed, problem.path)
    assert files.parse(files.dump(changed)) == changed


@OFTEN
@given(anything)
def test_any_document_is_a_plan_or_its_faults_are_named(value: Any) -> None:
    found = conformity.faults(value)
    if found:
        assert all(fault.message for fault in found)
    elif isinstance(value, dict) and value.get("schema", 1) == 1:
        assert isinstance(files.from_document(value, {}), Plan)


@OFTEN
@given(st.text(max_size=200), VERSIONS)
def test_any_text_is_read_or_refused(content: str, version: str) -> None:
    try:
        scanned = scan(content)
    except YamlUnreadable:
        return
    sound(judge_file(scanned, version))


@pytest.mark.parametrize("deep", [900, 50_000])
def test_a_deeply_nested_pull_secret_is_judged(deep: int) -> None:
    secret = json.dumps({"auths": {}})[:-1] + ', "x": ' + "[" * deep + "]" * deep + "}"
    assert "pull-secret" in [p.id for p in judge_install_config(CONFIG | {"pullSecret": secret}, "4.15")]
