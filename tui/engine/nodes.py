"""How the engine reaches a node over SSH: its target, and single commands on it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tui.engine.work import Desk
from tui.links.ssh import Target, connect
from tui.plan.endpoints import endpoint, full_name
from tui.plan.model import Node

Shell = Callable[[str], Awaitable[bytes]]
SECONDS = 30


def target(desk: Desk, node: Node) -> Target:
    """Where and as whom this node is logged in to."""
    plan = desk.plan
    host, port = endpoint(plan, node.address, 22)
    return Target(
        node=full_name(plan, node),
        host=host,
        port=port,
        user=plan.boot.ssh_user,
        key=plan.pull_secret.ssh_private_key,
        agent="" if plan.pull_secret.ssh_private_key else os.environ.get("SSH_AUTH_SOCK", ""),
        known_hosts=str(desk.directory.known_hosts),
    )


def passphrase(desk: Desk) -> Callable[[], str | None]:
    """Gives the passphrase of the plan's key, None while nobody has handed it over."""
    key = Path(desk.plan.pull_secret.ssh_private_key)
    return lambda: desk.passphrases.get(key)


@asynccontextmanager
async def shell(desk: Desk, node: Node) -> AsyncIterator[Shell]:
    """A connection that runs single commands: each gives its standard output. Raises tui.links.ssh.SshFailed."""
    async with await connect(target(desk, node), passphrase(desk)) as connection:

        async def run(command: str) -> bytes:
            done = await connection.run(command, encoding=None, timeout=SECONDS)
            assert isinstance(done.stdout, bytes)
            return done.stdout

        yield run
