"""Job "forget-host" {node}: takes a machine's pinned host key away, because the person says it was installed anew."""

from typing import Any

from tui.engine import board, nodes
from tui.engine.work import Refused, Work
from tui.links.ssh import forget_host
from tui.plan.endpoints import full_name
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives the node's full name and how many keys were forgotten. Whoever follows it tries again by itself."""
    desk, plan, name = work.desk, work.desk.plan, str(work.arguments["node"])
    node = board.planned(plan, name)
    if node is None or not node.address:
        raise Refused(say("{node} is not in the plan, or has no address there.", node=name))
    name = full_name(plan, node)
    try:
        forgotten = forget_host(nodes.target(desk, node))
    except OSError as error:
        why = error.strerror or str(error)
        place = desk.directory.known_hosts
        raise Refused(say("{file} cannot be written: {why}. Mend that and ask again.", file=place, why=why)) from error
    if forgotten:
        told = say("The pinned host key of {node} is forgotten; the next one it shows is pinned.", node=name)
        desk.store.tell("person", told, node=name)
    else:
        told = say("No host key of {node} was pinned.", node=name)
    work.progress(told)
    return {"node": name, "forgotten": forgotten}
