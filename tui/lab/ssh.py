"""A lab machine's SSH server: user core with the plan's key, a shell of a few commands, nothing of the host's."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh
from typing_extensions import override

from tui.lab.shell import Shell

USER = "core"


class _Server(asyncssh.SSHServer):
    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key

    @override
    def begin_auth(self, username: str) -> bool:
        return True

    @override
    def public_key_auth_supported(self) -> bool:
        return True

    @override
    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data == self._key.public_data

    @override
    def password_auth_supported(self) -> bool:
        return False


class SshNode:
    """One machine's sshd. Off, its port refuses."""

    def __init__(self, place: tuple[str, int], host_key: Path, authorized: str, shell: Shell) -> None:
        self._place = place
        self._host_key = asyncssh.read_private_key(host_key)
        self._authorized = asyncssh.import_public_key(authorized)
        self._shell = shell
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    @property
    def listening(self) -> bool:
        """Whether sshd answers."""
        return self._acceptor is not None

    async def start(self) -> None:
        """Answers from now on."""
        if self._acceptor is None:
            self._acceptor = await asyncssh.listen(
                *self._place,
                server_factory=lambda: _Server(self._authorized),
                server_host_keys=[self._host_key],
                process_factory=self._process(),
                acceptor=self._connections.add,
                encoding=None,
                reuse_address=True,
            )

    async def stop(self) -> None:
        """Cuts every connection, as a reboot does."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        for connection in self._connections:
            connection.abort()
        self._connections.clear()

    def _process(self) -> Callable[[asyncssh.SSHServerProcess[bytes]], Awaitable[None]]:
        async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
            try:
                status = await self._shell.run(process.command or "", process.stdout, process.stderr)
                process.exit(status)
            except (asyncssh.Error, OSError):
                process.close()

        return run
