"""From a line written on a real node to its hint on the monitor's screen, for a rule without persistence.

sshd and journalctl are real; the engine's ingest and the screen share one process here, so both are slower than apart.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace
from textual.app import App

from tests.peers.nodes import Entry, Host, hosts, missing
from tests.screens.scene import START, full, plan
from tui.app import OcpTui
from tui.engine.ingest import Ingest
from tui.engine.work import Desk
from tui.lines import Batch
from tui.monitor.journals import follow
from tui.monitor.model import NodeLink
from tui.session.rows import NodeRow
from tui.session.session import Session

PROBES = 60
AIM = 1000
UNTRUSTED = (
    'Error: error pinging docker registry mirror.example.com:5000: Get "https://mirror.example.com:5000/v2/": '
    "x509: certificate signed by unknown authority"
)


def run() -> list[str]:
    """Lines for the benchmark's report."""
    if why := missing():
        return [f"line to screen: not measured, {why}"]
    with (
        tempfile.TemporaryDirectory() as directory,
        hosts("bootstrap") as made,
        patch("tui.engine.client.attach", lambda _session: ""),
    ):
        took = asyncio.run(_measured(made["bootstrap"], Path(directory)))
    late = took[min(len(took) - 1, round(0.99 * len(took)))]
    half = took[len(took) // 2]
    return [
        f"line to screen: {PROBES} lines of one real sshd",
        f"  from written to its hint shown: 50 % within {half:.0f} ms, 99 % within {late:.0f} ms (aim {AIM} ms)",
    ]


async def _measured(host: Host, directory: Path) -> list[float]:
    """Sorted milliseconds, a line at a time."""
    session = Session(directory / "session")
    session.replace(plan())
    session.store.put(NodeRow(name=full("bootstrap"), role="bootstrap", link="following"))
    desk = Desk(session.directory)
    ingest = Ingest(desk, desk.rules())
    host.write([Entry(message="Starting", time=START, identifier="podman", unit="release-image")])

    async def deliver(batch: Batch) -> None:
        name = full("bootstrap")
        await ingest.deliver(replace(batch, source=name, lines=[replace(line, node=name) for line in batch.lines]))

    follower = follow(host.target(directory / "known_hosts"), "", deliver, _untold)
    tasks = [asyncio.create_task(ingest.run()), asyncio.create_task(follower)]
    app = OcpTui(session)
    took: list[float] = []
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(1)
        await pilot.press("f8")
        await pilot.pause(1)
        for number in range(1, PROBES + 1):
            began = time.perf_counter()
            entry = Entry(message=UNTRUSTED, time=START + number * 1000, identifier="podman", unit="release-image")
            host.write([entry])
            sign = f"{number} times since" if number > 1 else "fatal, at "
            while sign not in _shown(app):
                await asyncio.sleep(0.01)
                if time.perf_counter() - began > 10:
                    raise RuntimeError(_shown(app))
            took.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(0.037)
    for task in tasks:
        task.cancel()
    return sorted(took)


def _untold(_: NodeLink) -> None:
    return


def _shown(app: App[None]) -> str:
    """The screen as text."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


if __name__ == "__main__":
    print("\n".join(run()))
