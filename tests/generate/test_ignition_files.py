"""Ignition files of the real installer, looked over and read for their clock."""

import base64
import gzip
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.generate import ignition
from tui.generate.certificates import DAY, clock

POOLS = {"master.ign": "master", "worker.ign": "worker"}
DOMAIN = "ocp4.example.com"


@pytest.fixture
def made(recorded: Path, tmp_path: Path) -> Path:
    """The files of one run of openshift-install 4.15.0."""
    for name in ("bootstrap.ign", "master.ign", "worker.ign"):
        (tmp_path / name).write_bytes(gzip.decompress((recorded / f"4.15/ignition/{name}.gz").read_bytes()))
    return tmp_path


def unpacked(recorded: Path, name: str) -> bytes:
    return gzip.decompress((recorded / f"{name}.gz").read_bytes())


def test_files_of_one_run_are_right(made: Path) -> None:
    assert ignition.wrongs(made, DOMAIN, POOLS) == []


def test_a_single_node_s_file_is_right_without_a_bootstrap_s(recorded: Path, tmp_path: Path) -> None:
    name = "bootstrap-in-place-for-live-iso.ign"
    (tmp_path / name).write_bytes(unpacked(recorded, f"4.15/ignition/{name}"))
    assert ignition.wrongs(tmp_path, DOMAIN, POOLS) == []
    assert clock(tmp_path) is not None


def test_files_of_two_generations_are_told_apart(made: Path, recorded: Path) -> None:
    (made / "master.ign").write_bytes(unpacked(recorded, "4.7/ignition/master.ign"))
    assert ignition.wrongs(made, DOMAIN, POOLS) == [
        "master.ign does not trust the root CA in the bootstrap's file: they are of two generations"
    ]


def test_files_of_another_cluster_are_told(made: Path) -> None:
    found = ignition.wrongs(made, "other.example.com", POOLS)
    assert [text.split()[0] for text in found] == ["master.ign", "worker.ign"]
    assert "https://api-int.other.example.com:22623/config/worker" in found[1]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"ignition": {}}', b'{"ignition": {"version": "2.2.0"}}'])
def test_what_is_no_ignition_config_is_said_without_its_content(made: Path, content: bytes) -> None:
    (made / "worker.ign").write_bytes(content)
    with pytest.raises(ignition.IgnitionUnreadable, match=r"worker\.ign is"):
        ignition.wrongs(made, DOMAIN, POOLS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["config", "merge", "source", "security", "tls", "certificateAuthorities", "version"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_is_in_a_pointer_file_is_a_finding_or_a_sentence(value: object) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        files = [{"path": ignition.ROOT_CA, "contents": {"source": "data:,CA"}}]
        bootstrap = {"ignition": {"version": "3.2.0"}, "storage": {"files": files}}
        (directory / "bootstrap.ign").write_text(json.dumps(bootstrap))
        (directory / "master.ign").write_text(json.dumps({"ignition": value}))
        try:
            found = ignition.wrongs(directory, DOMAIN, POOLS)
        except ValueError as error:
            found = [str(error)]
        assert found
        assert all("master.ign" in text or "data URL" in text for text in found)


def test_the_clock_is_the_certificates_own_and_lasts_a_day(made: Path) -> None:
    found = clock(made)
    assert found is not None
    assert not found.estimated
    assert found.source == "bootstrap.ign"
    assert found.expires - found.created == pytest.approx(DAY, abs=60 * 1_000_000)
    assert datetime.fromtimestamp(found.created / 1e6, UTC).date().isoformat() == "2026-11-22"


def test_a_compressed_certificate_counts_as_well(made: Path) -> None:
    config = json.loads((made / "bootstrap.ign").read_text())
    for entry in config["storage"]["files"]:
        if entry["path"].endswith(".crt"):
            data = ignition.content(entry["contents"])
            entry["contents"] = {
                "source": "data:;base64," + base64.b64encode(gzip.compress(data)).decode(),
                "compression": "gzip",
            }
    before = clock(made)
    (made / "bootstrap.ign").write_text(json.dumps(config))
    assert clock(made) == before


def test_pointer_files_alone_tell_no_time(made: Path) -> None:
    (made / "bootstrap.ign").unlink()
    assert clock(made) is None


def test_an_unreadable_bootstrap_file_gives_an_estimate_that_says_so(made: Path) -> None:
    (made / "bootstrap.ign").write_text("{}")
    written = datetime(2026, 11, 20, 12, tzinfo=UTC)
    os.utime(made / "bootstrap.ign", (written.timestamp(), written.timestamp()))
    found = clock(made)
    assert found is not None
    assert found.estimated
    assert found.expires == int((written + timedelta(days=1)).timestamp() * 1e6)


def test_before_ignition_files_are_written_the_installer_s_state_tells_the_time(made: Path) -> None:
    """The state holds each certificate as the PEM text of its `CertRaw`, in base64."""
    known = clock(made)
    assert known is not None
    config = ignition.read(made / "bootstrap.ign")
    certificates = {path: ignition.content(data) for path, data in ignition.files(config) if path.endswith(".crt")}
    state = {path: {"CertRaw": base64.b64encode(pem).decode()} for path, pem in certificates.items()}
    for name in ("bootstrap.ign", "master.ign", "worker.ign"):
        (made / name).unlink()
    (made / ".openshift_install_state.json").write_text(json.dumps(state | {"other": "text", "none": None}))
    found = clock(made)
    assert found is not None
    assert (found.created, found.expires, found.source) == (
        known.created,
        known.expires,
        ".openshift_install_state.json",
    )
