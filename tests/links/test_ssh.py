"""No connection: each reason has its kind and a sentence that says what, where and what next."""

import asyncio
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest
from typing_extensions import override

from tui.links.ssh import NEEDS_PERSON, SshFailed, Target, connect, forget_host


class Server(asyncssh.SSHServer):
    """Lets in whoever has the key."""

    def __init__(self, allowed: asyncssh.SSHKey) -> None:
        self._allowed = allowed

    @override
    def begin_auth(self, username: str) -> bool:
        return True

    @override
    def public_key_auth_supported(self) -> bool:
        return True

    @override
    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "core" and key.public_data == self._allowed.public_data


@pytest.fixture(params=["ssh-ed25519", "ssh-rsa"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "id"
    if request.param == "ssh-rsa":
        asyncssh.generate_private_key("ssh-rsa", key_size=2048).write_private_key(path)
    else:
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(path)
    return path


class Listening:
    """A server in this process whose host key can be exchanged."""

    def __init__(self, allowed: Path, host: str = "127.0.0.1") -> None:
        self._allowed, self._host = asyncssh.read_private_key(allowed), host
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.port = 0

    async def start(self) -> None:
        self._acceptor = await asyncssh.listen(
            self._host,
            self.port,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            server_factory=lambda: Server(self._allowed),
            encryption_algs=["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"],
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        assert self._acceptor is not None
        self._acceptor.close()
        await self._acceptor.wait_closed()


@pytest.fixture
async def server(key: Path) -> AsyncIterator[Listening]:
    listening = Listening(key)
    await listening.start()
    yield listening
    await listening.stop()


def target(tmp_path: Path, port: int, **more: object) -> Target:
    options = {"host": "127.0.0.1", "key": str(tmp_path / "id"), "connect_timeout": 0.5, "login_timeout": 2, **more}
    return Target(node="master-0", port=port, known_hosts=str(tmp_path / "known"), **options)  # type: ignore[arg-type]


async def failure(target: Target, passphrase: str | None = None) -> SshFailed:
    with pytest.raises(SshFailed) as raised:
        await connect(target, lambda: passphrase)
    return raised.value


async def test_a_key_lets_in_and_the_hosts_key_is_pinned_for_openssh_to_read(server: Listening, tmp_path: Path) -> None:
    connection = await connect(target(tmp_path, server.port))
    assert connection.get_extra_info("send_cipher") == "aes128-gcm@openssh.com"
    connection.abort()
    known = tmp_path / "known"
    assert stat.S_IMODE(known.stat().st_mode) == 0o600
    search = ["ssh-keygen", "-F", f"[127.0.0.1]:{server.port}", "-f", str(known)]
    found = await asyncio.to_thread(subprocess.run, search, check=False, capture_output=True)
    assert found.returncode == 0
    (await connect(target(tmp_path, server.port))).abort()
    assert len(known.read_text().splitlines()) == 1


async def test_another_host_key_is_refused_until_the_person_forgets_the_old_one(
    server: Listening, tmp_path: Path
) -> None:
    (await connect(target(tmp_path, server.port))).abort()
    await server.stop()
    await server.start()
    changed = await failure(target(tmp_path, server.port))
    assert changed.kind == "host-key-changed"
    assert changed.kind in NEEDS_PERSON
    assert "SHA256:" in str(changed)
    assert "forget the old key" in str(changed)
    assert len((tmp_path / "known").read_text().splitlines()) == 1
    assert forget_host(target(tmp_path, server.port)) == 1
    (await connect(target(tmp_path, server.port))).abort()


async def test_a_host_of_ipv6_is_pinned_refused_and_forgotten_as_any_other(key: Path, tmp_path: Path) -> None:
    listening = Listening(key, "::1")
    try:
        await listening.start()
    except OSError:
        pytest.skip("this kernel has no IPv6 on loopback")
    (await connect(target(tmp_path, listening.port, host="::1"))).abort()
    (await connect(target(tmp_path, listening.port, host="::1"))).abort()
    assert (tmp_path / "known").read_text().startswith(f"[::1]:{listening.port} ")
    await listening.stop()
    await listening.start()
    changed = await failure(target(tmp_path, listening.port, host="::1"))
    assert (changed.kind, f"([::1]:{listening.port})" in str(changed)) == ("host-key-changed", True)
    assert forget_host(target(tmp_path, listening.port, host="::1")) == 1
    again = await connect(target(tmp_path, listening.port, host="::1"))
    again.close()
    await again.wait_closed()
    await listening.stop()


def test_forgetting_one_host_leaves_the_others_pinned_and_the_file_private(tmp_path: Path) -> None:
    known = tmp_path / "known"
    assert forget_host(target(tmp_path, 22)) == 0
    assert not known.exists()
    known.write_text("[127.0.0.1]:2201 ssh-ed25519 AAAA\n127.0.0.1 ssh-ed25519 BBBB\n[127.0.0.1]:2202 ssh-rsa CCCC\n")
    assert forget_host(target(tmp_path, 2201)) == 1
    assert known.read_text() == "127.0.0.1 ssh-ed25519 BBBB\n[127.0.0.1]:2202 ssh-rsa CCCC\n"
    assert stat.S_IMODE(known.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["known"]


async def test_a_key_that_is_not_admitted_is_said_to_belong_to_another_install_config(
    server: Listening, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    rejected = await failure(target(tmp_path, server.port, key=str(other)))
    assert rejected.kind == "key-rejected"
    assert str(other) in str(rejected)
    assert "sshKey" in str(rejected)
    assert (await failure(target(tmp_path, server.port, user="root"))).kind == "key-rejected"


def pinned(at: Target) -> bool:
    return Path(at.known_hosts).exists()


async def test_a_host_that_does_not_let_us_in_is_not_pinned(server: Listening, tmp_path: Path) -> None:
    """A live medium answers with a host key and accounts of its own before the installed system is there."""
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    rejected = target(tmp_path, server.port, key=str(other))
    assert (await failure(rejected)).kind == "key-rejected"
    assert not pinned(rejected)


async def test_a_protected_key_asks_for_its_passphrase(server: Listening, tmp_path: Path) -> None:
    plain = asyncssh.read_private_key(tmp_path / "id")
    locked = tmp_path / "locked"
    plain.write_private_key(locked, passphrase="correct horse", rounds=50)
    protected = target(tmp_path, server.port, key=str(locked))
    assert (await failure(protected)).kind == "passphrase-needed"
    wrong = await failure(protected, "wrong horse")
    assert wrong.kind == "passphrase-needed"
    assert "type it again" in str(wrong)
    assert "horse" not in str(wrong)
    (await connect(protected, lambda: "correct horse")).abort()


async def test_what_is_no_key_cannot_be_read(tmp_path: Path) -> None:
    assert (await failure(target(tmp_path, 1, key=str(tmp_path / "absent")))).kind == "key-unreadable"
    (tmp_path / "junk").write_text("no key at all")
    assert (await failure(target(tmp_path, 1, key=str(tmp_path / "junk")))).kind == "key-unreadable"
    assert (await failure(target(tmp_path, 1, key=""))).kind == "key-unreadable"


async def test_a_closed_port_refuses(key: Path, tmp_path: Path) -> None:
    refused = await failure(target(tmp_path, 1))
    assert refused.kind == "refused"
    assert "127.0.0.1:1" in str(refused)


async def test_a_port_that_never_speaks_is_told_from_one_that_hangs_up(key: Path, tmp_path: Path) -> None:
    async def mute(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    for handler, timeout in ((mute, 0.3), (hang_up, 5.0)):
        listening = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        closed = await failure(target(tmp_path, port, login_timeout=timeout))
        assert closed.kind in ("closed", "silent")
        listening.close()


async def test_a_name_that_does_not_exist_is_a_matter_of_dns(key: Path, tmp_path: Path) -> None:
    unknown = Target(node="w", host="no-such-host.invalid", known_hosts=str(tmp_path / "k"), key=str(tmp_path / "id"))
    assert (await failure(unknown)).kind == "unknown-name"
