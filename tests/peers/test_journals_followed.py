"""Real journals of a real bootstrap, growing on real hosts, followed through cuts and reboots: every line once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.monitor.corpus import BY_HAND, at, lines
from tests.peers.nodes import Entry, Host
from tui.hints.detector import Detector
from tui.hints.rules import load
from tui.lines import Batch, Line
from tui.links.ssh import forget_host
from tui.monitor.journals import follow
from tui.monitor.model import NodeLink
from tui.monitor.stages import Tracker

pytestmark = pytest.mark.peers

PAUSES = (0.1, 0.2)


class Follower:
    """Follows one host as the engine does: keeps what is delivered with its cursor, and can be killed at any moment."""

    def __init__(self, host: Host, directory: Path) -> None:
        self.target = host.target(directory / "known_hosts")
        self._task: asyncio.Task[None] | None = None
        self.lines: list[Line] = []
        self.links: list[NodeLink] = []
        self._cursor = ""

    def start(self) -> None:
        self._task = asyncio.create_task(
            follow(self.target, self._cursor, self._keep, self.links.append, pauses=PAUSES)
        )

    async def _keep(self, batch: Batch) -> None:
        await asyncio.sleep(0.002)  # a commit takes its time; a kill during it must lose nothing
        self.lines += batch.lines
        self._cursor = batch.cursor

    async def kill(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def until(self, reached: Callable[[], bool], seconds: float = 60) -> None:
        """Waits; what the follower itself raises comes out here."""
        assert self._task is not None
        end = asyncio.get_running_loop().time() + seconds
        while not reached() and asyncio.get_running_loop().time() < end:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.02)


def entries(*files: tuple[str, str]) -> list[Entry]:
    """The lines of (file, unit) pairs merged by their times, each a microsecond after the one before."""
    merged = sorted(((line, unit) for name, unit in files for line in lines(name)), key=lambda pair: pair[0].time or 0)
    return [
        Entry(
            message=line.text,
            time=(line.time or 0) + number,
            identifier=line.identifier,
            unit=unit,
            pid=line.pid or 1,
        )
        for number, (line, unit) in enumerate(merged)
    ]


def slices(all_of_them: Sequence[Entry], count: int) -> Iterable[Sequence[Entry]]:
    size = -(-len(all_of_them) // count)
    return (all_of_them[start : start + size] for start in range(0, len(all_of_them), size))


async def grow(host: Host, what: Sequence[Entry], count: int) -> None:
    """Writes in `count` portions, as a machine that works would."""
    for part in slices(what, count):
        await asyncio.to_thread(host.write, part)
        await asyncio.sleep(0.05)


def seen(line: Line) -> tuple[object, ...]:
    return line.time, line.unit, line.identifier, line.pid, line.text


def written(entry: Entry) -> tuple[object, ...]:
    return entry.time, entry.unit, entry.identifier, entry.pid, entry.message


async def test_every_line_once_through_cuts_a_pulled_cable_a_killed_reader_and_reboots(
    three_hosts: dict[str, Host], tmp_path: Path
) -> None:
    bootstrap, master, worker = three_hosts.values()
    told = {
        bootstrap: entries(("bootkube-4.18.4.log.gz", "bootkube"), ("kubelet-4.18.4.log.gz", "kubelet")),
        master: entries(("master0-kubelet-4.18.log", "kubelet")),
        worker: entries(("master0-kubelet-4.18.log", "kubelet")),
    }
    followers = {host: Follower(host, tmp_path) for host in told}
    for follower in followers.values():
        follower.start()

    async def bootstraps_life() -> None:
        # The first round of bootkube ends at 05:19:09; the machine goes down, and comes back before the second.
        reboot = next(n for n, entry in enumerate(told[bootstrap]) if entry.time >= at("May 12 05:19:12"))
        first, second = told[bootstrap][:reboot], told[bootstrap][reboot:]
        await grow(bootstrap, first[: len(first) // 2], 10)
        assert await asyncio.to_thread(bootstrap.cut) > 0
        await grow(bootstrap, first[len(first) // 2 : -300], 10)
        await asyncio.to_thread(bootstrap.cut)
        await asyncio.to_thread(bootstrap.write, first[-300:])  # the last words before it goes down
        await asyncio.to_thread(bootstrap.reboot)
        await asyncio.to_thread(bootstrap.write, second[:500])
        await grow(bootstrap, second[500:], 10)

    async def masters_life() -> None:
        half = len(told[master]) // 2
        await grow(master, told[master][:half], 10)
        await asyncio.to_thread(master.unplug)
        await grow(master, told[master][half : half + 50], 5)
        await asyncio.to_thread(master.plug)
        await followers[master].kill()
        await grow(master, told[master][half + 50 : half + 100], 2)
        followers[master].start()
        await grow(master, told[master][half + 100 :], 5)

    async def workers_life() -> None:
        for part in slices(told[worker], 3):
            await grow(worker, part, 3)
            await asyncio.to_thread(worker.reboot, seconds=0.1)

    await asyncio.gather(bootstraps_life(), masters_life(), workers_life())
    for host, follower in followers.items():
        await follower.until(lambda host=host, follower=follower: len(follower.lines) >= len(told[host]))  # type: ignore[misc]
    await asyncio.sleep(0.5)  # time for a line too many
    for host, follower in followers.items():
        await follower.kill()
        assert [seen(line) for line in follower.lines] == [written(entry) for entry in told[host]], host.name
        assert {line.node for line in follower.lines} == {host.name}

    assert len({line.boot for line in followers[bootstrap].lines}) == 2
    assert len({line.boot for line in followers[worker].lines}) == 3
    assert {"lost", "following"} <= {link.state for link in followers[bootstrap].links}

    tracker = Tracker("4.18.4", {"bootstrap": "bootstrap", "master-0": "master", "worker-0": "worker"})
    for follower in followers.values():
        tracker.feed(follower.lines)
    found = {(stage.id, stage.node): stage for stage in tracker.stages()}
    for name, (state, started, ended, attempts) in BY_HAND.items():
        stage = found[name, ""]
        clocks = [time and time // 1_000_000 * 1_000_000 for time in (stage.started, stage.ended)]
        # Nobody saw the release image's end: it was before the first thing after it, here the kubelet.
        over = "04:54:37" if name == "release-image" else ended
        by_hand = [at(f"May 12 {clock}") if clock else None for clock in (started, over)]
        assert (stage.state, clocks, stage.attempts) == (state, by_hand, attempts), name
    assert found["node-joined", "master-0"].state == "done"
    assert found["node-ready", "master-0"].state == "running"

    # A person reads: the control plane's pods never came, three times over; the master has no network plugin yet.
    detector = Detector(load(), None)
    for follower in followers.values():
        detector.feed(follower.lines)
    hints = detector.hints()
    assert [hint.id for hint in hints if hint.node == "bootstrap" and hint.state == "active"] == [
        "bootkube-pod-status-timeout"
    ]
    assert {hint.id for hint in hints if hint.node == "master-0"} >= {"kubelet-anonymous-forbidden", "cni-not-ready"}


async def test_hostile_entries_arrive_as_text(host: Host, tmp_path: Path) -> None:
    messages: list[str | bytes] = [
        "two\nlines\tand a tab",
        b"\x1b[31mred\x1b[0m and \x07 bell",
        b"not utf-8: \xff\xfe",
        "[bold]markup[/] {{ jinja }} ✓ 完成",
        "x" * 200_000,
        "",
        "last",
    ]
    follower = Follower(host, tmp_path)
    follower.start()
    host.write(Entry(message=text, time=1_747_000_000_000_000 + n, identifier="t") for n, text in enumerate(messages))
    await follower.until(lambda: any(line.text == "last" for line in follower.lines), 20)
    await follower.kill()
    texts = [line.text for line in follower.lines]
    assert texts[:4] == [
        "two\nlines\tand a tab",
        "red and \ufffd bell",
        "not utf-8: \ufffd\ufffd",
        "[bold]markup[/] {{ jinja }} ✓ 完成",
    ]
    assert texts[4].startswith("xxx")
    assert "bytes left out" in texts[4]
    assert texts[5:] == ["", "last"]


async def test_nothing_more_is_read_while_a_batch_is_being_stored(host: Host, tmp_path: Path) -> None:
    many = [Entry(message="y" * 300, time=1_747_000_000_000_000 + n, identifier="t") for n in range(40_000)]
    await asyncio.to_thread(host.write, many)
    delivered, gate = 0, asyncio.Event()

    async def slow(batch: Batch) -> None:
        nonlocal delivered
        delivered += len(batch.lines)
        await gate.wait()

    task = asyncio.create_task(follow(host.target(tmp_path / "known_hosts"), "", slow, lambda _: None, pauses=PAUSES))
    await asyncio.sleep(1.5)
    assert 0 < delivered < 2000
    gate.set()
    end = asyncio.get_running_loop().time() + 30
    while delivered < len(many) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)
    task.cancel()
    assert delivered == len(many)


async def test_what_deliver_raises_ends_the_following(host: Host, tmp_path: Path) -> None:
    async def full(_: Batch) -> None:
        raise OSError(28, "No space left on device")

    host.write([Entry(message="one", time=1_747_000_000_000_000)])
    with pytest.raises(OSError, match="No space"):
        await asyncio.wait_for(
            follow(host.target(tmp_path / "known_hosts"), "", full, lambda _: None, pauses=PAUSES), 20
        )


async def test_a_bootstraps_service_records_come_over_the_same_connection(host: Host, tmp_path: Path) -> None:
    told: list[bytes] = []
    host.record("bootkube", '[\n {"phase":"stage start","stage":"cvo-bootstrap","timestamp":"2025-05-12T04:55:12Z"}\n]')
    host.record("progress", "")
    tracker = Tracker("4.15", {"bootstrap": "bootstrap"})

    async def deliver(_: Batch) -> None:
        return

    task = asyncio.create_task(
        follow(host.target(tmp_path / "known_hosts"), "", deliver, lambda _: None, records=told.append, pauses=PAUSES)
    )
    end = asyncio.get_running_loop().time() + 10
    while not told and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)
    task.cancel()
    changed = tracker.record("bootstrap", told[0])
    assert ("cvo-bootstrap", "running") in {(stage.id, stage.state) for stage in changed}


async def test_a_machine_that_vanishes_without_a_word_is_missed_and_found_again(host: Host, tmp_path: Path) -> None:
    follower = Follower(host, tmp_path)
    follower.target = replace(follower.target, keepalive=0.5, connect_timeout=1)
    follower.start()
    host.write([Entry(message="before", time=1_747_000_000_000_000)])
    await follower.until(lambda: len(follower.lines) == 1)
    await asyncio.to_thread(host.unplug)
    host.write([Entry(message="meanwhile", time=1_747_000_000_000_001)])
    await follower.until(lambda: follower.links[-1].state == "lost", 15)
    assert follower.links[-1].state == "lost"
    await asyncio.to_thread(host.plug)
    host.write([Entry(message="after", time=1_747_000_000_000_002)])
    await follower.until(lambda: len(follower.lines) == 3)
    await follower.kill()
    assert [line.text for line in follower.lines] == ["before", "meanwhile", "after"]
    assert any(link.state == "lost" and link.retry and link.reason for link in follower.links)


async def test_a_host_with_another_key_is_refused_until_it_is_forgotten(host: Host, tmp_path: Path) -> None:
    follower = Follower(host, tmp_path)
    follower.start()
    await follower.until(lambda: bool(follower.links) and follower.links[-1].state == "following")
    host.new_host_key()
    await asyncio.to_thread(host.reboot)
    await follower.until(lambda: follower.links[-1].state == "refused", 20)
    assert follower.links[-1].kind == "host-key-changed"
    host.write([Entry(message="after", time=1_747_000_000_000_002)])
    forget_host(follower.target)
    await follower.until(lambda: len(follower.lines) == 1)
    await follower.kill()
    assert follower.links[-1].state == "following"
