"""The openshift-install of this session: which one it is, and its wait-for run until the cluster stands."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from tui.engine.ingest import Ingest
from tui.engine.work import Refused, Work
from tui.lines import Batch, Line
from tui.links import process
from tui.monitor import waitfor
from tui.session.errors import NotSaved
from tui.session.rows import NodeRow
from tui.session.store import Store
from tui.text import say

SOURCE = "openshift-install"
"""The source under which wait-for's lines are kept."""
AGAIN_SECONDS = 5.0
"""A wait-for that gave up harms nothing and is begun again after this."""
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "fatal": 2}
_GOALS: tuple[waitfor.Goal, ...] = ("bootstrap-complete", "install-complete")


def find_installer(store: Store) -> Path:
    """The program that the artifacts step found and believes. Raises Refused."""
    for job in reversed(store.jobs(states=("done",))):
        if job.kind != "artifacts" or not job.result:
            continue
        for found in job.result["found"]:
            if found["kind"] == "installer" and found["tool"] and found["state"] in ("verified", "found"):
                return Path(found["tool"])
        break
    raise Refused(say("There is no openshift-install of this version yet: finish the artifacts step."))


async def wait_for(work: Work, ingest: Ingest) -> None:
    """Runs wait-for for one goal after the other, each as often as it takes."""
    await _something_booted(work)
    await _end_orphan(work.desk.store)
    for goal in _GOALS:
        while not _reached(ingest, goal):
            if await _once(work, ingest, goal):
                ingest.note(goal, "", "done", ingest.clock())
            else:
                await asyncio.sleep(AGAIN_SECONDS)


async def _something_booted(work: Work) -> None:
    """wait-for gives the API twenty minutes: they should not run out before a machine is on."""
    desk = work.desk
    while not desk.kubeconfig.is_file() or not any(
        row.boot != "unknown" or row.link == "following" for row in desk.store.facts(NodeRow)
    ):
        await asyncio.sleep(1)


def _reached(ingest: Ingest, goal: str) -> bool:
    return any(stage.id == goal and stage.state == "done" for stage in ingest.stages())


async def _once(work: Work, ingest: Ingest, goal: waitfor.Goal) -> bool:
    desk, heard = work.desk, asyncio.Queue[waitfor.Event]()
    pump = asyncio.ensure_future(_pump(heard, ingest))
    try:
        installer = find_installer(desk.store)
        outcome = await waitfor.run(
            installer,
            desk.directory.install,
            goal,
            heard.put_nowait,
            started=lambda *child: _remember(desk.store, *child),
        )
        await heard.join()
    except (process.CannotStart, Refused) as error:
        work.progress(str(error))
        return False
    finally:
        pump.cancel()
    if outcome.state == "failed":
        with suppress(NotSaved):  # its own lines say the same
            desk.store.tell("job", desk.redact(say("wait-for {goal}: {why}", goal=goal, why=outcome.reason)))
    return outcome.state == "complete"


async def _pump(heard: "asyncio.Queue[waitfor.Event]", ingest: Ingest) -> None:
    """What wait-for says is one more journal: stages and hints read it like any other."""
    while True:
        event = await heard.get()
        line = Line(
            text=event.text,
            time=ingest.clock(),
            source=SOURCE,
            unit=SOURCE,
            identifier=SOURCE,
            priority=_PRIORITY[event.level],
        )
        await ingest.deliver(Batch(source=SOURCE, lines=[line]))
        heard.task_done()


def _remember(store: Store, pid: int, started: float) -> None:
    with suppress(NotSaved):  # only an engine that is killed would need it
        store.keep("wait-for", json.dumps([pid, started]).encode())


async def end_leftover(place: Path) -> None:
    """Ends whatever of ours still works in this directory: an openshift-install whose engine was killed."""
    import psutil

    for found in psutil.process_iter(["cwd", "create_time"]):
        if found.info["cwd"] == str(place):
            await process.stop(found.pid, found.info["create_time"], (1.0, 1.0, 1.0))


async def _end_orphan(store: Store) -> None:
    """A wait-for that an earlier engine left behind: it would only wait beside the new one."""
    kept = store.kept("wait-for")
    if kept:
        pid, started = json.loads(kept)
        await process.stop(int(pid), float(started), (1.0, 1.0, 1.0))
