"""Machines switched through their controllers: one, or all that have not begun; never without a plain question."""

from collections.abc import Callable

from tui.plan.endpoints import full_name
from tui.plan.model import Node, Plan
from tui.screens.choice_page import ChoicePage, Row
from tui.screens.client import Client
from tui.session.rows import NodeRow
from tui.text import say

Ask = Callable[[str, Callable[[], None]], None]
"""Asks a question, and does what it is given where the answer is yes."""
UNTOUCHED = ("unknown", "off", "on")
"""Boot states of a machine that has not begun: one that writes its disk must not be restarted with all the others."""
KEYS = (
    ("i", say("install")),
    ("I", say("all not begun")),
    ("o", say("on")),
    ("x", say("off")),
    ("r", say("restart")),
)
_ACTIONS = {"i": "install", "o": "on", "x": "off", "r": "restart"}


def power_page(client: Client, ask: Ask) -> ChoicePage:
    """Every machine with where it is in its boot, and the keys that switch it."""

    def rows() -> list[Row]:
        known = {row.name: row for row in client.session.store.facts(NodeRow)}
        plan = client.session.plan
        return [_row(node, known.get(full_name(plan, node))) for node in plan.topology.nodes]

    def act(key: str, name: str) -> bool:
        plan = client.session.plan
        nodes = not_begun(client) if key == "I" else [node for node in with_controller(plan) if node.name == name]
        action = "install" if key == "I" else _ACTIONS.get(key)
        if action and nodes:
            names = [node.name for node in nodes]
            ask(question(plan, nodes, action), lambda: _request(client, names, action))
        return False

    about = say("Each is asked through Redfish, with the account that the plan has for it. Esc, then see how it goes.")
    empty = say("No machines are planned yet (F2).")
    return ChoicePage(say("Machines, through their controllers"), about, rows, act, keys=KEYS, empty=empty)


def _request(client: Client, names: list[str], action: str) -> None:
    client.request("power", nodes=names, action=action)


def with_controller(plan: Plan) -> list[Node]:
    """The nodes whose controller the plan names."""
    return [node for node in plan.topology.nodes if node.bmc.address]


def not_begun(client: Client) -> list[Node]:
    """Those of them that nobody has seen come for their files yet."""
    plan = client.session.plan
    begun = {row.name for row in client.session.store.facts(NodeRow) if row.boot not in UNTOUCHED}
    return [node for node in with_controller(plan) if full_name(plan, node) not in begun]


def question(plan: Plan, nodes: list[Node], action: str) -> str:
    """What is about to happen, and what is lost by it."""
    names = ", ".join(node.name for node in nodes)
    if action == "on":
        return say("Switch {names} on?", names=names)
    if action == "off":
        return say("Switch {names} off at once, as if the plug were pulled?", names=names)
    if action == "restart":
        return say("Restart {names} at once, as if the reset button were pressed?", names=names)
    disks = ", ".join(sorted({node.disk for node in nodes if node.disk})) or say("the install disk")
    told = say(
        "Restart {names} from what this bastion serves? What is on {disks} there is lost once the installer writes.",
        names=names,
        disks=disks,
    )
    if plan.boot.method == "redfish":
        told += say("  The live ISO knows no kernel arguments: add each machine's at its console (step Boot, Enter).")
    return told


def _row(node: Node, known: NodeRow | None) -> Row:
    if not node.bmc.address:
        return Row(node.name, "todo", f"{node.name:<16} {node.role:<10} {say('no controller is planned for it')}")
    boot = known.boot if known is not None else "unknown"
    detail = known.boot_detail if known is not None else ""
    state = "done" if boot in ("joined", "ready") else "todo" if boot in UNTOUCHED else "now"
    return Row(node.name, state, f"{node.name:<16} {node.role:<10} {boot:<11} {node.bmc.address}  {detail}")
