"""Stretches of journal, recorded or composed, and how they are made to happen on a machine of the lab now.

Each file in journals/ says in its header where it comes from and whether it was composed.
"""

import gzip
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tui.lab.journal import Program

JOURNALS = Path(__file__).parent / "journals"
_FORM = re.compile(r"([\d.]+) (\S+) ([^\s\[]+)\[(\d+)\] (.*)")
_TOKEN = re.compile(r"@([A-Z]+)@")
_KLOG = re.compile(r"\b([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6}\b")
_PODMAN = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC")
_LOGRUS = re.compile(r'time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"')


class Played(NamedTuple):
    """One line of a segment: `offset` seconds after its start."""

    offset: float
    program: Program
    message: str


@lru_cache(maxsize=32)
def load(name: str) -> tuple[Played, ...]:
    """The segment's lines in order."""
    path = JOURNALS / f"{name}.journal"
    text = (
        path.read_text("utf-8")
        if path.exists()
        else gzip.decompress((JOURNALS / f"{name}.journal.gz").read_bytes()).decode()
    )
    found = (_FORM.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Played(float(m[1]), Program("" if m[2] == "-" else m[2], m[3], int(m[4])), m[5]) for m in found if m is not None
    )


def filled(message: str, tokens: dict[str, str], time: int) -> str:
    """The message with the lab's names for @NAME@, and the times inside it shifted to `time` (microseconds, UTC)."""
    if "@" in message:
        message = _TOKEN.sub(lambda m: tokens.get(m[1], m[0]), message)
    moment = datetime.fromtimestamp(time / 1e6, UTC)
    message = _KLOG.sub(lambda m: f"{m[1]}{moment:%m%d %H:%M:%S.%f}", message)
    if "+0000 UTC" in message:
        message = _PODMAN.sub(f"{moment:%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC", message)
    return _LOGRUS.sub(f'time="{moment:%Y-%m-%dT%H:%M:%SZ}"', message)
