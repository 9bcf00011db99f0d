"""The nodes' addresses: inside a machine network, used once, free before boot; and the gateway."""

import asyncio
from collections import Counter
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from tui.checks.model import Finding, Phase, Result
from tui.checks.world import Question, World, is_address, result, single
from tui.links import arp
from tui.plan.model import Node, Plan
from tui.text import say

SECONDS = 10.0


def questions(plan: Plan, phase: Phase) -> list[Question]:
    """Questions about planned addresses; without any address there is nothing to ask."""
    asked = [single("address.in-network", say("all nodes"), _in_network, 1.0)]
    if _asked_nodes(plan, phase):
        asked.append(Question(id="address.free", subject=say("all nodes"), ask=_free, seconds=SECONDS))
    if plan.network.gateway or not plan.network.dhcp:
        asked.append(single("gateway.answers", plan.network.gateway or say("gateway"), _gateway, SECONDS))
    return asked


async def _in_network(world: World) -> Finding:
    plan = world.plan
    networks, nodes = _networks(plan), [node for node in plan.topology.nodes if node.address]
    if not networks or not nodes:
        return Finding("unknown", say("The plan has no machine network or no addresses yet."))
    outside = [
        n for n in nodes if not is_address(n.address) or not any(ip_address(n.address) in net for net in networks)
    ]
    counts = Counter(node.address for node in nodes)
    twice = [node for node in nodes if counts[node.address] > 1]
    shown = ", ".join(map(str, networks))
    if not outside and not twice:
        return Finding(
            "ok", say("{count} addresses are in {networks}, each used once.", count=len(nodes), networks=shown)
        )
    parts = [say("{names} is not in {networks}.", names=_names(outside), networks=shown)] if outside else []
    parts += [say("The same address is used more than once: {names}.", names=_names(twice))] if twice else []
    return Finding("failed", " ".join(parts), say("Correct these addresses in step Topology, or the machine networks."))


async def _free(world: World) -> list[Result]:
    """One ARP sweep for all nodes on this machine's networks; ping for those behind a router."""
    nodes = _asked_nodes(world.plan, world.phase)
    if world.plan.lab:
        text = say("A rehearsal's machines live on loopback, where no ARP is spoken.")
        return [result("address.free", say("all nodes"), Finding("unknown", text))]
    heard = await _heard(world, [node.address for node in nodes])
    return [result("address.free", node.name, judge(world.phase, node, heard[node.address])) for node in nodes]


Heard = tuple[str, frozenset[str] | bool | None]
"""How it was asked ("ARP on eth0", "ping"), and what came: MACs, or whether ping was answered, None not askable."""


def judge(phase: Phase, node: Node, heard: Heard) -> Finding:
    """Whether somebody else uses the node's address."""
    how, came = heard
    where = say("Asked for {address} of {node} by {how}:", address=node.address, node=node.name, how=how)
    if came is None:
        return Finding("unknown", say("{where} that cannot be done here.", where=where))
    if not came:
        return Finding("ok", say("{where} nobody answers.", where=where))
    if came is True:
        text = say("{where} something answers.", where=where)
        if phase == "before-boot":
            return Finding("failed", text, say("See which machine uses {address} already.", address=node.address))
        return Finding("unknown", say("{text} Ping cannot tell whether it is the node.", text=text))
    return _judge_macs(phase, node, where, came)


def _judge_macs(phase: Phase, node: Node, where: str, macs: frozenset[str]) -> Finding:
    text = say("{where} {macs} answers.", where=where, macs=", ".join(sorted(macs)))
    if macs != {node.mac.lower().replace("-", ":")}:
        fix = say(
            "{address} is taken: stop that machine, or give {node} another address.",
            address=node.address,
            node=node.name,
        )
        return Finding("failed", text, fix)
    if phase == "before-boot":
        return Finding("warning", text, say("{node} is on already; what runs on it?", node=node.name))
    return Finding("ok", text)


async def _gateway(world: World) -> Finding:
    plan, gateway = world.plan, world.plan.network.gateway
    if not is_address(gateway):
        return Finding("unknown", say("The plan has no gateway yet."), say("Enter it in step Network."))
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
    if address in arp.own_addresses():
        return say("looking at this machine"), frozenset({say("this machine itself")})
    interface = arp.interface_for(address) if ip_address(address).version == 4 else None
    if interface is not None:
        wanted = [a for a in _all_addresses(world.plan) if ip_address(a) in ip_network(interface.network)]
        with suppress(PermissionError):
            swept = await world.once(("arp", interface.name), lambda: arp.sweep(interface, wanted))
            return say("ARP on {interface}", interface=interface.name), frozenset(swept[address])
    async with world.pings:
        return "ping", await arp.ping(address)


def _all_addresses(plan: Plan) -> list[str]:
    found = [node.address for node in plan.topology.nodes] + [plan.network.gateway]
    return list(dict.fromkeys(a for a in found if is_address(a) and ip_address(a).version == 4))


def _asked_nodes(plan: Plan, phase: Phase) -> list[Node]:
    gone = "bootstrap" if phase == "after-bootstrap" else ""
    return [node for node in plan.topology.nodes if is_address(node.address) and node.role != gone]


def _networks(plan: Plan) -> list[IPv4Network | IPv6Network]:
    found = []
    for text in plan.network.machine_networks:
        with suppress(ValueError):
            found.append(ip_network(text, strict=False))
    return found


def _inside(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    return is_address(address) and any(ip_address(address) in network for network in networks)


def _names(nodes: list[Node]) -> str:
    return ", ".join(f"{node.name} {node.address}" for node in nodes)
