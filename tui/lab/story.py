"""What happens, in order: power on, the bootstrap, the control plane, the workers, the operators.

Each machine's story is a coroutine that waits for the world; a thing that is broken makes its machine say so in its
journal until somebody repairs it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tui.lab import operators
from tui.lab.bootstrap import bootstrap
from tui.lab.lab import Lab
from tui.lab.nodes import node_story
from tui.lab.settings import API, HTTP, HTTPS, MCS
from tui.text import say

POLL = 0.5
"""Seconds of the wall clock between two looks for a file server."""
POWER_DELAY = 2.0
"""Seconds of the wall clock from the first sight of the file server until the machines start by themselves."""


async def tell(lab: Lab, base_url: Callable[[], str], by_itself: Callable[[], bool]) -> None:
    """The whole story, again from the start whenever every machine is booted anew. Ends when it is cancelled.

    `base_url` gives where Ignition files are served, `by_itself` whether machines start when they are.
    """
    again = asyncio.Event()

    async def renewed(state: str) -> None:
        if state == "fresh" and "certificates-expired" in lab.world.happened:
            again.set()

    lab.world.on("certificates", renewed)
    while True:
        again.clear()
        running = asyncio.create_task(_once(lab, base_url, by_itself))
        waiting = asyncio.create_task(again.wait())
        done, _ = await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running in done:
            waiting.cancel()
            await running
        await _cancelled(running)
        await _all_off(lab)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _once(lab: Lab, base_url: Callable[[], str], by_itself: Callable[[], bool]) -> None:
    for node in lab.nodes.values():
        lab.world.row(f"machine:{node.name}", node.name, "off", say("waits until the Ignition files are served"))
    async with asyncio.TaskGroup() as group:
        power = group.create_task(_power(lab, base_url, by_itself))
        await lab.world.until(lambda: lab.world.well("power"))
        power.cancel()
        lab.clock.run(fast=True)
        await lab.world.happen("powered-on")
        group.create_task(bootstrap(lab, base_url))
        for node in (*lab.of("master"), *lab.of("worker")):
            group.create_task(node_story(lab, node, base_url))
        group.create_task(operators.story(lab))
        await asyncio.Event().wait()


async def _power(lab: Lab, base_url: Callable[[], str], by_itself: Callable[[], bool]) -> None:
    """Switches everything on soon after somebody serves Ignition files, as machines that boot from the network do."""
    while not (base_url() and by_itself()):
        await asyncio.sleep(POLL)
    await asyncio.sleep(POWER_DELAY)
    await lab.world.turn("power", "on")


async def _all_off(lab: Lab) -> None:
    """Every machine is switched off and forgets; the power comes back by itself."""
    for node in lab.nodes.values():
        await node.ssh.stop()
        for port in (API, MCS, HTTP, HTTPS):
            await lab.withdraw(node.machine.octet, port)
    lab.bundle = None
    lab.objects.clear()
    lab.world.happened.clear()
    await lab.world.turn("power", "off")
