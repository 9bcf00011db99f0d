"""One node's journal, followed over SSH for as long as the installation lasts: every line once, none lost.

`journalctl -m -f --no-tail` with a cursor and never `-b`: the other forms follow the current boot only, and lose what
was written between the cursor and a reboot. The cursor goes with the lines, so whoever commits both can be killed at
any moment and go on.
"""

import asyncio
import shlex
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import asyncssh
import msgspec

from tui.lines import Batch, Line, received
from tui.links.ssh import NEEDS_PERSON, Passphrase, SshFailed, Target, connect
from tui.monitor.fields import value_of, word_of
from tui.monitor.model import LinkState, NodeLink
from tui.monitor.service_records import COMMAND
from tui.monitor.twins import is_twin
from tui.text import say

CHUNK = 256 * 1024
"""Bytes of one read at most: a node that talks gives a few lines a read, one with a backlog few, large batches."""
RECORDS_SECONDS = 5.0
FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,UNIT,_PID"
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between tries, the last one for ever. Where a person has to act first, always the last one."""

Deliver = Callable[[Batch], Awaitable[None]]
Told = Callable[[NodeLink], None]
Records = Callable[[bytes], None]


async def follow(
    target: Target,
    cursor: str,
    deliver: Deliver,
    told: Told,
    *,
    passphrase: Passphrase | None = None,
    gate: asyncio.Semaphore | None = None,
    records: Records | None = None,
    pauses: tuple[float, ...] = PAUSES,
) -> NoReturn:
    """Delivers the node's journal from after `cursor` ("" from its beginning) until cancelled.

    `await deliver(batch)` comes in order, and nothing more is read before it returns. What `deliver` raises ends the
    following. `gate` limits how many nodes log in at once. `records`, for a bootstrap, is called with its service
    records (see `tui.monitor.service_records`) whenever they changed.
    """
    follower = _Follower(target, cursor, deliver, told, passphrase, gate or asyncio.Semaphore(), records)
    tries = 0
    while True:
        told(_link(target, "connecting"))
        before = follower.cursor
        link = await follower.once()
        tries = 0 if follower.cursor != before else tries
        pause = pauses[-1] if link.state == "refused" else pauses[min(tries, len(pauses) - 1)]
        tries += 1
        told(msgspec.structs.replace(link, retry=_now() + int(pause * 1e6)))
        await asyncio.sleep(pause)


def command(cursor: str) -> str:
    """The shell command that prints the journal after the cursor as JSON and goes on with what comes."""
    words = ["journalctl", "-m", "-f", "--no-tail", "-o", "json", "--all", f"--output-fields={FIELDS}"]
    if cursor:
        words.append(f"--after-cursor={cursor}")
    return shlex.join(words)


@dataclass
class _Follower:
    """What outlives a connection. `cursor` is that of the last line delivered."""

    target: Target
    cursor: str
    deliver: Deliver
    told: Told
    passphrase: Passphrase | None
    gate: asyncio.Semaphore
    records: Records | None

    async def once(self) -> NodeLink:
        """One connection from login to its end; gives how it ended."""
        try:
            async with self.gate:
                connection = await connect(self.target, self.passphrase)
        except SshFailed as failed:
            state: LinkState = "refused" if failed.kind in NEEDS_PERSON else "lost"
            return _link(self.target, state, kind=failed.kind, reason=str(failed))
        polling = asyncio.create_task(_poll_records(connection, self.records))
        try:
            return await self._read_journal(connection)
        finally:
            polling.cancel()
            connection.abort()

    async def _read_journal(self, connection: asyncssh.SSHClientConnection) -> NodeLink:
        try:
            process = await connection.create_process(command(self.cursor), encoding=None, stdin=asyncssh.DEVNULL)
        except (OSError, asyncssh.Error) as error:
            return _lost(self.target, error)
        self.told(_link(self.target, "following"))
        complaint = asyncio.create_task(_last_words(process.stderr))
        try:
            broken = await self._drain(process.stdout)
            return _lost(self.target, broken, await complaint, process.exit_status)
        finally:
            complaint.cancel()

    async def _drain(self, reader: asyncssh.SSHReader[bytes]) -> Exception | None:
        """Reads to the end and gives what broke it. Bytes after the last line feed come again after the cursor."""
        parts: list[bytes] = []
        while True:
            try:
                chunk = await reader.read(CHUNK)
            except (OSError, asyncssh.Error) as error:
                return error
            if not chunk:
                return None
            complete, feed, rest = chunk.rpartition(b"\n")
            if not feed:
                parts.append(chunk)
                continue
            lines, cursor = decode(b"".join((*parts, complete)), self.target.node)
            parts = [rest]
            if lines:
                await self.deliver(Batch(source=self.target.node, lines=lines, cursor=cursor))
            self.cursor = cursor or self.cursor


async def _poll_records(connection: asyncssh.SSHClientConnection, records: Records | None) -> None:
    """Over the same connection; its end is told by the journal's."""
    last: bytes = b""
    with suppress(OSError, asyncssh.Error):
        while records is not None:
            answer = await connection.run(COMMAND, encoding=None, stdin=asyncssh.DEVNULL, stderr=asyncssh.DEVNULL)
            if isinstance(answer.stdout, bytes) and answer.stdout not in (b"", last):
                last = answer.stdout
                records(last)
            await asyncio.sleep(RECORDS_SECONDS)


async def _last_words(reader: asyncssh.SSHReader[bytes]) -> str:
    """The last of what journalctl says to standard error."""
    last = b""
    with suppress(OSError, asyncssh.Error):
        while chunk := await reader.read(CHUNK):
            last = (last + chunk)[-500:]
    return received(last.strip().rpartition(b"\n")[2])


def _lost(target: Target, error: Exception | None, complaint: str = "", status: int | None = None) -> NodeLink:
    """The link after a stream's end, with the best reason there is."""
    if complaint:
        reason = say("journalctl on {node} ended: {complaint}", node=target.node, complaint=complaint)
    elif error is not None:
        why = received(str(error)) or type(error).__name__
        reason = say("The SSH connection to {node} broke ({why}); trying again.", node=target.node, why=why)
    elif status is not None:
        reason = say("journalctl on {node} ended with status {status}; trying again.", node=target.node, status=status)
    else:
        reason = say("{node} closed the SSH connection; trying again.", node=target.node)
    return _link(target, "lost", kind="journal", reason=reason)


def _link(target: Target, state: LinkState, *, kind: str = "", reason: str = "") -> NodeLink:
    return NodeLink(node=target.node, state=state, kind=kind, reason=reason, since=_now())


def _now() -> int:
    return time.time_ns() // 1000


class _Entry(msgspec.Struct):
    """A journal entry as journalctl -o json prints it: every field text, a list of bytes, or a list of those."""

    cursor: str = msgspec.field(name="__CURSOR", default="")
    time: str = msgspec.field(name="__REALTIME_TIMESTAMP", default="")
    boot: str = msgspec.field(name="_BOOT_ID", default="")
    message: Any = msgspec.field(name="MESSAGE", default=None)
    priority: Any = msgspec.field(name="PRIORITY", default=None)
    identifier: Any = msgspec.field(name="SYSLOG_IDENTIFIER", default=None)
    unit: Any = msgspec.field(name="_SYSTEMD_UNIT", default=None)
    about: Any = msgspec.field(name="UNIT", default=None)
    pid: Any = msgspec.field(name="_PID", default=None)


_decoder = msgspec.json.Decoder(_Entry)


def decode(data: bytes, node: str, source: str = "") -> tuple[list[Line], str]:
    """Journal entries, one JSON object a line, as lines; and the cursor of the last one ("" where none had one).

    An entry without a message is passed over, its cursor counts. Text that is no JSON is kept as it came.
    """
    lines: list[Line] = []
    cursor = ""
    for raw in data.split(b"\n"):
        if not raw.strip():
            continue
        try:
            entry = _decoder.decode(raw)
        except msgspec.DecodeError:
            lines.append(Line(text=received(raw), node=node, source=source or node))
            continue
        cursor = entry.cursor or cursor
        message = value_of(entry.message)
        if message is not None:
            lines.append(_line(entry, message, node, source or node))
    return lines, cursor


def _line(entry: _Entry, message: str | bytes, node: str, source: str) -> Line:
    identifier = word_of(entry.identifier)
    # systemd speaks about a unit from its own (init.scope); what it speaks about is in UNIT=.
    unit = word_of(entry.about) if identifier == "systemd" and entry.about else word_of(entry.unit)
    priority = word_of(entry.priority)
    pid = word_of(entry.pid)
    return Line(
        text=received(message),
        time=int(entry.time) if entry.time.isdecimal() else None,
        node=node,
        source=source,
        unit=unit.removesuffix(".service"),
        identifier=identifier,
        priority=int(priority) if priority.isdecimal() else None,
        pid=int(pid) if pid.isdecimal() else None,
        boot=entry.boot,
        twin=is_twin(identifier),
    )
