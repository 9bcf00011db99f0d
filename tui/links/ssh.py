"""SSH to one node: a connection that trusts no unknown host twice, and a sentence for everything that can go wrong."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import asyncssh
from msgspec import Struct
from typing_extensions import override

from tui.plan.endpoints import authority
from tui.text import say

Kind = Literal[
    "refused",
    "unreachable",
    "silent",
    "unknown-name",
    "host-key-changed",
    "key-rejected",
    "key-unreadable",
    "passphrase-needed",
    "closed",
]
NEEDS_PERSON: frozenset[str] = frozenset({"host-key-changed", "key-rejected", "key-unreadable", "passphrase-needed"})
"""Kinds that no amount of trying again mends."""

Passphrase = Callable[[], str | None]
"""Gives the passphrase of the key file, None while nobody has told it."""

# AES-GCM first: measured 1.3 times as fast as chacha20 here, and what FIPS nodes accept.
CIPHERS = (
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
)
_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


class Target(Struct, frozen=True, kw_only=True):
    """One node as SSH sees it. `host`:`port` is where it really answers (after `tui.plan.endpoints.endpoint`).

    `key` is the path of the private key; where it is "", the agent at socket `agent` signs. `known_hosts` is this
    installation's own file: a host that lets us in for the first time is written into it, in OpenSSH's format. Times
    are seconds; three `keepalive` without an answer are a lost connection.
    """

    node: str
    host: str
    known_hosts: str
    port: int = 22
    user: str = "core"
    key: str = ""
    agent: str = ""
    connect_timeout: float = 10
    login_timeout: float = 20
    keepalive: float = 15


class SshFailed(Exception):
    """No connection. `kind` is for the program, the text (what, where, why, what next) for the person."""

    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


async def connect(target: Target, passphrase: Passphrase | None = None) -> asyncssh.SSHClientConnection:
    """A logged-in connection; raises `SshFailed`. The caller closes it."""
    identity = await asyncio.to_thread(_identity, target, passphrase)
    pins = _Pins(target)
    try:
        connection = await asyncssh.connect(
            target.host,
            target.port,
            username=target.user,
            client_keys=[identity] if identity else (),
            agent_path=None if identity else target.agent,
            known_hosts=pins.text,
            server_host_key_algs=pins.algorithms(),
            client_factory=lambda: _Client(pins),
            encryption_algs=CIPHERS,
            preferred_auth="publickey",
            config=None,
            connect_timeout=target.connect_timeout,
            login_timeout=target.login_timeout,
            keepalive_interval=target.keepalive,
            keepalive_count_max=3,
        )
        try:
            pins.keep()
        except OSError:
            connection.abort()
            raise
    except (OSError, asyncssh.Error) as error:
        raise _explained(error, target, pins) from error
    return connection


def forget_host(target: Target) -> int:
    """Removes the pinned keys of this host and gives their number. Raises OSError.

    Only where the person says that the machine was installed anew. The file is replaced as a whole: half of one would
    make strangers of the other hosts.
    """
    path = Path(target.known_hosts)
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    kept = [line for line in lines if line.split(" ", 1)[0] != _known_name(target)]
    if len(kept) < len(lines):
        part = path.with_name(f".{path.name}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.writelines(kept)
        part.replace(path)
    return len(lines) - len(kept)


def _known_name(target: Target) -> str:
    return target.host if target.port == 22 else f"[{target.host}]:{target.port}"  # OpenSSH's spelling, of IPv6 too


class _Pins:
    """The keys pinned for one host, and the place a new one is written to."""

    def __init__(self, target: Target) -> None:
        self._target = target
        path = Path(target.known_hosts)
        name = _known_name(target)
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        self._lines = [line for line in lines if line.split(" ", 1)[0] == name]
        self.text = "".join(self._lines).encode()
        self.changed = ""
        self._new = ""

    def algorithms(self) -> list[str]:
        """The pinned key's algorithms first, so that a host with several keys shows the one we know."""
        pinned = {line.split()[1] for line in self._lines}
        if "ssh-rsa" in pinned:
            pinned |= {"rsa-sha2-512", "rsa-sha2-256"}
        return sorted(_HOST_KEYS, key=lambda algorithm: algorithm not in pinned)

    def admit(self, key: asyncssh.SSHKey) -> bool:
        """Whether a key that is not pinned may pass: only the first one of its host."""
        if self._lines:
            self.changed = key.get_fingerprint()
            return False
        self._new = f"{_known_name(self._target)} {key.export_public_key().decode().strip()}\n"
        return True

    def keep(self) -> None:
        """Pins a key seen for the first time: only after the login, for live media answer with keys of their own."""
        if self._new:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            with os.fdopen(os.open(self._target.known_hosts, flags, 0o600), "w") as file:
                file.write(self._new)


class _Client(asyncssh.SSHClient):
    def __init__(self, pins: _Pins) -> None:
        self._pins = pins

    @override
    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        return self._pins.admit(key)


def _identity(target: Target, passphrase: Passphrase | None) -> asyncssh.SSHKey | None:
    if not target.key:
        if target.agent:
            return None
        raise SshFailed(
            "key-unreadable", say("No SSH key is chosen for {node}: choose a private key in step 3.", node=target.node)
        )
    try:
        modified = Path(target.key).stat().st_mtime_ns
        return _read_key(target.key, modified, passphrase() if passphrase else None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise _bad_key(error, target, told=bool(passphrase and passphrase())) from None
    except OSError as error:
        sentence = say(
            "The SSH key {path} cannot be read: {why}. Choose another one in step 3, or make it readable.",
            path=target.key,
            why=os.strerror(error.errno) if error.errno else "unknown",
        )
        raise SshFailed("key-unreadable", sentence) from None


@lru_cache(maxsize=8)
def _read_key(path: str, modified: int, passphrase: str | None) -> asyncssh.SSHKey:  # noqa: ARG001
    """Kept, because the key derivation of an encrypted key is slow by design and there may be 300 nodes."""
    return asyncssh.read_private_key(path, passphrase)


def _bad_key(error: ValueError, target: Target, *, told: bool) -> SshFailed:
    if "bcrypt" in str(error):
        sentence = say(
            "The SSH key {path} is encrypted and Python's bcrypt is missing here: install it, or use an agent.",
            path=target.key,
        )
        return SshFailed("key-unreadable", sentence)
    if isinstance(error, asyncssh.KeyEncryptionError) or (told and "passphrase" in str(error).lower()):
        sentence = say("The passphrase does not open the SSH key {path}: type it again.", path=target.key)
        return SshFailed("passphrase-needed", sentence)
    if "passphrase" in str(error).lower():
        sentence = say("The SSH key {path} is protected by a passphrase: it is needed to log in.", path=target.key)
        return SshFailed("passphrase-needed", sentence)
    sentence = say("{path} is not a private SSH key that can be read: choose another one in step 3.", path=target.key)
    return SshFailed("key-unreadable", sentence)


def _explained(error: Exception, target: Target, pins: _Pins) -> SshFailed:
    kind = _kind(error, pins)
    sentence = say(
        _SENTENCES[kind],
        node=target.node,
        place=authority(target.host, target.port),
        user=target.user,
        key=target.key or say("of the agent"),
        change=pins.changed,
        file=target.known_hosts,
    )
    return SshFailed(kind, sentence)


def _kind(error: Exception, pins: _Pins) -> Kind:
    if isinstance(error, asyncssh.HostKeyNotVerifiable) and pins.changed:
        return "host-key-changed"
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return "unreachable"
    return next((kind for kinds_of, kind in _KINDS if isinstance(error, kinds_of)), "closed")


_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (asyncssh.PermissionDenied, "key-rejected"),
    (socket.gaierror, "unknown-name"),
    (ConnectionRefusedError, "refused"),
    (TimeoutError, "silent"),
)

_SENTENCES: dict[Kind, str] = {
    "host-key-changed": (
        "{node} ({place}) shows another host key ({change}) than the one pinned in {file}. If the machine was "
        "installed anew, forget the old key; if not, someone else answers at this address."
    ),
    "key-rejected": (
        "{node} ({place}) does not accept the key {key} for user {user}. It must belong to the sshKey that was in "
        "install-config when the Ignition files were made."
    ),
    "unknown-name": "The name of {node} ({place}) cannot be resolved: check DNS, or give an address.",
    "refused": "{node} ({place}) refuses SSH: the machine is up, but sshd is not running yet.",
    "unreachable": "No route to {node} ({place}): it is off, still booting, or has another address.",
    "silent": "{node} ({place}) does not answer: it is off, still booting, or a firewall drops its SSH port.",
    "closed": "{node} ({place}) ended the SSH connection before the login was done; it may be shutting down.",
}
