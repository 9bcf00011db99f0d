"""Secrets on disk: one 0600 file each below the session's `secrets/`. Nothing else of the session holds them."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tui.session.errors import NotSaved
from tui.text import say

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class SecretFiles:
    """The secrets of one session, by name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, name: str) -> Path:
        """Where the secret of this name lies. Raises ValueError for a name that could lead elsewhere."""
        if not _NAME.fullmatch(name):
            raise ValueError(say("A secret's name is a plain file name."))
        return self._directory / name

    def read(self, name: str) -> bytes:
        """The secret's content; empty where there is none."""
        try:
            return self.path(name).read_bytes() if name else b""
        except FileNotFoundError:
            return b""

    def write(self, name: str, content: bytes) -> None:
        """Replaces the secret at once or not at all. Raises NotSaved where the disk refuses."""
        target = self.path(name)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise NotSaved(say("The secret {name} was not saved: {why}.", name=name, why=error.strerror)) from error

    def remove(self, name: str) -> None:
        """Forgets the secret."""
        self.path(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Every secret kept, drafts included."""
        try:
            return sorted(entry.name for entry in self._directory.iterdir() if _NAME.fullmatch(entry.name))
        except OSError:
            return []

    def values(self) -> set[str]:
        """Every text that must never be stored or shown: the secrets and what they are made of.

        What is no file, or cannot be read, cannot have been used either; a public key is no secret.
        """
        found: set[str] = set()
        for name in self.names():
            if name.endswith(".pub"):
                continue
            with suppress(OSError):
                found.update(parts(self.read(name)))
        return found


def parts(content: bytes) -> Iterator[str]:
    """The texts by which a secret could be recognised: itself, its lines, and what a pull secret decodes to."""
    import json  # not needed before the first paint

    text = content.decode("utf-8", "ignore").strip()
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        yield from _pull_secret_parts(document)
    elif "PRIVATE KEY" in text:
        yield from (line for line in text.splitlines() if len(line) >= 16 and not line.startswith("-----"))
    else:
        for line in filter(None, map(str.strip, text.splitlines())):
            yield line
            yield from _of_login(line)


def _of_login(line: str) -> Iterator[str]:
    """Of USER:PASSWORD: the password, and both as they are sent to a registry or proxy."""
    from base64 import b64encode

    if ":" in line:
        yield line.partition(":")[2]
        yield b64encode(line.encode()).decode()


def _pull_secret_parts(document: dict[str, object]) -> Iterator[str]:
    auths = document.get("auths", document)
    for entry in auths.values() if isinstance(auths, dict) else ():
        if not isinstance(entry, dict):
            continue
        for key in ("auth", "password", "identitytoken", "registrytoken"):
            value = entry.get(key)
            if isinstance(value, str):
                yield value
        yield from _decoded_password(entry.get("auth"))


def _decoded_password(auth: object) -> Iterator[str]:
    from base64 import b64decode

    if not isinstance(auth, str):
        return
    try:
        decoded = b64decode(auth, validate=True).decode("utf-8", "ignore")
    except ValueError:
        return
    yield decoded
    yield decoded.partition(":")[2]
