"""Whether the engine would outlive the login, read off made-up configurations of logind."""

from pathlib import Path

import pytest

from tui.engine.logind import warning


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("etc/systemd/logind.conf.d", "usr/lib/systemd/logind.conf.d", "var/lib/systemd/linger"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_nothing_is_said_where_logind_leaves_processes_alone(root: Path) -> None:
    (root / "etc/systemd/logind.conf").write_text("[Login]\n#KillUserProcesses=yes\n")
    assert warning(root, "core") == ""


def test_it_is_said_with_both_ways_out_where_logind_ends_them(root: Path) -> None:
    (root / "etc/systemd/logind.conf.d/stig.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    assert "loginctl enable-linger core" in warning(root, "core")
    assert "systemd-run --user" in warning(root, "core")


def test_a_drop_in_wins_over_the_file_and_lingering_over_both(root: Path) -> None:
    (root / "etc/systemd/logind.conf").write_text("KillUserProcesses=yes\n")
    (root / "etc/systemd/logind.conf.d/x.conf").write_text("KillUserProcesses = no\n")
    assert warning(root, "core") == ""
    (root / "etc/systemd/logind.conf.d/y.conf").write_text("KillUserProcesses=yes\n")
    (root / "var/lib/systemd/linger/core").touch()
    assert warning(root, "core") == ""
