"""Looking into artifacts: checksums, archives, the program's own words, an ISO's label."""

import asyncio
import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tui.artifacts.model import Progress, Told
from tui.links.process import CannotStart, start
from tui.text import say

CHUNK = 4 * 1024 * 1024
LONGEST_ANSWER = 60
"""Seconds that a tool may take to say its version."""

MOST_TOOL_BYTES = 2 * 1024**3
_ENVIRONMENT = {"OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE": ""}
"""With an override the installer would not say its own release image."""

_SUM = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
_VOLUME_ID = 32808
"""Where ISO 9660 keeps the 32 bytes of its volume identifier: in sector 16, at 40."""

_WORKED_OUT: dict[tuple[int, int, int, int], str] = {}
"""Checksums of this process by device, inode, size and time: a gigabyte is not read twice for one look."""


class Unreadable(Exception):
    """An artifact that cannot be read or used. Its text is a whole sentence."""


def sums(text: str) -> dict[str, str]:
    """File name to SHA-256 in the text of a sha256sum.txt (coreutils' format, text and binary mode)."""
    found = {}
    for line in text.splitlines():
        if match := _SUM.fullmatch(line.strip()):
            found[match[2].removeprefix("./")] = match[1].lower()
    return found


async def sha256(path: Path, told: Told) -> str:
    """The file's checksum, worked out beside the event loop. Raises OSError. Can be cancelled between chunks."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        total = status.st_size
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if key in _WORKED_OUT:
            return _WORKED_OUT[key]
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            await asyncio.to_thread(digest.update, chunk)
            done += len(chunk)
            told(Progress(what=say("checking {name}", name=path.name), done=done, total=total))
    _WORKED_OUT[key] = digest.hexdigest()
    return digest.hexdigest()


def volume_id(path: Path) -> str:
    """The label of an ISO 9660 image without `rhcos-`: RHCOS puts its build id there; "" for no such image."""
    with path.open("rb") as file:
        file.seek(_VOLUME_ID - 39)
        marked = file.read(5) == b"CD001"
        file.seek(_VOLUME_ID)
        label = file.read(32)
    return label.decode("ascii", "replace").strip().removeprefix("rhcos-") if marked else ""


def unpack(archive: Path, wanted: tuple[str, ...], target: Path) -> Path:
    """Takes the first wanted program out of a .tar.gz and nothing else; whatever paths the archive holds, none is used.

    `target` is the directory; the program becomes target/NAME, mode 0700, whole or not at all. Raises Unreadable.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in _files(tar):
                if member.name.removeprefix("./") in wanted:
                    return _written(tar, member, target / member.name.removeprefix("./"))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Unreadable(
            say(
                "{name} cannot be unpacked: {why}. Make room below {target}, or fetch it again.",
                name=archive.name,
                why=str(error),
                target=target,
            )
        ) from error
    raise Unreadable(
        say("{name} holds no {wanted}: it is another archive.", name=archive.name, wanted=" or ".join(wanted))
    )


def _files(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        if member.isfile() and member.size <= MOST_TOOL_BYTES:
            yield member


def _written(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    source = tar.extractfile(member)
    assert source is not None
    with source, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o700), "wb") as file:
        while chunk := source.read(CHUNK):
            file.write(chunk)
    part.replace(path)
    return path


async def output(arguments: list[str]) -> str:
    """What a tool prints to its standard output. Raises Unreadable where it does not start, fails or takes too long."""
    name = Path(arguments[0]).name
    said: dict[str, list[str]] = {"stdout": [], "stderr": []}
    try:
        child = await start(arguments, cwd=Path("/"), env=_ENVIRONMENT)
    except CannotStart as error:
        hint = say("Is it for this machine's architecture, and the session on a file system not mounted noexec?")
        raise Unreadable(f"{error} {hint}") from error
    try:
        async with asyncio.timeout(LONGEST_ANSWER):
            async for line in child.lines():
                said[line.stream].append(line.text)
            code = await child.wait()
    except TimeoutError as error:
        await child.cancel()
        raise Unreadable(say("{name} gave no answer within {seconds} s.", name=name, seconds=LONGEST_ANSWER)) from error
    except asyncio.CancelledError:
        await child.cancel()
        raise
    if code:
        raise Unreadable(_failure(name, code, said["stderr"]))
    return "\n".join(said["stdout"])


def _failure(name: str, code: int, complaint: list[str]) -> str:
    if any("GLIBC_" in line for line in complaint):
        return say("{name} needs a newer system library than this machine has: take the -rhel8- archive.", name=name)
    last = next((line for line in reversed(complaint) if line.strip()), say("it says nothing"))
    return say("{name} ended with code {code}: {last}.", name=name, code=code, last=last[:300])


def copied(program: Path, target: Path) -> Path:
    """The same program at `target`, executable by us alone, whole or not at all."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(program, part)
    part.chmod(0o700)
    part.replace(target)
    return target
