"""Step 1: what the cluster is called, its version and shape, and the machines that form it."""

from msgspec.structs import replace
from typing_extensions import override

from tui.plan.endpoints import cluster_domain, nodes_of
from tui.plan.model import Node, Plan
from tui.screens.client import Client
from tui.screens.form_screen import FormScreen
from tui.screens.spec import Field, Table
from tui.screens.standing import Trouble
from tui.session.rows import Draft
from tui.text import say
from tui.widgets import marks
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

NODES = "topology.nodes"
ADD, USUAL, IMPORT = "add-machines", "usual-machines", "import"
ROLES = ("bootstrap", "master", "worker")
COLUMNS = (
    ("role", say("role"), 9),
    ("name", say("name"), 14),
    ("address", say("address"), 15),
    ("mac", say("MAC address"), 17),
    ("disk", say("disk"), 10),
)
"""A machine's fields in the table: field, heading, width. The rest is a page of its own (Enter)."""

ABOUT = {
    "role": say("bootstrap forms the cluster, then goes; master is a control plane node; worker runs pods."),
    "name": say("The host's name. Without dots the cluster's domain is added."),
    "address": say("Its address in the machine network; for dual stack IPv4, then IPv6."),
    "mac": say("The MAC address of the interface it boots from: network boot and DHCP know it by that."),
    "disk": say("The device RHCOS is written to; all that is on it is lost. /dev/disk/by-path/… is the surest."),
}
EXAMPLES = {"name": "master-1", "address": "192.168.31.161", "mac": "52:54:00:a1:b2:01", "disk": "/dev/sda"}


def _api_name(plan: Plan) -> str:
    domain = cluster_domain(plan)
    return f"api.{domain}" if domain else ""


SHAPES = {
    "ha": say("three control plane nodes and workers"),
    "compact": say("three control plane nodes that do all"),
    "sno": say("a single node"),
}

TABLE: Table = (
    Field(
        path="topology.cluster_name",
        label=say("Cluster name"),
        width=20,
        what=say("The first part of every name of the cluster. It cannot be changed later."),
        example="ocp4",
        where=say("You choose it: lower case letters, digits and hyphens."),
        leads=say("api.NAME.DOMAIN and *.apps.NAME.DOMAIN have to be in your DNS."),
        shows=("install-config.yaml", "^metadata:"),
    ),
    Field(
        path="topology.base_domain",
        label=say("Base domain"),
        width=20,
        what=say("The domain the cluster's own name is put in front of; you need to be able to add records to it."),
        example="shinefire.com",
        beside=_api_name,
        shows=("install-config.yaml", "^baseDomain"),
    ),
    (
        Field(
            path="topology.version",
            label=say("OpenShift"),
            width=11,
            empty=say("4.…"),
            what=say("The version to install, as openshift-install version says it."),
            example="4.15.12",
            where=say("openshift-install version; or the mirror you filled."),
            leads=say("Every rule, file and artifact follows from it."),
        ),
        Field(
            path="topology.architecture",
            label="",
            before=say("on"),
            widget="choice",
            width=9,
            what=say("The processors of the machines."),
            where=say("uname -m on one of them."),
        ),
    ),
    Field(
        path="topology.shape",
        label=say("Shape"),
        widget="choice",
        width=11,
        what=say("ha: control plane and workers; compact: three nodes that do both; sno: one node for everything."),
        leads=say("It decides who runs your pods, and where the ingress load balancer points."),
        beside=lambda plan: SHAPES[plan.topology.shape],
        shows=("install-config.yaml", "^controlPlane"),
    ),
)


class TopologyScreen(FormScreen):
    """The cluster's form and the table of its machines."""

    STEP = "topology"
    TABLE = TABLE

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._typed = ""

    @override
    def rows(self) -> list[Row]:
        plan = self.client.session.plan
        nodes = plan.topology.nodes
        heading = Row(label=say("Machines  {count}", count=counted(plan)), style="bold", wide=True)
        drafts, worst = self.client.session.drafts(), self._worst_by_machine()
        table = [_machine(f"{NODES}[{number}]", node, drafts, worst) for number, node in enumerate(nodes)]
        above = [_headings()] if nodes else _teaching()
        return [*super().rows(), Row(), heading, *above, *table, _adding(nodes, self._typed), _importing()]

    def _worst_by_machine(self) -> dict[str, Trouble]:
        worst: dict[str, Trouble] = {}
        for trouble in self.client.standing.of(self.STEP):
            if trouble.field.startswith(f"{NODES}["):
                worst.setdefault(base_of(trouble.field), trouble)
        return worst

    # --- what the person does ----------------------------------------------------------------------------------

    @override
    def edited(self, key: str, text: str) -> None:
        if key == ADD:
            self._typed = text
        elif key != IMPORT:
            super().edited(key, text)

    @override
    def pasted(self, key: str, text: str) -> None:
        if key.startswith(NODES) or key in {ADD, IMPORT}:
            self.add(text, shown=True)
        else:
            super().pasted(key, text)

    @override
    def explanation(self, key: str) -> str:
        return say("Paste the file's text, or type its path; a directory too, such as oc-mirror's cluster-resources.")

    @override
    async def entered(self, event: Form.Entered) -> bool:
        key = event.cell.key
        if key == USUAL:
            from tui.screens.machines import usual

            self.client.decide(NODES, usual(self.client.session.plan))
            self.refresh_rows()
            self.form.go(f"{NODES}[0].address")
        elif key == ADD and event.text.strip():
            self.add(event.text)
        elif key.startswith(f"{NODES}[") and not event.changed and self.trouble_at(key) is None:
            await self._open_machine(base_of(key))
        else:
            return False
        return True

    def add(self, text: str, *, shown: bool = False) -> None:
        """Adds the machines that a text names; with `shown`, and where something is in doubt, a page asks before."""
        from tui.screens.importing import is_path, pasted, preview

        if is_path(text):
            self.import_(text)
            return
        file = pasted(text)
        file = file if file.kind else replace(file, kind="table")
        (taken,) = preview(self.client, [file], replace=False)
        if not (taken.changes or taken.conflicts):
            self.notice(taken.problems[0].message if taken.problems else say("The plan has these already."), "failed")
        elif shown or taken.conflicts or taken.problems or file.kind != "table":
            self.import_(file)
        else:
            self._typed = ""
            self.client.take_over(file, replace=False)
            self.refresh_rows()
            self.form.go(f"{base_of(taken.changes[0].path)}.address")
            count = len({base_of(change.path) for change in taken.changes})
            self.notice(say("{count} machines taken in.", count=count), "done")

    @override
    def imported(self) -> None:
        self._typed = ""
        super().imported()

    @override
    def take(self, key: str, text: str) -> None:
        if key == IMPORT and text.strip():
            self.add(text, shown=True)

    async def _open_machine(self, path: str) -> None:
        from tui.screens.machine import MachineScreen

        await self.app.push_screen(MachineScreen(self.client, path))

    @override
    async def key_ctrl_d(self) -> None:
        """Takes the machine under the cursor out of the plan, after a question."""
        here = self.form.here
        if here is None or not here.key.startswith(f"{NODES}["):
            return
        from tui.screens.question import Question

        number = int(base_of(here.key)[len(NODES) + 1 : -1])
        node = self.client.session.plan.topology.nodes[number]
        question = say("Take {name} out of the plan? What was decided for it is forgotten.", name=node.name or "-")

        def remove(yes: bool | None) -> None:
            nodes = self.client.session.plan.topology.nodes
            if yes and number < len(nodes) and nodes[number] == node:
                self.client.decide(NODES, [*nodes[:number], *nodes[number + 1 :]])
                self.refresh_rows()

        await self.app.push_screen(Question(question), remove)

    # --- words -------------------------------------------------------------------------------------------------

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        here = self.form.here
        if here is None or not here.key.startswith(f"{NODES}["):
            return super().keys()
        return (("F1", say("help")), ("Enter", say("all of it")), ("^D", say("remove")), *self.KEYS[1:])

    @override
    def summary(self) -> str:
        return "  ".join(consequences(self.client.session.plan))

    @override
    def about_here(self) -> str:
        here = self.form.here
        name = here.key.rpartition(".")[2] if here is not None else ""
        if here is not None and here.key in {ADD, USUAL}:
            return say("Names with ranges, or a table pasted whole: name, address, MAC, disk in any order, one a line.")
        if here is not None and here.key == IMPORT:
            return say(
                "dhcpd.conf, dnsmasq.conf, DNS zones, haproxy.cfg, CSV, install-config.yaml, oc-mirror's results."
            )
        example = f"   {say('Example')} {EXAMPLES[name]}" if name in EXAMPLES else ""
        return f"{ABOUT.get(name, '')}{example}"

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        topics = super().help_topics()
        told = consequences(self.client.session.plan)
        return [*topics, (say("What follows"), "\n".join(told))] if told else topics

    @override
    def preview(self, plan: Plan) -> str:
        here = self.form.here
        if here is None or not here.key.startswith(f"{NODES}["):
            return super().preview(plan)
        from tui.screens.preview import kernel_line

        number = int(base_of(here.key)[len(NODES) + 1 : -1])
        return kernel_line(self.client.session, number)


def _machine(path: str, node: Node, drafts: dict[str, Draft], worst: dict[str, Trouble]) -> Row:
    cells = tuple(
        Cell(
            key=f"{path}.{name}",
            text=drafts[f"{path}.{name}"].text if f"{path}.{name}" in drafts else getattr(node, name),
            kind="choice" if name == "role" else "text",
            choices=ROLES if name == "role" else (),
            width=width,
            empty="-",
        )
        for name, _, width in COLUMNS
    )
    trouble = worst.get(path)
    mark = marks.mark(trouble.state) if trouble is not None else " "
    style = str(marks.rich_style(trouble.state)) if trouble is not None else ""
    return Row(label=mark, cells=cells, wide=True, style=style)


def base_of(key: str) -> str:
    """The machine that a cell of the table belongs to: `topology.nodes[2].mac` is of `topology.nodes[2]`."""
    return key[: key.index("]") + 1]


def counted(plan: Plan) -> str:
    """How many machines of each role."""
    nodes = plan.topology.nodes
    parts = [
        say("{count} {role}", count=sum(node.role == role for node in nodes), role=role)
        for role in ROLES
        if any(node.role == role for node in nodes)
    ]
    return ", ".join(parts)


def consequences(plan: Plan) -> list[str]:
    """What follows from the number of machines, in words."""
    masters, workers = len(nodes_of(plan, "master")), len(nodes_of(plan, "worker"))
    if not masters:
        return []
    if plan.topology.shape == "sno":
        return [
            say("One node, boot in place: its live system bootstraps the cluster, then installs itself to the disk."),
            say("No bootstrap machine, no load balancer, and no update without an interruption."),
        ]
    told = []
    if workers == 0:
        told.append(say("No workers: the control plane is schedulable, runs your pods, and ingress points at it."))
    if workers == 1:
        told.append(say("One worker: one router and one of each monitoring part; its loss stops both."))
    if masters in {2, 4}:
        told.append(say("{count} control plane nodes bear no more losses than one fewer.", count=masters))
    return told


def _headings() -> Row:
    line = "  ".join(f"{heading:<{width}}" for _, heading, width in COLUMNS)
    return Row(label=f"  {line}", style="dim", wide=True)


def _teaching() -> list[Row]:
    return [
        Row(label=say("None yet. The fastest ways to name them:"), wide=True),
        Row(label=f"  1  {say('type a range below:')}  master-[1-3] 192.168.31.[161-163]", style="dim", wide=True),
        Row(label=f"  2  {say('paste a table: one machine a line, columns in any order')}", style="dim", wide=True),
        Row(
            label=f"  3  {say('import a file: dhcpd.conf, a DNS zone, haproxy.cfg, CSV, install-config…')}",
            style="dim",
            wide=True,
        ),
    ]


def _adding(nodes: list[Node], typed: str) -> Row:
    cells: tuple[Cell, ...] = (Cell(key=ADD, text=typed, empty=say("name, range, or paste a table"), width=32),)
    if not nodes:
        cells = (*cells, Cell(key=USUAL, text=say("the usual machines"), kind="action", width=24))
    return Row(label=say("Add"), cells=cells, wide=True)


def _importing() -> Row:
    cell = Cell(key=IMPORT, kind="paste", empty=say("a file, by its path or pasted whole"), width=40)
    return Row(label=say("Import"), cells=(cell,), wide=True)
