"""How openshift-install writes: one line an event to standard error, and everything to a log in its directory."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from tui.lab.artifacts import COMMIT, LABEL
from tui.lab.settings import VERSION

_ORDER = ("debug", "info", "warning", "error", "fatal")


class Failed(Exception):
    """The command ends here: the text goes to standard error, `code` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Log:
    """Writes to standard error from `level` on, and always everything to DIR/.openshift_install.log."""

    def __init__(self, directory: Path, level: str) -> None:
        self._least = _ORDER.index({"warn": "warning"}.get(level, level))
        self._file = directory / ".openshift_install.log"
        self.debug(f"OpenShift Installer {VERSION}")
        self.debug(f"Built from commit {COMMIT}")
        self.debug(LABEL)

    def debug(self, text: str) -> None:
        """A line that only the log shows, unless asked for."""
        self.write("debug", text)

    def info(self, text: str) -> None:
        """A line for the person."""
        self.write("info", text)

    def error(self, text: str) -> None:
        """Something has failed."""
        self.write("error", text)

    def raw(self, line: str) -> None:
        """A line of client-go, which knows nothing of levels."""
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def write(self, level: str, text: str) -> None:
        """One line at this level."""
        if _ORDER.index(level) >= self._least:
            sys.stderr.write(f"level={level} msg={text}\n")
            sys.stderr.flush()
        self._keep(level, text)

    def _keep(self, level: str, text: str) -> None:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f'time="{stamp}" level={level} msg="{quoted}"\n')
        except OSError as error:
            raise Failed(f"level=fatal msg=failed to open {self._file}: {error.strerror}") from error
