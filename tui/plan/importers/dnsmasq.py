"""dnsmasq.conf: its leases, ranges and options, and the names it answers for."""

import re
from typing import Any

from msgspec import Struct, field

from tui.plan import machine_words as words
from tui.plan.importers.dhcp_facts import DhcpFacts, Lease, Subnet, found
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.names import Names, of_cluster
from tui.plan.importers.texts import decoded
from tui.text import say

_OPTIONS = {
    "3": "routers", "router": "routers",
    "6": "domain-name-servers", "dns-server": "domain-name-servers", "dns6-server": "domain-name-servers",
    "15": "domain-name", "domain-name": "domain-name",
    "26": "interface-mtu", "mtu": "interface-mtu",
    "42": "ntp-servers", "ntp-server": "ntp-servers",
    "119": "domain-search", "domain-search": "domain-search",
}  # fmt: skip
_TIME = re.compile(r"\d+[smhdw]?|infinite|ignore")
MOST_LINES = 20_000


class _Facts(Struct, kw_only=True):
    subnets: list[Subnet] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(source: Source) -> Found:
    """What dnsmasq is told to say."""
    facts = _Facts()
    lines = decoded(source.data).split("\n")
    if len(lines) > MOST_LINES:
        raise Unreadable(say("There are more than {most} lines.", most=MOST_LINES))
    for line in lines:
        key, _, value = line.partition("#")[0].strip().partition("=")
        _setting(key.strip().lower(), value.strip(), facts)
    notes = list(dict.fromkeys(facts.notes))
    by_dhcp = found(
        DhcpFacts(subnets=facts.subnets, leases=facts.leases, options=facts.options, notes=notes), source.plan
    )
    by_name = of_cluster(Names(addresses=facts.addresses, aliases=facts.aliases), source.plan)
    values: dict[str, Any] = {**by_dhcp.values, **by_name.values}
    known = {machine.name for machine in by_dhcp.machines}
    more = [machine for machine in by_name.machines if machine.name.partition(".")[0] not in known]
    return Found(values=values, machines=[*by_dhcp.machines, *more], notes=[*by_dhcp.notes, *by_name.notes])


def _setting(key: str, value: str, facts: _Facts) -> None:
    parts = [part.strip() for part in value.split(",")]
    match key:
        case "dhcp-host":
            facts.leases.append(_lease(parts))
        case "dhcp-range":
            _range(parts, facts)
        case "dhcp-option" | "dhcp-option-force":
            _option(parts, facts)
        case "address" | "host-record" | "cname" | "ptr-record":
            _name(key, value, parts, facts)
        case "domain":
            facts.options.setdefault("domain-name", [parts[0]])
        case "conf-file" | "conf-dir" | "addn-hosts" | "dhcp-hostsfile":
            facts.notes.append(say("Files that this one names are not followed: import them too."))


def _lease(parts: list[str]) -> Lease:
    macs = [found_mac for found_mac in map(words.mac, parts) if found_mac]
    addresses = [one for one in map(words.address, parts) if one]
    rest = [part for part in parts if not (words.mac(part) or words.is_ip(part) or ":" in part)]
    names = [words.name(part) for part in rest if not _TIME.fullmatch(part)]
    return Lease(
        mac=macs[0] if macs else "", addresses=addresses, name=next((one for one in names if one), "")
    )  # fmt: skip


def _range(parts: list[str], facts: _Facts) -> None:
    ends = [one for one in map(words.address, parts) if one]
    if not ends or len(ends) < 2:
        return
    mask = ends[2] if len(ends) > 2 else ""
    length = next((part for part in parts if re.fullmatch(r"\d{2,3}", part)), "") if ":" in ends[0] else ""
    network = words.network(ends[0], mask or length or ("64" if ":" in ends[0] else "24"))
    if not mask and not length:
        facts.notes.append(say("A range has no netmask; {network} is assumed.", network=network))
    if network:
        facts.subnets.append(Subnet(network=network, ranges=[(ends[0], ends[1])]))


def _option(parts: list[str], facts: _Facts) -> None:
    while parts and re.match(r"(set|tag|vendor|encap|vi-encap):|\w+$", parts[0]) and not parts[0].isdigit():
        parts = parts[1:]
    if not parts:
        return
    name = _OPTIONS.get(parts[0].removeprefix("option:").removeprefix("option6:").lower(), "")
    if name:
        facts.options.setdefault(name, [part.strip("[]\"'") for part in parts[1:]])


def _name(key: str, value: str, parts: list[str], facts: _Facts) -> None:
    if key == "address":
        *domains, address = [part.strip() for part in value.strip("/").split("/")]
        for domain in domains[:50]:
            # it answers for the domain and all below it
            for whole in (domain.lstrip("."), f"*.{domain.lstrip('.')}"):
                facts.addresses.setdefault(whole.lower(), []).append(words.address(address))
    elif key == "host-record":
        for name in (words.name(part) for part in parts):
            if name and not words.is_ip(name) and not _TIME.fullmatch(name):
                facts.addresses.setdefault(name, []).extend(one for one in map(words.address, parts) if one)
    elif key == "cname" and len(parts) > 1:
        facts.aliases.update(dict.fromkeys(map(str.lower, parts[:-1]), parts[-1].lower()))
