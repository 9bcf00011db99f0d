"""One engine a session: a lock held for life, so there is never a stale one and never a race at the start."""

import fcntl
import os
from pathlib import Path


class Taken(Exception):
    """Another process holds the lock."""


def take(path: Path) -> int:
    """Takes the lock until the process ends; gives its file descriptor. Raises Taken."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Taken(str(path)) from error
    return descriptor


def held(path: Path) -> bool:
    """Whether some process holds the lock."""
    try:
        os.close(take(path))
    except Taken:
        return True
    except FileNotFoundError:
        return False
    return False
