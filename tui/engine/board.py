"""Each machine's place in its boot, from the file server and what follows; kept with the node's row."""

from msgspec.structs import replace

from tui.boot import advance
from tui.boot.model import Fact, NodeState
from tui.plan.endpoints import full_name
from tui.plan.model import Node, Plan
from tui.session.rows import NodeRow
from tui.session.store import Store


def take(store: Store, plan: Plan, fact: Fact) -> NodeState | None:
    """Takes one thing seen of a node; gives its new state where that changed. A node nobody planned is no node."""
    node = planned(plan, fact.node)
    if node is None:
        return None
    name = full_name(plan, node)
    row = store.fact(NodeRow, name) or NodeRow(name=name, role=node.role)
    before = NodeState(node=node.name, role=node.role, state=row.boot, since=row.boot_since, detail=row.boot_detail)
    after = advance(before, replace(fact, node=node.name))
    if after == before:
        return None
    store.put(replace(row, role=node.role, boot=after.state, boot_detail=after.detail, boot_since=after.since))
    return after


def planned(plan: Plan, name: str) -> Node | None:
    """The plan's node of this name or full name."""
    return next((node for node in plan.topology.nodes if name in (node.name, full_name(plan, node))), None)
