"""The records that name servers must have for a plan, a question each."""

import secrets

from msgspec import Struct

from tui.checks.model import Phase
from tui.checks.registries import registry_hosts
from tui.checks.world import address_kinds, is_address
from tui.links.dns import reverse
from tui.plan.endpoints import addresses, cluster_domain, full_name, nodes_of
from tui.plan.model import Plan


class Record(Struct, frozen=True, kw_only=True):
    """A record that must be: `expected` is its only right value, "" where any address will do.

    `kinds` are the record types of which the first one there is counts: one, but for a name of which the plan of a
    dual-stack cluster does not know the family. `address` is what a PTR record stands for.
    """

    id: str
    name: str
    kinds: tuple[str, ...] = ("A",)
    expected: str = ""
    address: str = ""
    alias_allowed: bool = False

    @property
    def kind(self) -> str:
        """The record type in words."""
        return " or ".join(self.kinds)

    @property
    def shown(self) -> str:
        """The subject, the same from run to run: a star for the random label, the address of a reverse record."""
        name = f"*.{self.name.partition('.')[2]}" if self.id == "dns.apps" else self.name
        return self.address or (f"{name} AAAA" if self.kinds == ("AAAA",) else name)


def records(plan: Plan, phase: Phase) -> list[Record]:
    """The records this plan needs, one for each address (reference: "DNS records" of the installation guide)."""
    hosts = [host for host in registry_hosts(plan) if not is_address(host)]
    wanted = [Record(id="dns.mirror", name=host, kinds=address_kinds(plan)) for host in hosts]
    domain = cluster_domain(plan)
    if not domain:
        return wanted
    balancer, nodes = plan.network.load_balancer, plan.topology.nodes
    alone = next((n.address for n in nodes_of(plan, "master")), "") if plan.topology.shape == "sno" else ""
    api = addresses(balancer.api) or addresses(alone)
    wanted += _forward(plan, "dns.api", f"api.{domain}", api, alias=True)
    wanted += _forward(plan, "dns.api-int", f"api-int.{domain}", addresses(balancer.api_int) or api, alias=True)
    ingress = addresses(balancer.ingress) or addresses(alone)
    wanted += _forward(plan, "dns.apps", f"{random_label()}.apps.{domain}", ingress, alias=True)
    for node in nodes:
        if node.role == "bootstrap" and phase == "after-bootstrap":
            continue
        id_ = "dns.bootstrap" if node.role == "bootstrap" else "dns.node"
        name, own = full_name(plan, node), addresses(node.address)
        wanted += _forward(plan, id_, name, own)
        wanted += [_reverse(address, name.lower()) for address in own]
    return wanted


def random_label() -> str:
    """A label nobody has a record for."""
    return f"check-{secrets.token_hex(4)}"


def _forward(plan: Plan, id_: str, name: str, expected: list[str], *, alias: bool = False) -> list[Record]:
    if not expected:
        return [Record(id=id_, name=name, kinds=address_kinds(plan), alias_allowed=alias)]
    return [
        Record(id=id_, name=name, kinds=("AAAA" if ":" in address else "A",), expected=address, alias_allowed=alias)
        for address in expected
    ]


def _reverse(address: str, name: str) -> Record:
    return Record(id="dns.node-ptr", name=reverse(address), kinds=("PTR",), expected=name, address=address)
