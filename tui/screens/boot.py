"""Step 6: the file server, each machine's kernel arguments, and where each machine is in its boot."""

from collections.abc import Callable

from typing_extensions import override

from tui.boot.admission import anybody
from tui.plan.endpoints import full_name
from tui.plan.model import Plan
from tui.screens.form_screen import FormScreen
from tui.screens.jobs import job_row
from tui.screens.power import power_page, with_controller
from tui.screens.preview import kernel_line
from tui.screens.question import Question
from tui.screens.spec import Field, Table
from tui.session.rows import NodeRow
from tui.text import say
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Note, Row

START, STOP, FOLLOW, POWER, NODE = "serve-start", "serve-stop", "watch-start", "power", "node:"
STATES = {"ready": "done", "joined": "done", "failed": "failed", "unknown": "todo", "off": "todo", "on": "now"}
WORDS = {
    "unknown": say("not seen yet"),
    "fetching": say("fetches its files"),
    "installing": say("writes its disk"),
    "rebooting": say("reboots"),
    "answers": say("answers ping"),
    "ssh": say("answers SSH"),
    "joined": say("joined the cluster"),
}

TABLE: Table = (
    Field(
        path="boot.method",
        label=say("Machines boot"),
        widget="choice",
        what=say("iso: you start each from the live ISO; pxe: over the network; redfish: the BMC mounts it."),
    ),
    Field(
        path="boot.listen",
        label=say("Files served at"),
        width=30,
        what=say("ADDRESS:PORT of this bastion that the machines can reach."),
        example="192.168.31.10:8080",
        where=say("ip -br addr: the address in the machine network; any free port."),
        leads=say("Ignition files hold the pull secret: only planned addresses are served, at a random path."),
        checks=("bastion.ports",),
    ),
    (
        Field(
            path="boot.ssh_user",
            label=say("SSH user"),
            width=10,
            what=say("Who the journals are read as."),
            example="core",
        ),
        Field(
            path="boot.console",
            label="",
            before=say("console"),
            width=22,
            empty=say("screen only"),
            what=say("A serial console besides the screen."),
            example="ttyS0,115200n8",
        ),
    ),
)


class BootScreen(FormScreen):
    """The file server's switch and the board of machines."""

    STEP = "boot"
    TABLE = TABLE

    @override
    def rows(self) -> list[Row]:
        standing = self.client.standing
        serve, watch = standing.job("serve"), standing.job("watch")
        serving = serve is not None and not serve.finished
        switch = Cell(key=STOP, text=say("stop serving"), kind="action", width=24)
        if not serving:
            switch = Cell(key=START, text=say("start the file server"), kind="action", width=28)
        actions = [switch]
        if watch is None or watch.finished:
            actions.append(Cell(key=FOLLOW, text=say("follow the nodes"), kind="action", width=24))
        if with_controller(self.client.session.plan):
            actions.append(Cell(key=POWER, text=say("switch machines"), kind="action", width=21))
        return [
            *super().rows(),
            Row(),
            Row(label="", cells=tuple(actions), wide=True),
            job_row(serve, say("File server"), say("not started; machines cannot fetch Ignition yet")),
            *self._warning(),
            *self._switched(),
            Row(),
            Row(label=say("Machines  (Enter: kernel arguments, to type or copy)"), style="bold", wide=True),
            *self._board(),
        ]

    def _switched(self) -> list[Row]:
        job = self.client.standing.job("power")
        return [job_row(job, say("Switching"), "")] if job is not None else []

    def _warning(self) -> list[Row]:
        warning = anybody(self.client.session.plan)
        return [Row(label="", notes=(Note("warning", warning),), wide=True)] if warning else []

    def _board(self) -> list[Row]:
        plan = self.client.session.plan
        known = {row.name: row for row in self.client.session.store.facts(NodeRow)}
        rows = []
        for number, node in enumerate(plan.topology.nodes):
            row = known.get(full_name(plan, node)) or known.get(node.name) or NodeRow(name=node.name)
            name = Cell(key=f"{NODE}{number}", text=node.name or "-", kind="item", width=16)
            words = WORDS.get(row.boot, row.boot)
            detail = f"{words}  {row.boot_detail or row.link_detail}".rstrip()
            state = STATES.get(row.boot, "now")
            rows.append(Row(label=f"{node.role:<9}", cells=(name,), notes=(Note(state, detail),), wide=True))
        return rows or [Row(label=say("No machines are planned yet (F2)."), style="dim", wide=True)]

    @override
    async def entered(self, event: Form.Entered) -> bool:
        key = event.cell.key
        if key == START:
            # Whoever serves the files wants to see who comes for them, and what becomes of them.
            self.client.request("serve", listen="")
            self.client.request("watch")
        elif key == STOP:
            job = self.client.standing.job("serve")
            if job is not None:
                self.client.cancel(job.id)
        elif key == FOLLOW:
            self.client.request("watch")
        elif key == POWER:
            await self.app.push_screen(power_page(self.client, self._ask))
        elif key.startswith(NODE):
            await self._open(int(key.removeprefix(NODE)))
        else:
            return False
        self.refresh_rows()
        return True

    def _ask(self, question: str, then: Callable[[], None]) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                then()

        _ = self.app.push_screen(Question(question), answered)

    async def _open(self, number: int) -> None:
        from tui.screens.page import Page

        title, _, arguments = kernel_line(self.client.session, number).partition("\n")
        line = arguments.replace("\n", " ")
        topics = [
            (say("At the live ISO's boot menu press e (UEFI) or Tab (BIOS), and add to the kernel line"), line),
            (say("The same, one argument a line"), arguments),
        ]
        await self.app.push_screen(Page(title, topics, copy=line))

    @override
    def preview(self, plan: Plan) -> str:
        here = self.form.here
        if here is not None and here.key.startswith(NODE):
            return kernel_line(self.client.session, int(here.key.removeprefix(NODE)))
        return kernel_line(self.client.session, 0)

    @override
    def about_here(self) -> str:
        return say("Start the bootstrap first, then the control plane; workers may follow at any time.")

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        here = self.form.here
        if here is not None and here.key.startswith(NODE):
            return (("F1", say("help")), ("Enter", say("kernel arguments")), *self.KEYS[1:])
        return super().keys()
