"""What an installation needs from outside, and what was found of it, as data."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

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


class Sums(Struct, frozen=True, kw_only=True):
    """Checksums and whence they came: file name to lower-case hexadecimal SHA-256."""

    source: str
    by_name: dict[str, str] = field(default_factory=dict)
