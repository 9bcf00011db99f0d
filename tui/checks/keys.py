"""Does the person's private key belong to the public key that goes onto the nodes?"""

import base64
import binascii
from pathlib import Path

from tui.checks.model import Finding
from tui.checks.world import World
from tui.text import say

_MAGIC = b"openssh-key-v1\x00"


async def judge_pair(world: World) -> Finding:
    """Compares the two without asking for a passphrase: OpenSSH keeps the public half readable."""
    secret = world.plan.pull_secret
    public = _blob(secret.ssh_key)
    if public is None:
        return Finding(
            "warning",
            say("The plan has no public SSH key, so nobody will be able to log in to the nodes."),
            say("Enter the public key in step Pull secret."),
        )
    if not secret.ssh_private_key:
        return Finding(
            "unknown",
            say("The plan does not say which private key is yours."),
            say("Choose the private key in step Pull secret, or keep it in your SSH agent."),
        )
    path = secret.ssh_private_key
    try:
        own = _public_half(_contents(path))
    except OSError as error:
        return Finding(
            "failed",
            say("{path} cannot be read: {why}.", path=path, why=error.strerror or ""),
            say("Choose another private key file, or make it readable for you."),
        )
    if own is None:
        return Finding(
            "unknown",
            say("{path} is no private key that shows its public half.", path=path),
            say("See that it is a private key; `ssh-keygen -p -f` rewrites an old one."),
        )
    if own != public:
        return Finding(
            "failed",
            say("{path} is another key than the plan's public key.", path=path),
            say("Choose the private key of that pair, or put its public half into the plan."),
        )
    return Finding("ok", say("{path} belongs to the plan's public key.", path=path))


def _contents(path: str) -> bytes:
    return Path(path).expanduser().read_bytes()


def _blob(line: str) -> bytes | None:
    """The key itself of an authorized_keys line."""
    for word in line.split():
        if word.startswith("AAAA"):
            try:
                return base64.b64decode(word, validate=True)
            except binascii.Error:
                return None
    return None


def _public_half(data: bytes) -> bytes | None:
    import asyncssh

    try:
        return asyncssh.import_private_key(data).public_data
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        return _readable_half(data)


def _readable_half(data: bytes) -> bytes | None:
    """The public key in the clear part of an encrypted OpenSSH key file (format: PROTOCOL.key of OpenSSH).

    None where the file is of another kind.
    """
    body = b"".join(line for line in data.splitlines() if not line.startswith(b"-----"))
    try:
        rest = base64.b64decode(body)
    except binascii.Error:
        return None
    if not rest.startswith(_MAGIC):
        return None
    rest = rest[len(_MAGIC) :]
    for _ in range(3):  # cipher, key derivation, its options
        rest = rest[4 + int.from_bytes(rest[:4]) :]
    rest = rest[4:]  # number of keys
    return rest[4 : 4 + int.from_bytes(rest[:4])] or None
