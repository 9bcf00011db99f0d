"""The session directory: where it is, what is in it, who may read it."""

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from tui.session.errors import SessionUnusable
from tui.text import say

NETWORK_FILE_SYSTEMS = frozenset(
    """nfs nfs4 cifs smb3 smbfs afs 9p ceph glusterfs lustre gpfs ocfs2 gfs2 beegfs fuse.sshfs fuse.glusterfs""".split()  # noqa: SIM905
)

_BEGUN = ("plan.yaml", "session.db", "secrets")
"""Any of these makes a directory a session's: it may have been left half made, or its database moved away."""


@dataclass(frozen=True)
class SessionDirectory:
    """Names of everything below one session's directory. Building one touches nothing."""

    path: Path

    @property
    def plan(self) -> Path:
        """What the person decided."""
        return self.path / "plan.yaml"

    @property
    def database(self) -> Path:
        """Jobs, checks, lines, stages, hints, events."""
        return self.path / "session.db"

    @property
    def secrets(self) -> Path:
        """One 0600 file a secret; plan.yaml holds only their names."""
        return self.path / "secrets"

    @property
    def artifacts(self) -> Path:
        """Installer, clients and RHCOS images as found or fetched."""
        return self.path / "artifacts"

    @property
    def generated(self) -> Path:
        """Helper files made from the templates."""
        return self.path / "generated"

    @property
    def install(self) -> Path:
        """openshift-install's own directory."""
        return self.path / "install"

    @property
    def kubeconfig(self) -> Path:
        """The cluster administrator's, as openshift-install made it."""
        return self.install / "auth" / "kubeconfig"

    @property
    def rules(self) -> tuple[Path, ...]:
        """The site's own hint rules, where it has any: a directory named rules."""
        return tuple(path for path in (self.path / "rules",) if path.is_dir())

    @property
    def exports(self) -> Path:
        """Session log bundles."""
        return self.path / "exports"

    @property
    def known_hosts(self) -> Path:
        """Node host keys, pinned at first sight."""
        return self.path / "known_hosts"

    @property
    def engine_lock(self) -> Path:
        """Held by the engine for life."""
        return self.path / "engine.lock"

    @property
    def engine_log(self) -> Path:
        """The engine's standard streams."""
        return self.path / "engine.log"

    @property
    def passphrases(self) -> Path:
        """The socket over which a key's passphrase is handed to the engine."""
        return self.path / "passphrases.socket"


def open_directory(path: Path) -> SessionDirectory:
    """The session at `path`, made (0700) where it is missing.

    Raises SessionUnusable where it is on a network file system, is no directory, holds something else than a
    session, or cannot be made or written.
    """
    path = path.expanduser().absolute()
    try:
        _refuse_network_file_system(path)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_other_files(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700)
        directory = SessionDirectory(path)
        for below in (directory.secrets, directory.exports):
            below.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        raise SessionUnusable(
            say(
                "{path} is a file, not a directory. Move it away, or name another place with --session DIR.",
                path=error.filename or path,
            )
        ) from error
    except OSError as error:
        raise SessionUnusable(
            say(
                "The session directory {path} cannot be made or written: {why}. "
                "Free or remount the disk, or name another place with --session DIR.",
                path=path,
                why=error.strerror,
            )
        ) from error
    return directory


def _refuse_other_files(path: Path) -> None:
    """A directory of somebody's own files must not become a session, and 0700, by a slip of the fingers."""
    if not any((path / name).exists() for name in _BEGUN) and any(path.iterdir()):
        raise SessionUnusable(
            say(
                "{path} holds other files and no session; it was not touched. "
                "Name a new directory or one that holds a session with --session DIR.",
                path=path,
            )
        )


def _refuse_network_file_system(path: Path) -> None:
    kind = file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise SessionUnusable(
            say(
                "{path} is on a network file system ({kind}), where the session's database cannot be kept safely. "
                "Name a directory on a local disk with --session DIR.",
                path=path,
                kind=kind,
            )
        )


def file_system(path: Path) -> str:
    """The type of the file system that `path` is or would be on, as in /proc/self/mountinfo; "" where not known."""
    while not path.exists() and path != path.parent:
        path = path.parent
    wanted = str(path.resolve())
    best, kind = -1, ""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for mount in mounts:
        fields, _, rest = mount.partition(" - ")
        point = re.sub(r"\\(\d{3})", lambda m: chr(int(m.group(1), 8)), fields.split()[4])
        inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), rest.split()[0]
    return kind


def default_home() -> Path:
    """Where new sessions are made unless the person names a place."""
    return Path.home() / "ocp-tui"


def _last_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ocp-tui" / "last-session"


def remember(directory: SessionDirectory) -> None:
    """Makes this session the one that `ocp-tui` opens next. A home that cannot be written is no reason to stop."""
    last = _last_file()
    part = last.with_name(f".{last.name}.{os.getpid()}")
    try:
        last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_bytes(os.fsencode(directory.path) + b"\n")
        part.replace(last)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def last_used() -> Path | None:
    """The session opened last, where it still exists."""
    try:
        path = Path(os.fsdecode(_last_file().read_bytes().rstrip(b"\n")))
        return path if path.is_absolute() and path.is_dir() else None
    except (OSError, ValueError):
        return None
