"""Lines a second from a real sshd to us and to committed rows, beside `ssh HOST journalctl -o json > file`."""

import asyncio
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.monitor.corpus import lines
from tests.peers.nodes import Entry, Host, hosts, missing
from tui.engine.ingest import Ingest
from tui.engine.work import Desk
from tui.hints.model import Hint
from tui.lines import Batch
from tui.monitor.journals import FIELDS, follow
from tui.monitor.model import NodeLink
from tui.session.session import Session

COPIES = 12
PROBES = 100
HINTS = 40
UNTRUSTED = (
    'Error: error pinging docker registry mirror.example.com:5000: Get "https://mirror.example.com:5000/v2/": '
    "x509: certificate signed by unknown authority"
)


def run() -> list[str]:
    """Lines for the benchmark's report."""
    if why := missing():
        return [f"journals: not measured, {why}"]
    told = _entries()
    with tempfile.TemporaryDirectory() as directory, hosts("bootstrap") as made:
        host = made["bootstrap"]
        host.write(told)
        _settle(host, directory, len(told))
        baseline = min(_by_ssh(host, directory) for _ in range(3))
        lag = asyncio.run(_lag(host, directory, told[-1].time))
        ours, cpu = min(asyncio.run(_by_follow(host, directory, len(told))) for _ in range(3))
        stored = min(asyncio.run(_by_engine(host, Path(directory, str(turn)), len(told))) for turn in range(2))
        hint = asyncio.run(_to_hint(host, Path(directory, "hint"), told[-1].time + 10 * PROBES))
    return [
        f"journals: {len(told)} real lines from one sshd",
        f"  ssh HOST journalctl -o json > file   {len(told) / baseline:8.0f} lines/s",
        f"  follow(), to lines ready to store    {len(told) / ours:8.0f} lines/s, ratio {baseline / ours:.2f}",
        f"  to committed rows, judged by all     {len(told) / stored:8.0f} lines/s, ratio {baseline / stored:.2f}",
        f"  our own CPU                          {len(told) / cpu:8.0f} lines per CPU second",
        f"  from written to delivered: 50 % within {lag[len(lag) // 2]:.0f} ms, 99 % within {lag[-2]:.0f} ms",
        f"  from written to its hint stored: 50 % within {hint[len(hint) // 2]:.0f} ms, all within {hint[-1]:.0f} ms",
    ]


def _entries() -> list[Entry]:
    journal = list(lines("bootkube-4.18.4.log.gz")) + list(lines("kubelet-4.18.4.log.gz"))
    start = journal[0].time or 0
    return [
        Entry(message=line.text, time=start + number, identifier=line.identifier, unit="bootkube", pid=line.pid or 1)
        for number, line in enumerate(journal * COPIES)
    ]


def _ssh(host: Host, directory: str, command: str) -> list[str]:
    options = ["-o", f"UserKnownHostsFile={directory}/known", "-o", "StrictHostKeyChecking=accept-new"]
    return ["ssh", "-F", "/dev/null", *options, "-i", str(host.key), f"{host.user}@{host.address}", command]


def _settle(host: Host, directory: str, count: int) -> None:
    """Waits until the journal holds all that was written."""
    while True:
        words = _ssh(host, directory, "journalctl -m -o cat --output-fields=_PID | wc -l")
        if int(subprocess.run(words, check=True, capture_output=True).stdout) >= count:
            return
        time.sleep(0.5)


def _by_ssh(host: Host, directory: str) -> float:
    command = f"journalctl -m --no-tail -o json --all --output-fields={FIELDS}"
    with Path(directory, "journal.json").open("wb") as file:
        began = time.perf_counter()
        subprocess.run(_ssh(host, directory, command), check=True, stdout=file)
        return time.perf_counter() - began


async def _lag(host: Host, directory: str, after: int) -> list[float]:
    """Sorted milliseconds from a line's writing on the host to its delivery here, a line at a time."""
    written: dict[str, float] = {}
    took: list[float] = []

    async def deliver(batch: Batch) -> None:
        took.extend((time.perf_counter() - written[line.text]) * 1e3 for line in batch.lines if line.text in written)

    cursor = await asyncio.to_thread(_newest, host, directory)
    task = asyncio.create_task(follow(host.target(Path(directory, "known_hosts")), cursor, deliver, _untold))
    await asyncio.sleep(1)
    for number in range(PROBES):
        text = f"probe {number}"
        written[text] = time.perf_counter()
        host.write([Entry(message=text, time=after + 1 + number)])
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    task.cancel()
    return sorted(took)


def _newest(host: Host, directory: str) -> str:
    words = _ssh(host, directory, "journalctl -m -n 1 -o json --output-fields=_PID")
    last: str = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["__CURSOR"]
    return last


def _untold(_: NodeLink) -> None:
    return


async def _by_follow(host: Host, directory: str, count: int) -> tuple[float, float]:
    """(seconds, our CPU seconds) until the last line is delivered."""
    seen, done = 0, asyncio.Event()

    async def deliver(batch: Batch) -> None:
        nonlocal seen
        seen += len(batch.lines)
        if seen >= count:
            done.set()

    began, worked = time.perf_counter(), sum(os.times()[:2])
    task = asyncio.create_task(follow(host.target(Path(directory, "known_hosts")), "", deliver, _untold))
    await done.wait()
    took = time.perf_counter() - began, sum(os.times()[:2]) - worked
    task.cancel()
    return took


async def _by_engine(host: Host, directory: Path, count: int) -> float:
    """Seconds until the last line is committed: redacted, judged by stages and all hints, with its cursor."""
    desk = _desk(directory)
    ingest = Ingest(desk, desk.rules())
    pump = asyncio.create_task(ingest.run())
    began = time.perf_counter()
    task = asyncio.create_task(follow(host.target(directory / "known_hosts"), "", ingest.deliver, _untold))
    while desk.store.last_line() < count:
        await asyncio.sleep(0.01)
    took = time.perf_counter() - began
    for each in (task, pump):
        each.cancel()
    return took


async def _to_hint(host: Host, directory: Path, after: int) -> list[float]:
    """Sorted milliseconds from a line's writing on the host to its hint's row, for a rule without persistence."""
    desk = _desk(directory)
    ingest = Ingest(desk, desk.rules())
    cursor = await asyncio.to_thread(_newest, host, str(directory))
    follower = follow(host.target(directory / "known_hosts"), cursor, ingest.deliver, _untold)
    tasks = [asyncio.create_task(ingest.run()), asyncio.create_task(follower)]
    await asyncio.sleep(1)
    took: list[float] = []
    for number in range(HINTS):
        began = time.perf_counter()
        host.write([Entry(message=UNTRUSTED, time=after + number, identifier="podman", unit="release-image")])
        while (
            sum(hint.count for hint in desk.store.facts(Hint) if hint.id == "registry-tls-unknown-authority") <= number
        ):
            await asyncio.sleep(0.005)
        took.append((time.perf_counter() - began) * 1e3)
    for task in tasks:
        task.cancel()
    return sorted(took)


def _desk(directory: Path) -> Desk:
    return Desk(Session(directory).directory)
