"""What the generating leaves behind, as data."""

from collections.abc import Callable

from msgspec import Struct, field

Secret = Callable[[str], str]
"""The text of a secret by its file name in the plan; a preview gives a mark such as `[pull secret]` instead."""

Told = Callable[[str], None]
"""Takes one line of openshift-install's output, already without secrets."""


class Clock(Struct, frozen=True, kw_only=True):
    """When the bootstrap's short-lived certificates were made and end: microseconds since the epoch, UTC.

    `estimated`: read off a file's time, not off a certificate. `source` names what was read, `name` the certificate.
    """

    created: int
    expires: int
    estimated: bool = False
    source: str = ""
    name: str = ""


class Made(Struct, frozen=True, kw_only=True):
    """One file that openshift-install wrote: name below the directory, bytes, SHA-512 for `--ignition-hash`."""

    name: str
    size: int
    sha512: str


class Generated(Struct, frozen=True, kw_only=True):
    """A whole run of openshift-install that ended well and was looked over.

    `directory` holds it, `kept` is where an older run was put aside ("" none), `warnings` what the installer said.
    """

    directory: str
    files: list[Made]
    clock: Clock | None
    kept: str = ""
    warnings: list[str] = field(default_factory=list)
