"""Job "power" {nodes, action}: switches machines through their controllers, several at once.

`action` is "on", "off", "restart", or "install": start once from what the file server gives, the live ISO as a virtual
CD or the network, as the plan's boot method says. Beginning anew is harmless for all but "restart" and "install": a
machine that was switched by the engine before is not switched again.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

from tui.boot.admission import ISO
from tui.boot.model import Fact
from tui.checks import trust
from tui.engine import board
from tui.engine.work import Desk, Refused, Work
from tui.links import http, redfish, tls
from tui.links.redfish_power import Action, Machine, RedfishFailed, machine
from tui.plan.endpoints import endpoint
from tui.plan.model import Node, Plan
from tui.session.served import base_url
from tui.text import say

AT_ONCE = 8
INSTALL = "install"
ACTIONS: tuple[Action, ...] = ("on", "off", "restart")
_TOLD = {
    "on": say("{node} switched on"),
    "off": say("{node} switched off"),
    "restart": say("{node} restarted"),
    INSTALL: say("{node} started to be installed"),
}


async def run(work: Work) -> dict[str, Any]:
    """Gives the names of the machines that were switched. Raises Refused with why for each that was not."""
    desk, plan = work.desk, work.desk.plan
    action = str(work.arguments["action"])
    named = set(work.arguments["nodes"])
    nodes = [node for node in plan.topology.nodes if node.name in named]
    if not nodes or action not in _TOLD:
        raise Refused(say("There is nothing to switch: no machine of the plan was named."))
    if action == INSTALL:
        _serving(desk, plan)
    key = f"power-{work.job.id}"
    done = set(desk.store.kept(key).decode().split())
    gate, failed = asyncio.Semaphore(AT_ONCE), []

    async def one(node: Node) -> None:
        async with gate:
            try:
                state = await _switch(desk, plan, node, action)
            except RedfishFailed as error:
                failed.append(say("{node} ({address}): {why}.", node=node.name, address=node.bmc.address, why=error))
                return
        done.add(node.name)
        desk.store.keep(key, " ".join(done).encode())
        seen = Fact(kind="power", node=node.name, value=state.lower(), time=desk.store.clock())
        board.take(desk.store, plan, seen)
        desk.store.tell("person", say(_TOLD[action], node=node.name), node=node.name, action=action)
        work.progress(say(_TOLD[action], node=node.name), len(done), len(nodes))

    work.progress(say("Asking {count} controllers…", count=len(nodes)))
    await asyncio.gather(*(one(node) for node in nodes if node.name not in done))
    if failed:
        raise Refused(desk.redact(" ".join(sorted(failed))))
    return {"action": action, "nodes": sorted(done)}


def _serving(desk: Desk, plan: Plan) -> None:
    """A machine that starts to be installed must find its files. Raises Refused."""
    if plan.boot.method == "iso":
        raise Refused(
            say("With boot method iso each machine is started from its own medium: choose pxe or redfish, or do that.")
        )
    if not any(job.kind == "serve" and job.state == "running" for job in desk.store.unfinished()):
        raise Refused(say("The file server is not running: start it first, or the machines find nothing to install."))


async def _switch(desk: Desk, plan: Plan, node: Node, action: str) -> str:
    """Gives the power state afterwards."""
    async with _reached(desk, plan, node) as there:
        if action != INSTALL:
            return await there.switch(next(known for known in ACTIONS if known == action))
        return await _install(there, plan, f"{base_url(desk.store, plan)}/{ISO}")


async def _install(there: Machine, plan: Plan, image: str) -> str:
    if plan.boot.method == "redfish":
        await there.insert(image)
        await there.boot_once("cd")
    else:
        await there.boot_once("network")
    return await there.switch("restart" if await there.power() == "On" else "on")


def _reached(desk: Desk, plan: Plan, node: Node) -> AbstractAsyncContextManager[Machine]:
    bmc = node.bmc
    if not bmc.address:
        raise RedfishFailed(say("the plan names no controller for it"))
    try:
        password = desk.secrets.read(bmc.password).decode("utf-8", "replace").rstrip("\r\n")
    except (OSError, ValueError):
        password = ""
    context = trust.context(plan.pull_secret.trust_bundle) if bmc.verify_tls else tls.blind()
    place = endpoint(plan, *http.host_port(redfish.base_url(bmc.address)))
    return machine(bmc.address, bmc.user, password, context=context, place=place)
