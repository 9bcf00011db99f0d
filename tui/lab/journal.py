"""One machine's journal: entries with cursors, growing while the lab runs, read by any number of followers."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple

from tui.lab.clock import SECOND


class Program(NamedTuple):
    """Who writes: the systemd unit ("" none), the syslog identifier, the process id."""

    unit: str
    identifier: str
    pid: int


class Entry(NamedTuple):
    """One journal entry. `time` is lab time and `monotonic` the time since its boot, both in microseconds."""

    number: int
    time: int
    monotonic: int
    boot: str
    host: str
    unit: str
    identifier: str
    pid: int
    message: str
    priority: int


class Journal:
    """What one machine has written, over all its boots."""

    def __init__(self, machine_id: str) -> None:
        self.machine_id = machine_id
        self.boot = secrets.token_hex(16)
        self.entries: list[Entry] = []
        self._sequence = secrets.token_hex(16)
        self._booted = 0
        self._grown = asyncio.Event()

    def new_boot(self, time: int) -> None:
        """The machine starts (again): what follows carries another boot id."""
        self.boot = secrets.token_hex(16)
        self._booted = time

    def write(self, time: int, host: str, program: Program, message: str, priority: int = 6) -> Entry:
        """Adds an entry; journald never goes back in time, so neither does this."""
        if self.entries:
            time = max(time, self.entries[-1].time + 1)
        monotonic = max(time - self._booted, 0) + SECOND
        entry = Entry(len(self.entries) + 1, time, monotonic, self.boot, host, *program, message, priority)
        self.entries.append(entry)
        self._grown.set()
        self._grown = asyncio.Event()
        return entry

    def cursor(self, entry: Entry) -> str:
        """The entry's place in journald's own form."""
        return (
            f"s={self._sequence};i={entry.number:x};b={entry.boot};m={entry.monotonic:x};"
            f"t={entry.time:x};x={hash(entry) & (1 << 64) - 1:x}"
        )

    def after(self, cursor: str) -> int:
        """How many entries lie up to the cursor; one of another journal is looked up by its time, as journald does.

        Raises ValueError where it is no cursor.
        """
        fields = dict(part.split("=", 1) for part in cursor.split(";"))
        if fields.get("s") == self._sequence:
            return int(fields["i"], 16)
        time = int(fields["t"], 16)
        return next((n for n, entry in enumerate(self.entries) if entry.time > time), len(self.entries))

    async def follow(self, position: int) -> AsyncIterator[list[Entry]]:
        """What comes after `position`, in slices, for ever."""
        while True:
            grown = self._grown
            if position < len(self.entries):
                fresh = self.entries[position : position + 500]
                position += len(fresh)
                yield fresh
            else:
                await grown.wait()

    def fields(self, entry: Entry) -> dict[str, str]:
        """The entry as `journalctl -o json` prints it."""
        fields = {
            "__CURSOR": self.cursor(entry),
            "__REALTIME_TIMESTAMP": str(entry.time),
            "__MONOTONIC_TIMESTAMP": str(entry.monotonic),
            "_BOOT_ID": entry.boot,
            "_MACHINE_ID": self.machine_id,
            "_HOSTNAME": entry.host,
            "_TRANSPORT": "kernel" if entry.identifier == "kernel" else "journal" if entry.pid == 1 else "stdout",
            "PRIORITY": str(entry.priority),
            "SYSLOG_IDENTIFIER": entry.identifier,
            "MESSAGE": entry.message,
        }
        if entry.identifier == "kernel":
            return fields
        fields["_PID"] = str(entry.pid)
        if entry.pid == 1:
            fields |= {"_SYSTEMD_UNIT": "init.scope"} | ({"UNIT": f"{entry.unit}.service"} if entry.unit else {})
        elif entry.unit:
            fields["_SYSTEMD_UNIT"] = f"{entry.unit}.service"
        return fields
