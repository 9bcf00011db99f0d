"""A session in a client's hands."""

import os
import stat
from pathlib import Path

import pytest

from tui.plan.model import Node
from tui.session import directory as directories
from tui.session.directory import file_system, last_used, open_directory, remember
from tui.session.errors import NotSaved, SessionUnusable
from tui.session.secret_files import SecretFiles, parts
from tui.session.session import Session


def test_everything_in_a_session_is_for_its_owner_only(tmp_path: Path) -> None:
    session = Session(tmp_path / "ocp4")
    session.edit("topology.cluster_name", "ocp4")
    session.secrets.write("pull-secret", b"{}")
    for path in [tmp_path / "ocp4", *(tmp_path / "ocp4").rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_an_edit_is_on_disk_at_once_and_there_again_after_a_restart(tmp_path: Path) -> None:
    session = Session(tmp_path / "ocp4")
    assert session.edit("topology.cluster_name", "ocp4") == ""
    session.decide("network.name_servers", ["192.168.31.160"])
    again = Session(tmp_path / "ocp4")
    assert again.plan.topology.cluster_name == "ocp4"
    assert again.plan.network.name_servers == ["192.168.31.160"]


def test_text_that_does_not_fit_its_field_waits_as_a_draft(tmp_path: Path) -> None:
    session = Session(tmp_path / "ocp4")
    assert session.edit("network.mtu", "nine thousand") != ""
    again = Session(tmp_path / "ocp4")
    assert again.drafts()["network.mtu"].text == "nine thousand"
    assert again.plan.network.mtu is None
    again.edit("network.mtu", "9000")
    assert again.drafts() == {}
    assert again.plan.network.mtu == 9000


def test_two_terminals_the_later_wins_and_the_other_keeps_its_text_as_a_draft(tmp_path: Path) -> None:
    one, two = Session(tmp_path / "ocp4"), Session(tmp_path / "ocp4")
    one.edit("topology.cluster_name", "first")
    one.edit("topology.base_domain", "example.com")
    two.refresh()
    two.edit("topology.cluster_name", "second")
    assert one.refresh() == ["topology.cluster_name"]
    assert one.plan.topology.cluster_name == "second"
    assert one.plan.topology.base_domain == "example.com"
    assert one.drafts()["topology.cluster_name"].text == "first"


def test_edits_of_two_terminals_to_different_fields_are_both_kept(tmp_path: Path) -> None:
    one, two = Session(tmp_path / "ocp4"), Session(tmp_path / "ocp4")
    one.edit("topology.cluster_name", "ocp4")
    two.edit("topology.base_domain", "example.com")
    one.refresh()
    assert (one.plan.topology.cluster_name, one.plan.topology.base_domain) == ("ocp4", "example.com")


def test_a_plan_edited_into_nonsense_is_named_with_its_line(tmp_path: Path) -> None:
    Session(tmp_path / "ocp4")
    (tmp_path / "ocp4" / "plan.yaml").write_text("topology:\n  cluster_name: [ocp4\n")
    with pytest.raises(SessionUnusable, match=r"plan\.yaml is no plan: line 3"):
        Session(tmp_path / "ocp4")


def test_a_plan_that_becomes_nonsense_under_a_running_client_is_put_aside_not_overwritten(tmp_path: Path) -> None:
    session = Session(tmp_path / "ocp4")
    session.edit("topology.cluster_name", "ocp4")
    plan = tmp_path / "ocp4" / "plan.yaml"
    plan.write_text("nonsense: [")
    session.refresh()
    assert "plan.yaml" in session.trouble
    session.edit("topology.base_domain", "example.com")
    assert Session(tmp_path / "ocp4").plan.topology.base_domain == "example.com"
    assert [p.read_text() for p in plan.parent.glob("plan.yaml.unreadable-*")] == ["nonsense: ["]


def test_what_cannot_be_written_stays_in_memory_and_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path / "ocp4")
    real = os.fsync

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    session.edit("topology.cluster_name", "ocp4")
    assert session.plan.topology.cluster_name == "ocp4"
    assert "No space left on device" in session.trouble
    monkeypatch.setattr(os, "fsync", real)
    session.edit("topology.base_domain", "example.com")
    assert session.trouble == ""
    again = Session(tmp_path / "ocp4").plan.topology
    assert (again.cluster_name, again.base_domain) == ("ocp4", "example.com")


def test_an_edit_marks_what_was_made_from_it_as_stale_and_nothing_else(tmp_path: Path) -> None:
    from tui.session import stale

    session = Session(tmp_path / "ocp4")
    for name in stale.DEPENDS:
        stale.made(session.store, session.plan, name)
    assert session.stale() == set()
    session.edit("generate.fips", "yes")
    assert session.stale() == {"generate"}
    session.edit("network.gateway", "192.168.31.1")
    assert session.stale() == {"generate", "check"}


def test_a_network_file_system_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directories, "file_system", lambda _path: "nfs4")
    with pytest.raises(SessionUnusable, match=r"network file system \(nfs4\)"):
        open_directory(tmp_path / "ocp4")


def test_the_file_system_is_read_from_the_kernel() -> None:
    assert file_system(Path("/proc/self")) == "proc"


def test_a_file_where_the_directory_should_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "ocp4").write_text("")
    with pytest.raises(SessionUnusable, match="is a file, not a directory"):
        open_directory(tmp_path / "ocp4")


def test_the_last_session_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert last_used() is None
    remember(open_directory(tmp_path / "ocp4"))
    assert last_used() == tmp_path / "ocp4"


def test_a_secret_never_leaves_its_directory_by_name(tmp_path: Path) -> None:
    secrets = SecretFiles(tmp_path)
    for name in ("../x", "/etc/passwd", "", ".hidden", "a/b"):
        with pytest.raises((ValueError, NotSaved)):
            secrets.write(name, b"x")


def test_a_pull_secret_is_known_by_its_auth_its_pair_and_its_password() -> None:
    content = b'{"auths": {"mirror:5000": {"auth": "YWRtaW46czNjcjN0LXB3", "email": "a@b"}}}'
    assert set(parts(content)) == {"YWRtaW46czNjcjN0LXB3", "admin:s3cr3t-pw", "s3cr3t-pw"}


def test_the_files_path_is_the_sessions_own_for_good_and_can_be_typed(tmp_path: Path) -> None:
    from tui.session.served import base_url, path_part

    one, two = Session(tmp_path / "a"), Session(tmp_path / "b")
    assert path_part(one.store) == path_part(Session(tmp_path / "a").store) != path_part(two.store)
    assert not set(path_part(one.store)) & set("0O1lIi/")
    assert base_url(one.store, one.plan) == ""
    one.decide("boot.listen", "192.168.31.10:8080")
    assert base_url(one.store, one.plan) == f"http://192.168.31.10:8080/{path_part(one.store)}"


def test_an_own_edit_of_a_part_is_not_taken_for_another_terminals_edit_of_the_whole(tmp_path: Path) -> None:
    one, two = Session(tmp_path / "ocp4"), Session(tmp_path / "ocp4")
    one.decide("topology.nodes", [Node(role="master", name="master-0")])
    one.edit("topology.nodes[0].address", "192.168.31.162")
    two.refresh()
    two.edit("topology.cluster_name", "ocp4")
    assert one.refresh() == []
    assert one.drafts() == {}
