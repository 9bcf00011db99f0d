"""`ocp-tui validate` and `schema` as cli.md promises them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.plans import GOOD, SECRET
from tui.cli import run
from tui.plan import fields, files
from tui.plan.install_config import document
from tui.plan.yaml_text import write


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(files.dump(GOOD))
    return path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "install-config.yaml"
    path.write_text(write(document(GOOD, SECRET)))
    return path


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_good_plan_is_ok_for_its_own_version(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "--json", str(plan_file)]) == 0
    assert objects(capsys) == [
        {"file": str(plan_file), "kind": "plan", "version": "4.15.23", "verdict": "ok", "problems": []}
    ]


def test_a_plan_is_judged_for_the_version_asked_for(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan_file.write_text(files.dump(fields.replace(GOOD, "network.network_type", "OpenShiftSDN")))
    assert run(["validate", "--json", str(plan_file), "--version", "4.14"]) == 0
    assert run(["validate", "--json", str(plan_file)]) == 1
    older, own = objects(capsys)
    assert (older["version"], older["verdict"]) == ("4.14", "ok")
    assert (own["version"], own["verdict"]) == ("4.15.23", "refused")


def test_every_file_gets_one_object_and_the_worst_decides(
    plan_file: Path, config_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: b: c\n")
    warned = tmp_path / "warned.yaml"
    warned.write_text(config_file.read_text().replace("name: ocp4", "name: ocp.4"))
    typed = tmp_path / "typed.yaml"
    typed.write_text(config_file.read_text() + "imageDigestSource: []\n")
    named = [str(path) for path in (plan_file, config_file, broken, warned, typed)]
    assert run(["validate", "--json", "--version", "4.15", *named]) == 1
    found = objects(capsys)
    assert [(o["file"], o["kind"], o["verdict"]) for o in found] == [
        (named[0], "plan", "ok"),
        (named[1], "install-config", "ok"),
        (named[2], "unknown", "refused"),
        (named[3], "install-config", "warnings"),
        (named[4], "install-config", "errors"),
    ]
    assert found[2]["problems"] == [
        {
            "id": "yaml.syntax",
            "severity": "error",
            "path": "",
            "message": "This is not YAML: mapping values are not allowed in this context.",
            "fix": "Open the file at that place and correct it.",
            "installer": True,
            "line": 1,
            "column": 5,
        }
    ]
    (unknown,) = found[4]["problems"]
    assert (unknown["path"], unknown["line"], unknown["column"]) == (
        "imageDigestSource",
        len(typed.read_text().splitlines()),
        1,
    )


def test_an_install_config_needs_a_version(
    config_file: Path, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", "--json", str(config_file), str(plan_file)]) == 2
    told = capsys.readouterr()
    assert "--version" in told.err
    assert json.loads(told.out)["file"] == str(plan_file)


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_opened_is_said_so(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", str(tmp_path / name), "--version", "4.15"]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["x.yaml", "--version", "new"], ["x.yaml", "--target", "moon"]])
def test_bad_arguments_end_with_2(arguments: list[str]) -> None:
    assert run(["validate", *arguments]) == 2


def test_the_target_decides_for_a_single_node(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "--json", str(config_file), "--version", "4.15"]) == 0
    assert run(["validate", "--json", str(config_file), "--version", "4.15", "--target", "sno"]) == 1
    paths = {problem["path"] for problem in objects(capsys)[1]["problems"] if problem["installer"]}
    assert paths == {"controlPlane.replicas", "bootstrapInPlace"}


def test_problems_have_the_line_and_column_of_their_key(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config_file.read_text().replace("hostPrefix: 23", "hostPrefix: 8")
    config_file.write_text(text)
    run(["validate", "--json", str(config_file), "--version", "4.15"])
    (problem,) = objects(capsys)[0]["problems"]
    line = text.splitlines()[problem["line"] - 1]
    assert line[problem["column"] - 1 :] == "hostPrefix: 8"
    assert problem["path"] == "networking.clusterNetwork[0].hostPrefix"


def test_all_wrong_fields_of_a_plan_are_named_at_once(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan_file.write_text("topology:\n  shape: huge\n  nodes: 3\nnetwork:\n  gatway: 10.0.0.1\n  dhcp: 'no'\n")
    assert run(["validate", "--json", str(plan_file)]) == 1
    problems = objects(capsys)[0]["problems"]
    assert [(p["path"], p["line"], p["column"]) for p in problems] == [
        ("topology.shape", 2, 3),
        ("topology.nodes", 3, 3),
        ("network.gatway", 5, 3),
        ("network.dhcp", 6, 3),
    ]
    assert problems[2]["fix"] == "Did you mean gateway?"


def test_flaws_of_yaml_are_the_installers_only_where_it_refuses_them(
    config_file: Path, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config_file.write_text(config_file.read_text() + "baseDomain: other.example.com\n")
    plan_file.write_text(plan_file.read_text() + "lab: false\n")
    for version in ("4.8", "4.15"):
        run(["validate", "--json", str(config_file), str(plan_file), "--version", version])
    flaws = [[p["installer"] for p in o["problems"] if p["id"] == "yaml.duplicate-key"] for o in objects(capsys)]
    assert flaws == [[False], [False], [True], [False]]


def test_for_people_it_says_what_where_and_what_next(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config_file.write_text(config_file.read_text().replace("name: ocp4", "name: OCP4"))
    assert run(["validate", str(config_file), "--version", "4.15"]) == 1
    told = capsys.readouterr().out
    assert "openshift-install would refuse it" in told
    assert "metadata.name: The cluster's name is not a DNS name. (openshift-install refuses this)" in told
    assert "[cluster-name]" in told


def test_the_rules_are_printed_for_all_versions_or_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "--rules"]) == 0
    everything = capsys.readouterr().out
    assert run(["validate", "--rules", "--version", "4.8"]) == 0
    older = capsys.readouterr().out
    assert "fencing-count  [4.19+, openshift-install refuses]" in everything
    assert "fencing-count" not in older
    assert "network-type-ipv6  [4.7–4.14, openshift-install refuses]" in older


def test_the_schema_of_a_plan_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(schema["$defs"]["Topology"]["properties"]) == {
        "cluster_name", "base_domain", "version", "architecture", "shape", "nodes",
    }  # fmt: skip


def test_validate_never_loads_the_screens() -> None:
    import subprocess
    import sys

    told = "import sys, tui.cli.validate; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
