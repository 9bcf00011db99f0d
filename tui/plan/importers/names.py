"""What names tell of a cluster: its domain, its load balancers, its machines."""

import re
from typing import Any

from msgspec import Struct, field

from tui.plan import machine_words as words
from tui.plan.importers.found import Found, is_planned
from tui.plan.machine_words import Machine
from tui.plan.model import Plan
from tui.text import say

_TELLING = re.compile(r"(?:(api-int)|(api)|(\*\.apps))\.(.+)")
_GONE = re.compile(r"(?:etcd-\d+|_etcd-server-ssl\._tcp)\.")
MOST = 1000


class Names(Struct, frozen=True, kw_only=True):
    """Absolute names in lower case without the last dot: their addresses, and what aliases stand for."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    reverse: dict[str, str] = field(default_factory=dict)


def of_cluster(names: Names, plan: Plan) -> Found:
    """The cluster that these names make: whichever domain has an api or *.apps."""
    known = {name: _resolved(name, names) for name in [*names.addresses, *names.aliases]}
    domains = _domains(known)
    if len(domains) > 1:
        many = say("Names of several clusters are here; only {domain} is taken.", domain=domains[0])
        return _found(domains[0], known, names, plan, [many])
    return _found(domains[0] if domains else "", known, names, plan, [])


def _domains(known: dict[str, list[str]]) -> list[str]:
    """The clusters' domains, the one with most of its three names first."""
    counts: dict[str, int] = {}
    for name in known:
        match = _TELLING.fullmatch(name)
        if match and "." in match[4] and words.name(match[4]):
            counts[match[4]] = counts.get(match[4], 0) + 1
    return sorted(counts, key=lambda domain: -counts[domain])


def _resolved(name: str, names: Names) -> list[str]:
    for _ in range(8):
        if name in names.addresses:
            return [address for address in names.addresses[name] if address]
        name = names.aliases.get(name, "")
    return []


def _found(domain: str, known: dict[str, list[str]], names: Names, plan: Plan, notes: list[str]) -> Found:
    values: dict[str, Any] = {}
    if domain:
        cluster, _, base = domain.partition(".")
        values |= {"topology.cluster_name": cluster, "topology.base_domain": base}
    for label, path in (("api", "api"), ("api-int", "api_int"), ("*.apps", "ingress")):
        address = words.preferred(known.get(f"{label}.{domain}", [])) if domain else ""
        if address:
            values[f"network.load_balancer.{path}"] = address
    machines, others = _machines(domain, known, names.reverse, plan)
    if any(_GONE.match(name) for name in known):
        notes.append(say("Names of etcd are here; OpenShift needs none since 4.4."))
    if others:
        notes.append(say("Names that tell no role (bootstrap, master, worker…) are left out: {count}.", count=others))
    return Found(values=values, machines=machines[:MOST], notes=notes)


def _machines(
    domain: str, known: dict[str, list[str]], reverse: dict[str, str], plan: Plan
) -> tuple[list[Machine], int]:
    pairs = [(name, words.preferred(addresses)) for name, addresses in known.items()]
    forward = {name for name, _ in pairs}
    pairs += [(name, address) for address, name in reverse.items() if name not in forward]
    machines: dict[str, Machine] = {}
    others = 0
    for name, address in pairs:
        if not address or not words.name(name) or _TELLING.fullmatch(name) or _GONE.match(name) or ".apps." in name:
            continue
        role = words.role_of_name(name)
        label = name.partition(".")[0]
        ours = name == f"{label}.{domain}" if domain else True
        if ours and (role or is_planned(plan, name, label, address)):
            machines.setdefault(name, Machine(role=role, name=name, address=address))
        else:
            others += 1
    return list(machines.values()), others
