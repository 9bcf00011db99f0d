"""The shell of a lab machine: what a monitor, a check or a curious person asks a node over SSH."""

import fnmatch
import shlex
from collections.abc import Callable
from typing import Protocol

from tui.lab.journal import Journal
from tui.lab.journalctl import Refused, output

OK, FAILED, UNKNOWN = 0, 1, 127


class Stream(Protocol):
    """Where a command's output goes."""

    def write(self, data: bytes) -> None:
        """Sends bytes."""

    async def drain(self) -> None:
        """Waits until there is room again."""


class Shell:
    """Answers commands of one machine.

    `files` gives the machine's files by path, `resolve` asks its name server (None: no answer), `now` is lab time.
    """

    def __init__(
        self,
        journal: Journal,
        host: Callable[[], str],
        files: Callable[[], dict[str, str]],
        resolve: Callable[[str], str | None],
        now: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._host = host
        self._files = files
        self._resolve = resolve
        self._now = now

    async def run(self, command: str, out: Stream, err: Stream) -> int:
        """Runs one command line; gives its exit status. Pipes and loops are not known: the lab is no computer."""
        try:
            words = shlex.split(command)
        except ValueError:
            words = [command]
        words = _bare(words)
        if words[:1] == ["journalctl"]:
            return await self._journalctl(words[1:], out, err)
        status, text = self._simple(words)
        (out if status == OK else err).write(text.encode())
        return status

    async def _journalctl(self, words: list[str], out: Stream, err: Stream) -> int:
        try:
            async for piece in output(self._journal, words):
                out.write(piece.encode())
                await out.drain()
        except Refused as refused:
            err.write(f"{refused}\n".encode())
            return FAILED
        return OK

    def _simple(self, words: list[str]) -> tuple[int, str]:
        plain = {
            "": "",
            "true": "",
            "hostname": f"{self._host()}\n",
            "hostname -f": f"{self._host()}\n",
            "whoami": "core\n",
            "date +%s": f"{self._now() // 1_000_000}\n",
            "date +%s.%N": f"{self._now() / 1e6:.9f}\n",
        }.get(" ".join(words))
        if plain is not None:
            return OK, plain
        match words:
            case ["cat", *paths]:
                return self._cat(paths)
            case ["ls", *paths]:
                return self._list(paths)
            case ["getent", _, name]:
                return self._getent(name)
        return UNKNOWN, f"bash: line 1: {words[0]}: command not found (this is a machine of the rehearsal lab)\n"

    def _found(self, patterns: list[str]) -> dict[str, str]:
        files = self._files() | {"/proc/sys/kernel/random/boot_id": f"{_dashed(self._journal.boot)}\n"}
        return {path: files[path] for path in sorted(files) if any(fnmatch.fnmatch(path, p) for p in patterns)}

    def _cat(self, paths: list[str]) -> tuple[int, str]:
        wanted = [path for path in paths if not path.startswith("-")]
        found = self._found(wanted)
        if not found:
            return FAILED, "".join(f"cat: '{path}': No such file or directory\n" for path in wanted)
        return OK, "".join(found.values())

    def _list(self, paths: list[str]) -> tuple[int, str]:
        wanted = [path for path in paths if not path.startswith("-")]
        found = self._found([*wanted, *(f"{path.rstrip('/')}/*" for path in wanted)])
        if not found:
            return 2, "".join(f"ls: cannot access '{path}': No such file or directory\n" for path in wanted)
        return OK, "".join(f"{path}\n" for path in found)

    def _getent(self, name: str) -> tuple[int, str]:
        address = self._resolve(name)
        return (OK, f"{address:<15} STREAM {name}\n") if address else (2, "")


def _bare(words: list[str]) -> list[str]:
    """The command without `sudo` and its options, `sh -c` unpacked, redirections of standard error dropped."""
    words = [word for word in words if word not in {"2>/dev/null", "2>&1"}]
    while words and words[0] in {"sudo", "env", "LC_ALL=C", "LANG=C"}:
        words = words[1:]
        while words and words[0].startswith("-"):
            words = words[1:]
    if len(words) >= 3 and words[0] in {"sh", "bash", "/bin/sh", "/bin/bash"} and words[1] == "-c":
        return _bare(shlex.split(words[2]))
    return words


def _dashed(boot: str) -> str:
    return "-".join((boot[:8], boot[8:12], boot[12:16], boot[16:20], boot[20:]))
