"""Lines a second from a real sshd through `follow`, beside `ssh HOST journalctl -o json > file` of the same journal."""

import asyncio
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.monitor.corpus import lines
from tests.peers.nodes import Entry, Host, hosts, missing
from tui.lines import Batch
from tui.monitor.journals import FIELDS, follow
from tui.monitor.model import NodeLink

COPIES = 12
PROBES = 100


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
    return [
        f"journals: {len(told)} real lines from one sshd",
        f"  ssh HOST journalctl -o json > file   {len(told) / baseline:8.0f} lines/s",
        f"  follow(), to lines ready to store    {len(told) / ours:8.0f} lines/s, ratio {baseline / ours:.2f}",
        f"  our own CPU                          {len(told) / cpu:8.0f} lines per CPU second",
        f"  from written to delivered: 50 % within {lag[len(lag) // 2]:.0f} ms, 99 % within {lag[-2]:.0f} ms",
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
