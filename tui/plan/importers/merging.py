"""Findings put into a plan: they fill what is open; what is decided otherwise stays and is told, unless asked."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from tui.plan import fields, pem
from tui.plan import machine_words as words
from tui.plan.importers.found import Change, Found, Taken
from tui.plan.machine_words import Machine
from tui.plan.model import MirrorSource, Node, Plan
from tui.text import say

NODES = "topology.nodes"
MOST_PROBLEMS = 100
_UNDECIDED = Plan()
_OF_MACHINE = {
    "role": "role", "name": "name", "address": "address", "mac": "mac", "interface": "interface", "disk": "disk",
    "bmc.address": "bmc", "bmc.user": "bmc_user",
}  # fmt: skip
"""A node's fields, and where a machine has them."""
_SECRET_FIELDS = ("pull_secret.pull_secret", "pull_secret.mirror_credentials", "network.proxy.credentials")


def merge(plan: Plan, found: Found, *, force: bool = False, secret: Callable[[str], bytes] = lambda _: b"") -> Taken:
    """The plan with what was found. `force` lets the file win over what is decided."""
    merging = _Merging(plan, found, force, secret)
    for path, value in found.values.items():
        merging.value(path, value)
    for machine in found.machines:
        merging.machine(machine)
    return Taken(
        plan=merging.plan,
        changes=merging.changes,
        conflicts=merging.conflicts,
        notes=[*found.notes, *merging.notes],
        problems=found.problems[:MOST_PROBLEMS],
        secrets=merging.secrets,
    )


def shown(path: str, value: Any) -> str:
    """A value as a message may have it: no secret, nothing longer than a line."""
    if path == "pull_secret.ssh_key":
        return say("an SSH key ({kind})", kind=value.partition(" ")[0]) if value else ""
    if path == "pull_secret.trust_bundle":
        count = value.count("-----BEGIN CERTIFICATE-----")
        return say("1 certificate") if count == 1 else say("{count} certificates", count=count) if count else ""
    if path == "network.mirrors":
        return ", ".join(source.source for source in value)
    text = fields.text(value).replace("\n", ", ")
    return text if len(text) <= 120 else f"{text[:119]}…"


class _Merging:
    def __init__(self, plan: Plan, found: Found, force: bool, secret: Callable[[str], bytes]) -> None:
        self.plan = plan
        self.changes: list[Change] = []
        self.conflicts: list[Change] = []
        self.notes: list[str] = []
        self.secrets: dict[str, bytes] = {}
        self._offered = found.secrets
        self._force = force
        self._kept = secret

    def value(self, path: str, value: Any) -> None:
        """One field of the plan."""
        old = fields.get(self.plan, path)
        if path == "network.mirrors":
            value = self._mirrors(old, value)
        elif path == "pull_secret.trust_bundle":
            value = _joined(old, value)
        elif path in _SECRET_FIELDS:
            self._secret(path, old, value)
            return
        elif old not in (fields.get(_UNDECIDED, path), value) and not self._force:
            self.conflicts.append(Change(path, shown(path, old), shown(path, value)))
            return
        if value != old:
            self._decide(path, value, shown(path, old), shown(path, value))

    def machine(self, machine: Machine) -> None:
        """One machine: the plan's own where name, MAC or address say so, else one that has no name yet, else new."""
        machine = replace(machine, name=self._short(machine.name))
        number = self._place_of(machine)
        if number is None:
            self._add(machine)
            return
        for path, name in _OF_MACHINE.items():
            value = getattr(machine, name)
            if value:
                self._fill(f"{NODES}[{number}].{path}", value)
        self._password(machine, number)

    def _mirrors(self, old: list[MirrorSource], new: list[MirrorSource]) -> list[MirrorSource]:
        known = {source.source: source for source in old}
        for source in new:
            before = known.get(source.source)
            if before is None or self._force:
                known[source.source] = source
            elif before != source:
                self.conflicts.append(
                    Change("network.mirrors", fields.text(before)[:200], fields.text(source)[:200])
                )  # fmt: skip
        return list(known.values())

    def _secret(self, path: str, old: str, name: str) -> None:
        if old and self._kept(old) == self._offered[name]:
            return
        if old and not self._force:
            self.conflicts.append(Change(path, say("a secret"), say("another secret")))
            return
        self.secrets[name] = self._offered[name]
        self._decide(path, name, say("a secret") if old else "", say("a secret, stored for your eyes only"))

    def _decide(self, path: str, value: Any, old: str, new: str) -> None:
        self.plan = fields.replace(self.plan, path, value)
        self.changes.append(Change(path, old, new))

    def _fill(self, path: str, value: str) -> None:
        old = fields.get(self.plan, path)
        if not old or self._force:
            if old != value:
                self._decide(path, value, old, value)
        elif _folded(path, old) != _folded(path, value):
            self.conflicts.append(Change(path, shown(path, old), value))

    def _add(self, machine: Machine) -> None:
        nodes = self.plan.topology.nodes
        if not machine.role:
            self.notes.append(
                say("{name} tells no role; it is taken as a worker.", name=machine.name or machine.address)
            )
        node = machine.node()
        parts = (node.role, node.name, node.address, node.mac, node.interface, node.disk, node.bmc.address)
        self._decide(f"{NODES}[{len(nodes)}]", node, "", " ".join(part for part in parts if part))
        self._password(machine, len(nodes))

    def _password(self, machine: Machine, number: int) -> None:
        if not machine.bmc_password:
            return
        path = f"{NODES}[{number}].bmc.password"
        name = words.bmc_secret(machine.name, number)
        self._offered = {**self._offered, name: machine.bmc_password.encode()}
        self._secret(path, fields.get(self.plan, path), name)

    def _place_of(self, machine: Machine) -> int | None:
        """A file may call a machine otherwise: its MAC or IP address tells it too."""
        known = bool(machine.name or machine.address or machine.mac)
        tests: tuple[Callable[[Node], bool], ...] = (
            lambda node: bool(machine.name) and self._short(node.name) == machine.name,
            lambda node: bool(machine.mac) and words.mac(node.mac) == machine.mac,
            lambda node: bool(machine.address) and node.address == machine.address,
            lambda node: known and machine.role == node.role and not (node.name or node.address or node.mac),
        )
        nodes = self.plan.topology.nodes
        return next((number for test in tests for number, node in enumerate(nodes) if test(node)), None)

    def _short(self, name: str) -> str:
        """A machine's name without the cluster's domain, as a plan has it."""
        topology = self.plan.topology
        domain = f".{topology.cluster_name}.{topology.base_domain}".lower()
        return name.lower().removesuffix(domain) if topology.cluster_name and topology.base_domain else name.lower()


def _folded(path: str, value: str) -> str:
    return value.lower().replace("-", ":") if path.endswith(".mac") else value


def _joined(old: str, new: str) -> str:
    """Two trust bundles as one, each certificate once."""
    blocks: dict[bytes, str] = {}
    for text in (old, new):
        block, rest = pem.next_block(text)
        while block is not None:
            blocks.setdefault(block.data, block.text)
            block, rest = pem.next_block(rest)
    return "".join(blocks.values())
