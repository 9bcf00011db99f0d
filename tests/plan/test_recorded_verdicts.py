"""The rules against what the real openshift-install said: 714 recorded verdicts of four versions."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tui.plan import strict_yaml
from tui.plan.model import Problem
from tui.plan.rules import judge_file

RECORDED = Path(__file__).parents[1] / "data" / "install_configs"
VERSIONS = ("4.7", "4.8", "4.15", "4.20-dev")

NO_PATH_IN_GO = {
    # Go's JSON decoder names a type and no index ("ClusterNetworkEntry.networking.clusterNetwork.hostPrefix"), or for
    # an address no place at all; ours is the value's own path.
    "hostprefix-string": ["networking.clusterNetwork[0].hostPrefix"],
    "machine-cidr-garbage": ["networking.machineNetwork[0].cidr"],
    "machine-cidr-bad-mask": ["networking.machineNetwork[0].cidr"],
    "pullsecret-as-yaml-map": ["pullSecret"],
    "masters-string": ["controlPlane.replicas"],
    "compute-as-map": ["compute"],
    "platform-none-string": ["platform"],
    "mirror-mirrors-string": ["imageContentSources[0].mirrors", "imageDigestSources[0].mirrors"],
    "fips-string": ["fips"],
    # The YAML reader names a line; ours is the key's path, and the line too.
    "raw-duplicate-key": ["baseDomain"],
    # The whole document is a list.
    "raw-list": [""],
}
OTHER_PLATFORM = "platform-two"
"""The installer goes on to judge the second platform's own fields; we say that there are two, and stop there."""


def recordings() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for version in VERSIONS:
        with gzip.open(RECORDED / f"{version}.jsonl.gz", "rt", encoding="utf-8") as file:
            found += [(version, json.loads(line)) for line in file]
    return found


ALL = recordings()


def verdict(version: str, recorded: dict[str, Any]) -> list[Problem] | strict_yaml.YamlUnreadable:
    try:
        scanned = strict_yaml.scan(recorded["install_config"])
    except strict_yaml.YamlUnreadable as error:
        return error
    return judge_file(scanned, version, "sno" if recorded["target"] == "sno" else "manifests")


def named_by_installer(stderr: str) -> set[str]:
    """The field paths in an error of the installer's validation."""
    path = r"[a-z][A-Za-z]*(?:\[\d+\])?(?:\.[A-Za-z]+(?:\[\d+\])?)*"
    return set(re.findall(rf"(?:^|[\[ ,])({path}): (?:Invalid|Required|Unsupported|Duplicate|Forbidden)", stderr))


def test_all_recordings_are_there() -> None:
    assert len(ALL) == 714
    assert {recorded["target"] for _, recorded in ALL} == {"manifests", "sno", "other", "ignition-configs"}


@pytest.mark.parametrize(("version", "recorded"), ALL, ids=[f"{v}-{r['case']}-{r['target']}" for v, r in ALL])
def test_refused_by_the_installer_is_refused_here_and_nothing_else(version: str, recorded: dict[str, Any]) -> None:
    found = verdict(version, recorded)
    if isinstance(found, strict_yaml.YamlUnreadable):
        assert recorded["exit"] != 0
        assert found.installer
        assert "yaml: " in recorded["stderr"]
        return
    ours = {problem.path for problem in found if problem.installer}
    assert bool(ours) == (recorded["exit"] != 0)
    if not ours:
        return
    named = named_by_installer(recorded["stderr"])
    if recorded["case"] in NO_PATH_IN_GO:
        assert not named
        assert ours <= set(NO_PATH_IN_GO[recorded["case"]])
    elif recorded["case"] == OTHER_PLATFORM:
        assert ours == {"platform"}
        assert named > ours
        assert all(path.startswith("platform.vsphere") for path in named - ours)
    else:
        assert ours == named


def test_no_message_repeats_a_secret() -> None:
    secrets = (
        "dXNlcjpwYXNz",
        "dXNlcg",
        "not base64!",
        "AAAAC3NzaC1lZDI1NTE5",
        "MIIDTTCC",
        "b3BlbnNzaC1r",
        "a@example.com",
    )
    for version, recorded in ALL:
        found = verdict(version, recorded)
        for problem in [] if isinstance(found, strict_yaml.YamlUnreadable) else found:
            said = f"{problem.path} {problem.message} {problem.fix}"
            assert not any(secret in said for secret in secrets), said
