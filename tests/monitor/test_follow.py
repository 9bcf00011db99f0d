"""Following as a conversation: what is asked of the node, what is told to the person, how soon it is tried again."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest
from typing_extensions import override

from tui.lines import Batch
from tui.links.ssh import Target
from tui.monitor.journals import follow
from tui.monitor.model import NodeLink


class Login(asyncssh.SSHServer):
    """Lets everyone in."""

    @override
    def begin_auth(self, username: str) -> bool:
        return False


class Node:
    """A node whose answers are scripted: one (output, complaint, status) a connection, then silence."""

    def __init__(self, directory: Path) -> None:
        self.answers: list[tuple[bytes, bytes, int]] = []
        self.commands: list[str] = []
        self.batches: list[Batch] = []
        self.links: list[NodeLink] = []
        self._directory = directory
        self.target = Target(node="master-0", host="127.0.0.1", known_hosts=str(directory / "known"))

    async def listen(self) -> asyncssh.SSHAcceptor:
        key = self._directory / "key"
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(key)
        acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            server_factory=Login,
            process_factory=self._answer,
            encoding=None,
        )
        self.target = Target(
            node="master-0",
            host="127.0.0.1",
            port=acceptor.get_port(),
            key=str(key),
            known_hosts=str(self._directory / "known"),
        )
        return acceptor

    async def _answer(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        self.commands.append(process.command or "")
        if not self.answers:
            await asyncio.sleep(60)
        output, complaint, status = self.answers.pop(0)
        process.stdout.write(output)
        process.stderr.write(complaint)
        process.exit(status)

    async def follow_until(self, reached: Callable[[], bool], cursor: str = "") -> None:
        async def deliver(batch: Batch) -> None:
            self.batches.append(batch)

        task = asyncio.create_task(follow(self.target, cursor, deliver, self.links.append, pauses=(0.01, 0.05, 0.1)))
        for _ in range(500):
            if reached():
                break
            await asyncio.sleep(0.01)
        task.cancel()
        assert reached()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    acceptor = await made.listen()
    yield made
    acceptor.close()
    await acceptor.wait_closed()


def entry(number: int) -> bytes:
    fields = {"__CURSOR": f"s=1;i={number}", "__REALTIME_TIMESTAMP": str(number), "MESSAGE": f"line {number}"}
    return json.dumps(fields).encode() + b"\n"


async def test_each_connection_goes_on_after_the_last_line_that_was_delivered(node: Node) -> None:
    half = entry(4)[:20]
    node.answers = [(entry(1) + entry(2), b"", 0), (entry(3) + half, b"", 255), (entry(4), b"", 0)]
    await node.follow_until(lambda: len(node.commands) == 4, cursor="s=1;i=0")
    asked = [command.partition("--after-cursor=")[2].strip("'") for command in node.commands]
    assert asked == ["s=1;i=0", "s=1;i=2", "s=1;i=3", "s=1;i=4"]
    assert [line.text for batch in node.batches for line in batch.lines] == ["line 1", "line 2", "line 3", "line 4"]
    assert node.batches[-1].cursor == "s=1;i=4"
    assert {batch.source for batch in node.batches} == {"master-0"}


async def test_what_journalctl_complains_of_is_told(node: Node) -> None:
    node.answers = [(b"", b"sh: journalctl: not found\n", 127)]
    await node.follow_until(lambda: any(link.state == "lost" for link in node.links))
    lost = next(link for link in node.links if link.state == "lost")
    assert lost.kind == "journal"
    assert "journalctl: not found" in lost.reason
    assert [link.state for link in node.links][:3] == ["connecting", "following", "lost"]


async def test_it_waits_longer_each_time_and_not_after_lines_came(node: Node) -> None:
    node.answers = [(b"", b"", 1)] * 4 + [(entry(1), b"", 1), (b"", b"", 1)]
    await node.follow_until(lambda: len(node.commands) == 7)
    pauses = [
        round((link.retry - link.since) / 1e6, 2)
        for link in node.links
        if link.state == "lost" and link.retry is not None
    ]
    assert pauses[:6] == [0.01, 0.05, 0.1, 0.1, 0.01, 0.05]


async def test_a_refused_login_is_tried_again_at_the_slowest_pace(node: Node, tmp_path: Path) -> None:
    (tmp_path / "key").unlink()
    await node.follow_until(lambda: sum(link.state == "refused" for link in node.links) == 2)
    refused = [link for link in node.links if link.state == "refused"]
    assert {link.kind for link in refused} == {"key-unreadable"}
    assert all(link.retry and link.retry - link.since >= 100_000 for link in refused)
    assert node.commands == []
