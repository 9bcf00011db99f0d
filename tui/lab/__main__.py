"""The lab's process: python -m tui.lab SESSION_DIR --scenario NAME --speed N."""

import argparse
import asyncio
import contextlib
import errno
import fcntl
import os
import random
import signal
import sys
import time
from pathlib import Path

from tui.lab.clock import Clock
from tui.lab.lab import Lab
from tui.lab.plan import prepare
from tui.lab.scenario import DEFAULT, all_scenarios
from tui.lab.served import base_url, plan_now
from tui.lab.settings import LabCannotStart, lab_directory, reopen
from tui.lab.story import tell
from tui.lab.world import REPAIR, World
from tui.session.errors import NotSaved
from tui.session.store import Store
from tui.text import say

TRIES = 6
"""How often ports are chosen anew."""
LOOK = 0.25
"""Seconds of the wall clock between two looks for repairs that were asked for."""
END = "end-lab"
"""The repair that ends the rehearsal's process."""
ALONE_SECONDS = 8 * 3600.0
"""A rehearsal that nobody has been attached to for so long ends by itself."""


def main(arguments: list[str]) -> int:
    """Runs until SIGTERM or SIGINT, or until the end is asked for. Gives 0, or 2 with a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tui.lab", description=__doc__)
    parser.add_argument("session", type=Path)
    parser.add_argument("--scenario", default=DEFAULT, choices=all_scenarios())
    parser.add_argument("--speed", type=float, default=1.0)
    options = parser.parse_args(arguments)
    session: Path = options.session.expanduser().absolute()
    try:
        prepare(session)
        with (lab_directory(session) / "lab.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabCannotStart(say("A rehearsal already runs for {session}.", session=session)) from None
            asyncio.run(_run(session, options.scenario, options.speed))
    except (LabCannotStart, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _run(session: Path, scenario: str, speed: float) -> None:
    folder = lab_directory(session)
    ready = folder / "ready"
    store = Store.open(session)
    store.take_repairs()
    (folder / "made-old").unlink(missing_ok=True)
    world = World(store, all_scenarios()[scenario], folder)
    clock = Clock(folder, speed)
    lab = await _opened(session, clock, world)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await world.happen("prepared")
        world.show()
        ready.write_text(f"{os.getpid()}\n", "ascii")
        await _until_ended(lab, store, ended)
    finally:
        ready.unlink(missing_ok=True)
        await lab.stop()
        clock.run(fast=False)
        with contextlib.suppress(NotSaved):
            world.row("lab", say("Rehearsal"), say("ended"))
        store.close()


async def _opened(session: Path, clock: Clock, world: World) -> Lab:
    """The lab, answering. Where another one took a port between our look and our taking it: on other ports."""
    for left in reversed(range(TRIES)):
        lab = Lab(session, reopen(lab_directory(session)), prepare(session), clock, world)
        try:
            await lab.start()
        except OSError as error:
            await lab.stop()
            if error.errno != errno.EADDRINUSE or not left:
                raise
            await asyncio.sleep(random.uniform(0.1, 1.0))  # noqa: S311 - so that the two do not meet again
        else:
            return lab
    raise AssertionError("the last try raised")


async def _until_ended(lab: Lab, store: Store, ended: asyncio.Event) -> None:
    def serves() -> str:
        return base_url(store, plan_now(lab.session, lab.plan))

    def by_itself() -> bool:
        return plan_now(lab.session, lab.plan).boot.method != "redfish"

    lab.world.row(
        "lab", say("Rehearsal"), say("running"), say("Everything is on {net}.", net=lab.settings.machine_network())
    )
    ending = say("The session stays; ocp-tui lab starts the rehearsal again, with every machine off.")
    lab.world.row(f"{REPAIR}{END}", say("End the rehearsal's servers"), say("not needed"), ending)
    tasks = [
        asyncio.create_task(tell(lab, serves, by_itself)),
        asyncio.create_task(_repairs(lab, store, ended)),
        asyncio.create_task(ended.wait()),
    ]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    for task in done:
        task.result()


async def _repairs(lab: Lab, store: Store, ended: asyncio.Event) -> None:
    """Does what the person asks for, and shows the time."""
    known, attached = -1, time.monotonic()
    while not ended.is_set():
        version = store.data_version()
        if version != known:
            known = version
            for id_ in store.take_repairs():
                if id_ == END:
                    ended.set()
                await lab.world.repair(id_)
        lab.clock.keep()
        attached = time.monotonic() if store.attached() else attached
        if time.monotonic() - attached > ALONE_SECONDS:
            ended.set()
        faster = say("{speed:g} times as fast as the wall clock", speed=lab.clock.speed)
        moment = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(lab.clock.now() / 1e6))
        lab.world.row("clock", say("Lab time"), moment, faster)
        await asyncio.sleep(LOOK)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
