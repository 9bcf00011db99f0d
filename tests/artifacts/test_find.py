"""Finding artifacts: only a checksum from elsewhere and the right version make one well."""

import asyncio
import io
import os
import stat
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tui.artifacts import find
from tui.artifacts.inspect import Unreadable, sums, unpack
from tui.artifacts.model import Found, Progress
from tui.plan.model import Plan

Look = Callable[..., Awaitable[dict[str, Found]]]
Evil = Callable[[Path, dict[str, bytes]], None]


async def test_a_whole_mirror_is_verified(mirror: Any, look: Look) -> None:
    found = await look()
    assert {kind: one.state for kind, one in found.items()} == dict.fromkeys(("installer", "client", "iso"), "verified")
    assert found["installer"].version == "4.15.0"
    assert found["installer"].release_image.startswith("quay.io/openshift-release-dev/ocp-release@sha256:6336")
    assert os.access(found["installer"].tool, os.X_OK)
    assert stat.S_IMODE(os.stat(found["installer"].tool).st_mode) == 0o700
    assert found["iso"].version == mirror.build


async def test_nothing_there_is_said_with_what_to_put_where(plan: Plan, artifacts: Path) -> None:
    found = await find(plan, [], artifacts)
    assert {one.state for one in found} == {"missing"}
    assert "openshift-install-linux-4.15.0.tar.gz" in found[0].fix


async def test_a_place_that_is_not_there_is_said(plan: Plan, artifacts: Path) -> None:
    found = await find(plan, ["/no/such/place", "https://files.example.com/"], artifacts)
    assert {one.detail for one in found} == {"/no/such/place does not exist."}


async def test_without_a_list_of_checksums_nobody_vouches_for_a_tool(mirror: Any, look: Look) -> None:
    (mirror.path / "sha256sum.txt").unlink()
    found = await look()
    assert found["installer"].state == "found"
    assert found["client"].state == "found"
    assert found["iso"].state == "verified", "the installer itself names this file's checksum"


async def test_a_damaged_archive_is_wrong_and_never_run(mirror: Any, artifacts: Path, look: Look) -> None:
    mirror.sums(openshift="0" * 64)
    found = await look()
    assert found["installer"].state == found["client"].state == "wrong"
    assert not (artifacts / "tools").exists()


async def test_an_installer_of_another_version_is_wrong_whatever_its_name(mirror: Any, look: Look) -> None:
    mirror.tools(version="4.15.9")
    mirror.sums()
    found = await look()
    assert found["installer"].state == "wrong"
    assert "4.15.9" in found["installer"].detail


async def test_a_plan_of_a_whole_minor_takes_any_of_its_versions(plan: Plan, mirror: Any, artifacts: Path) -> None:
    loose = replace(plan, topology=replace(plan.topology, version="4.15"))
    assert (await find(loose, [str(mirror.path)], artifacts))[0].state == "verified"


async def test_an_installer_with_a_tagged_release_image_is_wrong(mirror: Any, look: Look) -> None:
    mirror.tools(version="4.15.0\nrelease image registry.example.com/ocp:4.15.0")
    mirror.sums()
    assert (await look())["installer"].state == "wrong"


async def test_an_image_is_known_by_its_content_under_any_name(mirror: Any, look: Look) -> None:
    iso = mirror.path / "rhcos-4.15.0-x86_64-live.x86_64.iso"
    iso.rename(mirror.path / "rhcos-live.x86_64.iso")
    (mirror.path / "sha256sum.txt").unlink()
    found = await look()
    assert found["iso"].state == "verified"
    assert found["iso"].version == mirror.build


async def test_an_image_of_another_minor_is_wrong_although_its_checksum_is_right(mirror: Any, look: Look) -> None:
    mirror.image("iso", build="414.92.202407091253-0")
    mirror.sums()
    found = await look()
    assert found["iso"].state == "wrong"
    assert "4.14" in found["iso"].detail


async def test_an_earlier_build_of_the_same_minor_is_well_by_its_published_checksum(mirror: Any, look: Look) -> None:
    mirror.image("iso", build="415.92.202402130021-0")
    mirror.sums()
    found = await look()
    assert found["iso"].state == "verified"
    (mirror.path / "sha256sum.txt").unlink()
    assert (await look())["iso"].state == "found"


async def test_a_build_id_that_tells_no_minor_is_never_verified_by_its_checksum_alone(mirror: Any, look: Look) -> None:
    (mirror.path / "rhcos-4.15.0-x86_64-live.x86_64.iso").unlink()
    mirror.image("iso", build="9.6.20260112-0", name="rhcos-live-iso.x86_64.iso")
    mirror.sums()
    assert (await look())["iso"].state == "found"


async def test_kernel_initramfs_and_rootfs_are_of_one_build(mirror: Any, look: Look) -> None:
    found = await look(method="pxe")
    assert {found[kind].state for kind in ("kernel", "initramfs", "rootfs")} == {"verified"}
    (mirror.path / "rhcos-4.15.0-x86_64-live-rootfs.x86_64.img").unlink()
    mirror.image("rootfs", build="415.92.1", name="rhcos-415.92.202402130021-0-live-rootfs.x86_64.img")
    mirror.sums()
    found = await look(method="pxe")
    assert {found[kind].state for kind in ("kernel", "initramfs", "rootfs")} == {"wrong"}


async def test_a_file_that_cannot_be_read_is_unknown(mirror: Any, look: Look) -> None:
    iso = mirror.path / "rhcos-4.15.0-x86_64-live.x86_64.iso"
    iso.unlink()
    iso.symlink_to(mirror.path / "nowhere")
    found = await look()
    assert found["iso"].state == "unknown"
    assert "No such file" in found["iso"].detail


async def test_progress_is_told_and_cancelling_stops_at_once(
    plan: Plan, mirror: Any, artifacts: Path, look: Look
) -> None:
    heard: list[Progress] = []
    await find(plan, [str(mirror.path)], artifacts, heard.append)
    assert heard[-1].done == heard[-1].total
    big = mirror.path / "rhcos-4.15.0-x86_64-live.x86_64.iso"
    os.truncate(big, 2**36)
    running = asyncio.ensure_future(look())
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)


def test_only_the_wanted_program_comes_out_of_an_archive(tmp_path: Path, evil: Evil) -> None:
    evil(tmp_path / "a.tar.gz", {"../oc": b"bad", "/tmp/oc": b"bad", "kubectl": b"no", "./oc": b"good"})
    assert unpack(tmp_path / "a.tar.gz", ("oc",), tmp_path / "out").read_bytes() == b"good"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["oc"]


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("oc")
        link.type, link.linkname = tarfile.SYMTYPE, "/bin/sh"
        tar.addfile(link)
    with pytest.raises(Unreadable, match="holds no oc"):
        unpack(tmp_path / "a.tar.gz", ("oc",), tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08broken"])
def test_what_is_no_archive_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(Unreadable, match=r"a\.tar\.gz cannot be unpacked"):
        unpack(tmp_path / "a.tar.gz", ("oc",), tmp_path / "out")


def test_an_archive_cut_short_leaves_no_half_program(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        member = tarfile.TarInfo("oc")
        member.size = 300_000
        tar.addfile(member, io.BytesIO(os.urandom(300_000)))
    (tmp_path / "a.tar.gz").write_bytes(data.getvalue()[:150_000])
    with pytest.raises(Unreadable):
        unpack(tmp_path / "a.tar.gz", ("oc",), tmp_path / "out")
    assert not (tmp_path / "out/oc").exists()


def test_checksums_are_read_in_both_spellings() -> None:
    text = f"{'A' * 64}  one\n{'b' * 64} *two\nnonsense\n"
    assert sums(text) == {"one": "a" * 64, "two": "b" * 64}
