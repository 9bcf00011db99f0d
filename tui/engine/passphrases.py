"""The one other channel between client and engine, for secrets only: a key's passphrase over a 0600 socket.

Passphrases are held in memory and asked again after the engine's restart.
"""

import asyncio
import json
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
_MOST = 64 * 1024


class Passphrases:
    """What the engine knows of passphrases, by the key file they open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = {}
        self._server: asyncio.Server | None = None

    def get(self, key: Path) -> str | None:
        """The passphrase of this key file, where somebody has handed it over."""
        return self._known.get(str(key))

    async def listen(self) -> None:
        """Opens the socket. Where that is impossible the engine works without: keys with a passphrase stay shut."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            self._path.unlink(missing_ok=True)
            listener.bind(_short(self._path))
            self._path.chmod(0o600)
        except OSError as error:
            listener.close()
            log.warning("%s cannot be opened: %s", self._path, error.strerror)
            return
        self._server = await asyncio.start_unix_server(self._take, sock=listener, limit=_MOST)

    async def close(self) -> None:
        """Closes the socket."""
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            handed = json.loads(await asyncio.wait_for(reader.readline(), 10))
            self._known[str(handed["key"])] = str(handed["passphrase"])
            writer.write(b"ok\n")
            await writer.drain()
        except (ValueError, KeyError, TypeError, OSError, TimeoutError):
            pass
        finally:
            writer.close()


def hand_over(path: Path, key: Path, passphrase: str) -> bool:
    """A client gives the engine the passphrase of a key; says whether the engine took it."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(_short(path))
            client.sendall(json.dumps({"key": str(key), "passphrase": passphrase}).encode() + b"\n")
            return client.recv(16) == b"ok\n"
    except OSError:
        return False


def _short(path: Path) -> str:
    """The socket's name within the 107 bytes that a Unix socket's name may have, however deep the session lies."""
    if len(os.fsencode(path)) < 100:
        return str(path)
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    return f"/proc/{os.getpid()}/fd/{directory}/{path.name}"
