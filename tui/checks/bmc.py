"""The nodes' management controllers, where the plan names any."""

from tui.checks import trust
from tui.checks.model import Finding, Phase
from tui.checks.world import Question, World, single
from tui.links import http, redfish, tls
from tui.plan.endpoints import endpoint
from tui.plan.model import Node, Plan
from tui.text import say

SECONDS = 14.0


def questions(plan: Plan, _phase: Phase) -> list[Question]:
    """One question for each node that has a BMC."""
    return [_question(node) for node in plan.topology.nodes if node.bmc.address]


def _question(node: Node) -> Question:
    return single("bmc.redfish", node.name, lambda world: _ask(world, node), SECONDS)


async def _ask(world: World, node: Node) -> Finding:
    bmc = node.bmc
    password = world.text_secret(bmc.password)
    if password is None:
        text = say("The BMC password of {node} is not there.", node=node.name)
        return Finding("unknown", text, say("Enter it in step Topology."))
    context = trust.context(world.plan.pull_secret.trust_bundle) if bmc.verify_tls else tls.blind()
    place = endpoint(world.plan, *http.host_port(redfish.base_url(bmc.address)))
    said = await redfish.look(bmc.address, bmc.user, password, context=context, place=place)
    where = say("Asked {url} as {user}", url=redfish.base_url(bmc.address), user=bmc.user or say("nobody"))
    if said.kind == "ok":
        power = said.power or say("unknown")
        text = say("{where}: Redfish {version}, power {power}.", where=where, version=said.version, power=power)
        return Finding("ok", text)
    detail = said.detail
    if said.kind == "untrusted":
        seen = await tls.greet(*place, name=place[0])
        detail += say("; it shows {certificate}", certificate=trust.fingerprinted(seen.certificate))
    fixes = {
        "unauthorised": "Correct user or password of the BMC of {node}.",
        "untrusted": "Compare the fingerprint of {address} with the BMC's own page, then put its authority into the "
        "trust bundle or turn verification off for {node}.",
        "unreachable": "See that the BMC of {node} is at {address}, and that this machine may reach its network.",
        "strange": "See that {address} is the BMC of {node} and that Redfish is turned on there.",
    }
    return Finding(
        "failed",
        say("{where}: {detail}.", where=where, detail=detail),
        say(fixes[said.kind], node=node.name, address=bmc.address),
    )
