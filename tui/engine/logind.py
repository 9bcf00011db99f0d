"""Whether the bastion ends a person's processes when they log out: then the engine would go with the terminal."""

import getpass
from pathlib import Path

from tui.text import say

_CONFIGURATION = ("usr/lib/systemd/logind.conf", "etc/systemd/logind.conf")
_DROP_INS = ("usr/lib/systemd/logind.conf.d", "etc/systemd/logind.conf.d")
_TRUE = {"yes", "true", "1", "on"}


def warning(root: Path = Path("/"), user: str = "") -> str:
    """A sentence where the engine would not outlive the login, else ""."""
    user = user or getpass.getuser()
    if not _kills(root) or user == "root" or (root / "var/lib/systemd/linger" / user).exists():
        return ""
    return say(
        "This bastion ends your processes when you log out (logind's KillUserProcesses), the engine among them. "
        "Run loginctl enable-linger {user}, or start with systemd-run --user --scope ocp-tui.",
        user=user,
    )


def _kills(root: Path) -> bool:
    files = [root / name for name in _CONFIGURATION]
    files += [path for name in _DROP_INS for path in sorted((root / name).glob("*.conf"))]
    kills = False
    for path in files:
        for line in _lines(path):
            name, _, value = line.partition("=")
            if name.strip() == "KillUserProcesses":
                kills = value.strip().lower() in _TRUE
    return kills


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
