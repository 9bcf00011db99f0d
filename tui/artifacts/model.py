"""What an installation needs from outside, and what was found of it, as data."""

import time
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from tui.plan.model import Architecture

Kind = Literal["installer", "client", "iso", "kernel", "initramfs", "rootfs"]
State = Literal["missing", "found", "verified", "wrong", "unknown"]


class Need(Struct, frozen=True, kw_only=True):
    """One file that this plan's installation takes.

    `names` are the names it is published under, the usual one first; `architecture` the machine's it runs on (the
    bastion's for the tools, the nodes' for RHCOS); `version` the OpenShift version, its minor for RHCOS.
    """

    kind: Kind
    title: str
    names: list[str]
    version: str
    architecture: Architecture
    required: bool = True
    why: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """What is known of one need. Only `verified` is well: a checksum from elsewhere matched and the version is right.

    `found`: there, and no checksum to hold it against; `wrong`: checksum, version or architecture differ; `unknown`:
    it could not be read. `path` is the file, `tool` the unpacked program (tools only), `version` what the content
    itself says, `release_image` what the installer says (by digest), `size` bytes, `location` where it is published.
    """

    kind: Kind
    title: str
    state: State
    required: bool = True
    path: str = ""
    tool: str = ""
    version: str = ""
    release_image: str = ""
    sha256: str = ""
    size: int = 0
    detail: str = ""
    fix: str = ""
    location: str = ""


class Progress(Struct, frozen=True, kw_only=True):
    """How far one long piece of work is: `done` and `total` bytes (None: not known)."""

    what: str
    done: int
    total: int | None = None


Told = Callable[[Progress], None]


def quiet(_progress: Progress) -> None:
    """For whoever does not want to be told."""


def sparingly(told: Told, seconds: float = 0.25) -> Told:
    """The same, told now and then and at each end: who listens writes it down."""
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= seconds or progress.done == progress.total:
            last = now
            told(progress)

    return tell
