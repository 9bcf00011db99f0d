"""What any DHCP server's file says, made into findings: the same for ISC's dhcpd and for dnsmasq."""

import ipaddress
from typing import Any

from msgspec import Struct, field

from tui.plan import machine_words as words
from tui.plan.importers.found import Found, is_planned
from tui.plan.machine_words import Machine
from tui.plan.model import Plan
from tui.text import say

MOST = 1000


class Subnet(Struct, kw_only=True):
    """One subnet with the options that hold in it (ISC's names) and its ranges, first and last address."""

    network: str
    options: dict[str, list[str]] = field(default_factory=dict)
    ranges: list[tuple[str, str]] = field(default_factory=list)


class Lease(Struct, frozen=True, kw_only=True):
    """One machine that always gets the same addresses, with the options that hold for it."""

    name: str = ""
    mac: str = ""
    addresses: list[str] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)


class DhcpFacts(Struct, frozen=True, kw_only=True):
    """A whole file. `options` hold where no subnet says otherwise."""

    subnets: list[Subnet] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def found(facts: DhcpFacts, plan: Plan) -> Found:
    """The machines with a role in a cluster, and the network they are in."""
    told = [lease for lease in facts.leases[:MOST] if _is_ours(lease, plan)]
    others = len(facts.leases[:MOST]) - len(told)
    notes = list(facts.notes)
    if len(facts.leases) > MOST:
        notes.append(say("There are more than {most} hosts; only the first are looked at.", most=MOST))
    if others:
        notes.append(
            say("Hosts whose names tell no role (bootstrap, master, worker…) are left out: {count}.", count=others)
        )
    homes = _homes(facts.subnets, told)
    values: dict[str, Any] = {"network.machine_networks": [home.network for home in homes]} if homes else {}
    nearest = [*(home.options for home in homes), *(lease.options for lease in told[:1]), facts.options]
    values |= _options(nearest)
    ranges = [one for home in homes for one in home.ranges]
    if ranges:
        values["network.dhcp_range"] = f"{ranges[0][0]}-{ranges[0][1]}"
    if len(ranges) > 1:
        notes.append(say("There are {count} ranges; the first is taken.", count=len(ranges)))
    if told or ranges:
        values["network.dhcp"] = True
    return Found(values=values, machines=[_machine(lease) for lease in told], notes=notes)


def _is_ours(lease: Lease, plan: Plan) -> bool:
    return bool(words.role_of_name(lease.name)) or is_planned(plan, lease.name, lease.mac, *lease.addresses)


def _machine(lease: Lease) -> Machine:
    return Machine(
        role=words.role_of_name(lease.name),
        name=lease.name,
        mac=lease.mac,
        address=words.preferred(lease.addresses),
    )


def _homes(subnets: list[Subnet], leases: list[Lease]) -> list[Subnet]:
    """The subnets that the machines are in; all of them where no machine has an address."""
    addresses = [ipaddress.ip_address(one) for lease in leases for one in lease.addresses]
    homes = [one for one in subnets[:MOST] if _holds_any(one.network, addresses)]
    return homes or (subnets if len(subnets) <= 2 and not addresses else [])


def _holds_any(network: str, addresses: list[Any]) -> bool:
    whole = ipaddress.ip_network(network)
    return any(address in whole for address in addresses)


def _options(nearest: list[dict[str, list[str]]]) -> dict[str, Any]:
    def all_of(name: str) -> list[str]:
        """Of the nearest place that says it; dnsmasq's 0.0.0.0 means its own address, which the file does not tell."""
        said = next((options[name] for options in nearest if options.get(name)), [])
        return [one for one in said if one not in {"0.0.0.0", "::"}]  # noqa: S104

    values: dict[str, Any] = {}
    routers = [one for one in map(words.address, all_of("routers")) if one]
    servers = [one for one in map(words.address, all_of("domain-name-servers")) if one]
    times = [words.address(one) or words.name(one) for one in all_of("ntp-servers")]
    domains = [words.name(one) for one in [*all_of("domain-search"), *all_of("domain-name")]]
    mtu = next(iter(all_of("interface-mtu")), "")
    if routers:
        values["network.gateway"] = routers[0]
    if servers:
        values["network.name_servers"] = list(dict.fromkeys(servers))
    if any(times):
        values["network.ntp_servers"] = [one for one in dict.fromkeys(times) if one]
    if any(domains):
        values["network.search_domain"] = next(one for one in domains if one)
    if mtu.isascii() and mtu.isdigit() and 576 <= int(mtu[:6]) <= 9216:
        values["network.mtu"] = int(mtu)
    return values
