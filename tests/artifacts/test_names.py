"""Names that artifacts are published under, told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.artifacts.names import build_minor, guess, needed
from tui.plan.model import Boot, Generate, Plan, Topology

KNOWN = {
    "openshift-install-linux-4.7.7.tar.gz": ("installer", "4.7.7", "", False),
    "openshift-install-linux.tar.gz": ("installer", "", "", False),
    "openshift-install-linux-arm64-4.15.3.tar.gz": ("installer", "4.15.3", "aarch64", False),
    "openshift-install-rhel9-amd64.tar.gz": ("installer", "", "x86_64", True),
    "openshift-install-rhel-4.16.1.tar.gz": ("installer", "4.16.1", "", True),
    "openshift-client-linux-4.20.0-ec.0.tar.gz": ("client", "4.20.0-ec.0", "", False),
    "openshift-client-linux-amd64-rhel8-4.16.0.tar.gz": ("client", "4.16.0", "x86_64", False),
    "openshift-install": ("installer", "", "", False),
    "openshift-install-fips": ("installer", "", "", True),
    "rhcos-4.7.7-x86_64-live.x86_64.iso": ("iso", "4.7.7", "x86_64", False),
    "rhcos-live-iso.aarch64.iso": ("iso", "", "aarch64", False),
    "rhcos-415.92.202407091355-0-live.x86_64.iso": ("iso", "415.92.202407091355-0", "x86_64", False),
    "rhcos-9.6.20250402-0-live-iso.x86_64.iso": ("iso", "9.6.20250402-0", "x86_64", False),
    "rhcos-9.6.20250402-0-live-kernel.x86_64": ("kernel", "9.6.20250402-0", "x86_64", False),
    "rhcos-4.8.14-x86_64-live-kernel-x86_64": ("kernel", "4.8.14", "x86_64", False),
    "rhcos-live-initramfs.s390x.img": ("initramfs", "", "s390x", False),
    "rhcos-4.8.14-x86_64-live-rootfs.x86_64.img": ("rootfs", "4.8.14", "x86_64", False),
}


@pytest.mark.parametrize(("name", "told"), KNOWN.items())
def test_a_published_name_tells_what_it_is(name: str, told: tuple[str, str, str, bool]) -> None:
    found = guess(name)
    assert found is not None
    assert (found.kind, found.version, found.architecture, found.fips) == told


@pytest.mark.parametrize(
    "name",
    [
        "openshift-install-mac-4.15.0.tar.gz",
        "openshift-client-windows-4.15.0.zip",
        "rhcos-4.15.0-x86_64-metal.x86_64.raw.gz",
        "sha256sum.txt",
        "rhcos-4/../../etc/passwd-live.x86_64.iso",
        "openshift-install-linux-4.15.0.tar.gz.part",
    ],
)
def test_another_name_is_none_of_ours(name: str) -> None:
    assert guess(name) is None


@pytest.mark.parametrize(
    ("build", "minor"),
    [
        ("47.83.202103251640-0", (4, 7)),
        ("410.84.202210040010-0", (4, 10)),
        ("418.94.202511191518-0", (4, 18)),
        ("4.15.23", (4, 15)),
        ("9.6.20260112-0", None),
        ("", None),
    ],
)
def test_a_build_tells_its_minor_where_it_can(build: str, minor: tuple[int, int] | None) -> None:
    assert build_minor(build) == minor


def test_every_usual_name_of_a_need_is_recognised_as_that_need() -> None:
    for version in ("4.7.7", "4.15.23", "4.19.2", "4.20.0-ec.0", "5.0.0-rc.2"):
        for method in ("iso", "pxe"):
            plan = Plan(topology=Topology(version=version), boot=Boot(method=method))
            for need in needed(plan):
                found = guess(need.names[0])
                assert found is not None, need.names[0]
                assert found.kind == need.kind


def test_fips_from_416_on_needs_the_installer_that_can() -> None:
    names = [
        needed(Plan(topology=Topology(version=version), generate=Generate(fips=True)))[0].names[0]
        for version in ("4.15.0", "4.16.0")
    ]
    assert names == ["openshift-install-linux-4.15.0.tar.gz", "openshift-install-rhel9-amd64.tar.gz"]


def test_a_bastion_of_another_architecture_takes_the_archive_made_for_it() -> None:
    plan = Plan(topology=Topology(version="4.15.0", architecture="aarch64"))
    assert needed(plan, "x86_64")[0].names[0] == "openshift-install-linux-amd64-4.15.0.tar.gz"
    assert needed(plan, "x86_64")[2].names[0] == "rhcos-4.15.0-aarch64-live.aarch64.iso"


@given(st.text())
def test_no_text_is_too_strange_to_look_at(name: str) -> None:
    found = guess(name)
    assert found is None or "/" not in name
