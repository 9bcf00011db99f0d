"""Job "serve" {listen}: gives the planned nodes their Ignition files and images until nobody needs them."""

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.boot import fact_of
from tui.boot.admission import anybody
from tui.boot.model import Request
from tui.boot.server import CannotServe, FileServer, what_to_serve
from tui.engine import board
from tui.engine.work import Refused, Work
from tui.generate.menus import boot_files
from tui.lines import Line
from tui.plan.endpoints import full_name, nodes_of
from tui.session.errors import NotSaved
from tui.session.rows import NodeRow
from tui.session.served import base_url, path_part
from tui.text import say

SOURCE = "file server"
"""The source under which the requests are kept as lines."""
MOST_WAITING = 10_000
"""Words of the file server kept in memory while the disk is full."""
_PAST_NEEDING = ("joined", "ready")


async def run(work: Work) -> dict[str, Any]:
    """Serves until cancelled or every planned node has joined; gives the address it served at."""
    desk, plan = work.desk, work.desk.plan
    listen = str(work.arguments.get("listen") or plan.boot.listen)
    url = base_url(desk.store, plan, listen)
    scripts = {Path(name).name: text for name, text in boot_files(plan, url).items()}
    files = what_to_serve(plan, desk.directory.install, _images(work), scripts)
    log = _Log(work)
    server = FileServer(plan, files, path_part(desk.store), log.told, desk.store.clock)
    try:
        url = await server.start(listen)
    except CannotServe as error:
        raise Refused(str(error)) from error
    try:
        work.progress(
            say("Serving {count} files at {url}  {warning}", count=len(files), url=url, warning=anybody(plan)).rstrip()
        )
        with suppress(NotSaved):
            desk.store.tell("job", say("File server opened at {url}", url=url))
        await _all_past(work, log)
    finally:
        await server.close()
        with suppress(NotSaved):
            desk.store.tell("job", say("File server closed"))
    return {"url": url}


def _images(work: Work) -> dict[str, Path]:
    for job in reversed(work.desk.store.jobs(states=("done",))):
        if job.kind == "artifacts" and job.result:
            return {found["kind"]: Path(found["path"]) for found in job.result["found"] if found["path"]}
    return {}


class _Log:
    """What nodes asked for. On a full disk they are served all the same, and it is written when there is room."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: deque[Request] = deque(maxlen=MOST_WAITING)

    def told(self, request: Request) -> None:
        """Takes one word of the file server."""
        self._waiting.append(request)
        self.keep()

    def keep(self) -> None:
        """Writes what waits, oldest first, as far as the disk takes it."""
        with suppress(NotSaved):
            while self._waiting:
                _record(self._work, self._waiting[0])
                self._waiting.popleft()


def _record(work: Work, request: Request) -> None:
    store, plan = work.desk.store, work.desk.plan
    fact = fact_of(request)
    if fact is not None:
        board.take(store, plan, fact)
    if request.ended is None:
        return
    line = say(
        "{node} GET {file} {status} {size}{why}",
        node=(request.node or request.address).ljust(12),
        file=request.file,
        status=request.status,
        size=size(request.sent),
        why=f"  ({request.why})" if request.why else "",
    )
    with store.writing():
        number = store.last_line() + 1
        store.add_lines([Line(text=work.desk.redact(line), time=request.ended, source=SOURCE, number=number)])


def size(count: int) -> str:
    """Bytes in the unit that fits: 1.7 kB, 870 MB."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):  # noqa: B007 - the unit where it stopped is the answer
        if amount < 1000:
            break
        amount /= 1000
    return f"{amount:.3g} {unit}"


async def _all_past(work: Work, log: _Log) -> None:
    """Waits until no planned node needs the server any more: every one of them has joined the cluster."""
    needing = {full_name(work.desk.plan, node) for node in nodes_of(work.desk.plan, "master", "worker")}
    while needing:
        await asyncio.sleep(2)
        log.keep()
        needing -= {row.name for row in work.desk.store.facts(NodeRow) if row.boot in _PAST_NEEDING}
