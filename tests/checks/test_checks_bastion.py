"""This machine asked about itself: real files, real ports, real programs."""

import asyncio
import shutil
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import asyncssh
import pytest

from tui import checks
from tui.checks.bastion import judge_firewall
from tui.checks.model import Result
from tui.plan.model import Boot, Node, Plan, PullSecret, Topology

LISTED = """public (active)
  target: default
  interfaces: eth0
  services: cockpit dhcpv6-client ssh dns
  ports: 8080/tcp 9000-9010/tcp
  protocols:
"""


async def _ask(id_: str, plan: Plan, directory: Path) -> Result:
    def secret(name: str) -> bytes:
        raise FileNotFoundError(name)

    run = checks.run(plan, phase="before-boot", secret=secret, only=[id_], session_directory=directory)
    (result,) = [result async for result in run]
    return result


@pytest.mark.parametrize(
    ("method", "gigabytes", "state"), [("pxe", 2, "failed"), ("pxe", 4, "ok"), ("iso", 4, "warning"), ("iso", 6, "ok")]
)
async def test_room_is_wanted_for_the_artifacts_and_an_iso_for_each_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Literal["pxe", "iso"], gigabytes: int, state: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=gigabytes * 10**9))
    nodes = [Node(role="master", name="m0"), Node(role="master", name="m1")]
    plan = Plan(boot=Boot(method=method), topology=Topology(nodes=nodes))
    assert (await _ask("bastion.disk", plan, tmp_path)).state == state


async def test_a_serving_port_is_free_taken_or_not_ours(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        taken.listen()
        mine = await _ask("bastion.ports", Plan(boot=Boot(listen=listen)), tmp_path)
        assert (mine.state, "ocp-tui itself" in mine.evidence) == ("ok", True)
    assert (await _ask("bastion.ports", Plan(boot=Boot(listen=listen)), tmp_path)).state == "ok"
    foreign = await _ask("bastion.ports", Plan(boot=Boot(listen="192.0.2.200:8080")), tmp_path)
    assert (foreign.state, "not an address of this machine" in foreign.evidence) == ("failed", True)
    for nonsense in ("", "127.0.0.1", "127.0.0.1:http"):
        assert (await _ask("bastion.ports", Plan(boot=Boot(listen=nonsense)), tmp_path)).state == "unknown"
    assert (await _ask("bastion.ports", Plan(boot=Boot(listen="127.0.0.1:99999")), tmp_path)).state == "failed"


HOLDER = """
import socket, sys
held = socket.socket()
held.bind(("127.0.0.1", 0))
held.listen()
print(held.getsockname()[1], flush=True)
sys.stdin.read()
"""


async def test_a_port_that_another_process_holds_is_named_with_it(tmp_path: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, stdin=pipe, stdout=pipe)
    assert other.stdout
    listen = f"127.0.0.1:{(await other.stdout.readline()).decode().strip()}"
    result = await _ask("bastion.ports", Plan(boot=Boot(listen=listen)), tmp_path)
    await other.communicate(b"")
    assert (result.state, str(other.pid) in result.evidence) == ("failed", True), result


@pytest.mark.parametrize(
    ("needed", "shut"),
    [
        ([("8080/tcp", "")], []),
        ([("9005/tcp", "")], []),
        ([("53/udp", "dns"), ("53/tcp", "dns")], []),
        ([("6443/tcp", ""), ("8080/tcp", "")], ["6443/tcp"]),
        ([("9005/udp", "")], ["9005/udp"]),
    ],
)
def test_firewalld_is_asked_for_what_this_machine_serves(needed: list[tuple[str, str]], shut: list[str]) -> None:
    found = judge_firewall(needed, LISTED)
    assert found.state == ("failed" if shut else "ok")
    assert all(f"--add-port={port}" in found.fix for port in shut)


def test_a_zone_that_accepts_all_is_open() -> None:
    assert judge_firewall([("6443/tcp", "")], LISTED.replace("default", "ACCEPT")).state == "ok"


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
async def test_a_key_pair_is_matched_without_its_passphrase(tmp_path: Path, passphrase: str | None, kind: str) -> None:
    mine, other = asyncssh.generate_private_key(kind), asyncssh.generate_private_key(kind)
    path = tmp_path / "key"
    mine.write_private_key(path, passphrase=passphrase)
    for key, state in ((mine, "ok"), (other, "failed")):
        public = key.export_public_key().decode()
        secret = PullSecret(ssh_key=public, ssh_private_key=str(path))
        assert (await _ask("bastion.ssh-key", Plan(pull_secret=secret), tmp_path)).state == state


async def test_a_key_pair_that_cannot_be_looked_at_is_never_ok(tmp_path: Path) -> None:
    public = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (tmp_path / "junk").write_bytes(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    for path, state in ((tmp_path / "missing", "failed"), (tmp_path / "junk", "unknown"), ("", "unknown")):
        secret = PullSecret(ssh_key=public, ssh_private_key=str(path))
        assert (await _ask("bastion.ssh-key", Plan(pull_secret=secret), tmp_path)).state == state
    assert (await _ask("bastion.ssh-key", Plan(), tmp_path)).state == "warning"


@pytest.mark.parametrize(
    ("printed", "state"),
    [("4.15.3", "ok"), ("4.15.30", "failed"), ("4.14.3", "failed"), ("4.20.0-ec.0", "failed")],
)
async def test_the_installers_version_is_the_plans(tmp_path: Path, printed: str, state: str) -> None:
    for name, text in (("openshift-install", f"./openshift-install {printed}"), ("oc", "Client Version: 4.15.3")):
        program = tmp_path / "artifacts" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{text}'\necho 'built from commit'\n")
        program.chmod(0o755)
    result = await _ask("bastion.tools", Plan(topology=Topology(version="4.15.3")), tmp_path)
    assert result.state == state
    assert printed in result.evidence


async def test_tools_that_are_not_there_yet_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (await _ask("bastion.tools", Plan(), tmp_path)).state == "warning"
