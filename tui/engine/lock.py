"""One engine a session: a lock held for life, so there is never a stale one and never a race at the start."""

import fcntl
import os
from pathlib import Path


class Taken(Exception):
    """Another process holds the lock."""


def take(path: Path) -> int:
    """Takes the lock until the process ends; gives its file descriptor. Raises Taken, or OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _locked(descriptor, path, fcntl.LOCK_EX)


def held(path: Path) -> bool:
    """Whether some process holds the lock. Whoever asks shares it for a moment: two who ask do not see each other."""
    try:
        os.close(_locked(os.open(path, os.O_RDONLY | os.O_CLOEXEC), path, fcntl.LOCK_SH))
    except Taken:
        return True
    except FileNotFoundError:
        return False
    return False


def _locked(descriptor: int, path: Path, kind: int) -> int:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Taken(str(path)) from error
    return descriptor
