"""The nodes' addresses: inside a machine network, used once, free before boot; and the gateway."""

import asyncio
from collections import Counter
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from msgspec import Struct

from tui.checks.model import Finding, Phase, Result
from tui.checks.world import Question, World, is_address, result, single
from tui.links import arp
from tui.plan.endpoints import listed
from tui.plan.model import Node, Plan
from tui.text import say

SECONDS = 10.0


class Place(Struct, frozen=True, kw_only=True):
    """One planned address of a node; a dual-stack node has two, and each is judged. `subject` tells them apart."""

    node: Node
    address: str
    subject: str


def questions(plan: Plan, phase: Phase) -> list[Question]:
    """Questions about planned addresses; without any address there is nothing to ask."""
    asked = [single("address.in-network", say("all nodes"), _in_network, 1.0)]
    if _asked_places(plan, phase):
        asked.append(Question(id="address.free", subject=say("all nodes"), ask=_free, seconds=SECONDS))
    gateways = listed(plan.network.gateway)
    if not gateways and not plan.network.dhcp:
        asked.append(single("gateway.answers", say("gateway"), _no_gateway, 1.0))
    return [*asked, *(_gateway_question(gateway) for gateway in gateways)]


async def _in_network(world: World) -> Finding:
    plan = world.plan
    networks = _networks(plan)
    planned = [(node, address) for node in plan.topology.nodes for address in listed(node.address)]
    if not networks or not planned:
        return Finding("unknown", say("The plan has no machine network or no addresses yet."))
    outside = [(node, address) for node, address in planned if not _inside(address, networks)]
    counts = Counter(_written(address) for _, address in planned)
    twice = [(node, address) for node, address in planned if counts[_written(address)] > 1]
    shown = ", ".join(map(str, networks))
    if not outside and not twice:
        return Finding(
            "ok", say("{count} addresses are in {networks}, each used once.", count=len(planned), networks=shown)
        )
    parts = [say("{names} is not in {networks}.", names=_names(outside), networks=shown)] if outside else []
    parts += [say("The same address is used more than once: {names}.", names=_names(twice))] if twice else []
    return Finding("failed", " ".join(parts), say("Correct these addresses in step Topology, or the machine networks."))


async def _free(world: World) -> list[Result]:
    """One ARP sweep for all nodes on this machine's networks; neighbours and ping for IPv6, ping behind a router."""
    places = _asked_places(world.plan, world.phase)
    if world.plan.lab:
        text = say("A rehearsal's machines live on loopback, where no ARP is spoken.")
        return [result("address.free", say("all nodes"), Finding("unknown", text))]
    heard = await _heard(world, [place.address for place in places])
    if world.phase != "before-boot":
        # The node itself may answer by now, and a ping does not tell who does: the question is over.
        places = [place for place in places if heard[place.address][1] is not True]
    return [result("address.free", place.subject, judge(world.phase, place, heard[place.address])) for place in places]


Heard = tuple[str, frozenset[str] | bool | None]
"""How it was asked ("ARP on eth0", "ping"), and what came: MACs, or whether ping was answered, None not askable."""


def judge(phase: Phase, place: Place, heard: Heard) -> Finding:
    """Whether somebody else uses the node's address."""
    how, came = heard
    where = say("Asked for {address} of {node} by {how}:", address=place.address, node=place.node.name, how=how)
    if came is None:
        return Finding("unknown", say("{where} that cannot be told from here.", where=where), say("Ask again later."))
    if not came:
        return Finding("ok", say("{where} nobody answers.", where=where))
    if came is True:
        fix = say("See which machine uses {address} already.", address=place.address)
        return Finding("failed", say("{where} something answers.", where=where), fix)
    return _judge_macs(phase, place, where, came)


def _judge_macs(phase: Phase, place: Place, where: str, macs: frozenset[str]) -> Finding:
    node = place.node
    text = say("{where} {macs} answers.", where=where, macs=", ".join(sorted(macs)))
    if macs != {node.mac.lower().replace("-", ":")}:
        fix = say(
            "{address} is taken: stop that machine, or give {node} another address.",
            address=place.address,
            node=node.name,
        )
        return Finding("failed", text, fix)
    if phase == "before-boot":
        return Finding("warning", text, say("{node} is on already; what runs on it?", node=node.name))
    return Finding("ok", text)


def _gateway_question(gateway: str) -> Question:
    return single("gateway.answers", gateway, lambda world: _gateway(world, gateway), SECONDS)


async def _no_gateway(_world: World) -> Finding:
    return Finding("unknown", say("The plan has no gateway yet."), say("Enter it in step Network."))


async def _gateway(world: World, gateway: str) -> Finding:
    plan = world.plan
    if not is_address(gateway):
        text = say("{gateway} is no IP address.", gateway=gateway)
        return Finding("unknown", text, say("Correct the gateway in step Network."))
    networks = _networks(plan)
    if networks and not _inside(gateway, networks):
        shown = ", ".join(map(str, networks))
        return Finding(
            "failed",
            say("{gateway} is not in {networks}.", gateway=gateway, networks=shown),
            say("Enter a gateway inside the machine network."),
        )
    if plan.lab:
        return Finding("unknown", say("A rehearsal has no gateway that could be asked."))
    return _judge_gateway(gateway, (await _heard(world, [gateway]))[gateway])


def _judge_gateway(gateway: str, heard: Heard) -> Finding:
    how, came = heard
    if came:
        return Finding("ok", say("Asked for {gateway} by {how}: it answers.", gateway=gateway, how=how))
    text = say("Asked for {gateway} by {how}: nobody answers.", gateway=gateway, how=how)
    if isinstance(came, frozenset):
        return Finding("failed", text, say("Correct the gateway in step Network, or start that router."))
    return Finding("unknown", text, say("From the machine network, see that {gateway} answers.", gateway=gateway))


async def _heard(world: World, addresses: list[str]) -> dict[str, Heard]:
    return dict(zip(addresses, await asyncio.gather(*(_hear(world, address) for address in addresses)), strict=True))


async def _hear(world: World, address: str) -> Heard:
    if _written(address) in arp.own_addresses():
        return say("looking at this machine"), frozenset({say("this machine itself")})
    interface = arp.interface_for(address)
    if interface is not None and ip_address(address).version == 4:
        wanted = [a for a in _all_addresses(world.plan) if ip_address(a) in ip_network(interface.network)]
        with suppress(PermissionError):
            swept = await world.once(("arp", interface.name), lambda: arp.sweep(interface, wanted))
            return say("ARP on {interface}", interface=interface.name), frozenset(swept[address])
    async with world.pings:
        pinged = await arp.ping(address)
        if interface is None or ip_address(address).version == 4:
            return "ping", pinged
        macs = await arp.neighbour(interface, address)
    if pinged and not macs:
        return "ping", pinged
    how = say("neighbour discovery on {interface}", interface=interface.name)
    return how, None if macs is None else frozenset(macs)


def _all_addresses(plan: Plan) -> list[str]:
    """What one ARP sweep asks for: the IPv4 addresses of nodes and gateway."""
    texts = [*(node.address for node in plan.topology.nodes), plan.network.gateway]
    found = [address for text in texts for address in listed(text)]
    return list(dict.fromkeys(a for a in found if is_address(a) and ip_address(a).version == 4))


def _asked_places(plan: Plan, phase: Phase) -> list[Place]:
    gone = "bootstrap" if phase == "after-bootstrap" else ""
    found = []
    for node in plan.topology.nodes:
        own = [address for address in listed(node.address) if is_address(address) and node.role != gone]
        for address in own:
            subject = say("{node} {address}", node=node.name, address=address) if len(own) > 1 else node.name
            found.append(Place(node=node, address=address, subject=subject))
    return found


def _networks(plan: Plan) -> list[IPv4Network | IPv6Network]:
    found = []
    for text in plan.network.machine_networks:
        with suppress(ValueError):
            found.append(ip_network(text, strict=False))
    return found


def _inside(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    return is_address(address) and any(ip_address(address) in network for network in networks)


def _written(address: str) -> str:
    """The address in its shortest form, so that two spellings of one are the same."""
    return str(ip_address(address)) if is_address(address) else address


def _names(planned: list[tuple[Node, str]]) -> str:
    return ", ".join(f"{node.name} {address}" for node, address in planned)
