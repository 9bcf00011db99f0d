"""Advice in the person's own names: a rule's words filled with what a line captured and what the plan says.

`{word}` is what the line captured under that name, `{node}` the node, `{plan.word}` one of `plan_values`. A name that
nobody knows becomes `<word>`, as documentation writes it. Node text is only ever put in, never interpreted: braces in
it stay braces, and in steps (commands to copy) it is quoted where a shell would see more than a word.
"""

import re
import shlex
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tui.hints.rules import Circumstance, Rule, Step
from tui.plan.endpoints import cluster_domain, nodes_of
from tui.plan.model import Node, Plan

_PLACEHOLDER = re.compile(r"\{((?:plan\.)?[a-z][a-z0-9_]*)\}")
_PLAIN = re.compile(r"[\w.:/@%+=,~*-]+")
_MOST_KEPT = 10_000
_CAPTURE_FROM_PLAN = {"server": "plan.name_server", "registry": "plan.mirror", "bootstrap": "plan.bootstrap"}
"""What a capture means, where the line did not say it but the plan does."""


class Advice(Struct, frozen=True, kw_only=True):
    """A rule's words for one hint."""

    cause: str
    remedy: list[str]
    confirm: list[str]
    check: dict[str, str]


class Adviser:
    """Fills rules for one plan (None: nobody made one) and one OpenShift version ("" unknown)."""

    def __init__(self, plan: Plan | None, version: str = "") -> None:
        self._plan = plan
        self._values = plan_values(plan) if plan else {}
        self._version = _numbers(version or (plan.topology.version if plan else ""))
        self._true = _circumstances(plan)
        self._kept: dict[tuple[object, ...], Advice] = {}

    def advise(self, rule: Rule, captured: Mapping[str, str], node: str = "") -> Advice:
        """The rule's cause, its steps for this plan and version, and its check, all filled; the same again is kept."""
        key = (rule.id, node, tuple(captured.items()))
        if key not in self._kept:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._advise(rule, captured, node)
        return self._kept[key]

    def _advise(self, rule: Rule, captured: Mapping[str, str], node: str) -> Advice:
        values = {**self._values, **self._node_values(node), **{k: v for k, v in captured.items() if v}}
        quoted = {name: value if _PLAIN.fullmatch(value) else shlex.quote(value) for name, value in values.items()}
        quoted |= {name: value for name, value in values.items() if name.startswith("plan.")}
        return Advice(
            cause=fill(rule.cause, values),
            remedy=[fill(text, quoted) for text in self._steps(rule.remedy)],
            confirm=[fill(text, quoted) for text in self._steps(rule.confirm)],
            check={name: fill(text, values) for name, text in rule.check.items()},
        )

    def _steps(self, steps: Iterable[str | Step]) -> list[str]:
        return [step if isinstance(step, str) else step.text for step in steps if self._applies(step)]

    def _applies(self, step: str | Step) -> bool:
        if isinstance(step, str):
            return True
        if self._version and step.since and self._version < _numbers(step.since):
            return False
        if self._version and step.before and self._version >= _numbers(step.before):
            return False
        wanted = [step.when] if isinstance(step.when, str) else step.when
        return all(self._true.get(word, True) for word in wanted)

    def _node_values(self, name: str) -> dict[str, str]:
        values = {"node": name} if name else {}
        node = planned(self._plan, name)
        if node:
            values |= _known({"node_address": node.address, "node_mac": node.mac, "node_disk": node.disk})
        return values


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled from `values`; what is unknown becomes `<name>`."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        known = values.get(name) or values.get(_CAPTURE_FROM_PLAN.get(name, ""))
        return known or f"<{name.removeprefix('plan.').replace('_', '-')}>"

    return _PLACEHOLDER.sub(value, text)


def planned(plan: Plan | None, name: str) -> Node | None:
    """The plan's node of this name, full name or address."""
    if plan is None or not name:
        return None
    label = name.split(".", maxsplit=1)[0]
    for node in plan.topology.nodes:
        if name in (node.name, node.address) or (node.name and node.name.split(".")[0] == label):
            return node
    return None


def plan_values(plan: Plan) -> dict[str, str]:
    """What `{plan.…}` may name. Lists are joined by ", "; the singular of a list is its first."""
    domain = cluster_domain(plan)
    network = plan.network
    mirrors = list(dict.fromkeys(m.split("/")[0] for source in network.mirrors for m in source.mirrors if m))
    bootstrap = next(iter(nodes_of(plan, "bootstrap")), Node(role="bootstrap"))
    values = {
        "cluster": plan.topology.cluster_name,
        "base_domain": plan.topology.base_domain,
        "cluster_domain": domain,
        "version": plan.topology.version,
        "architecture": plan.topology.architecture,
        "api": domain and f"api.{domain}",
        "api_int": domain and f"api-int.{domain}",
        "apps": domain and f"*.apps.{domain}",
        "console": domain and f"console-openshift-console.apps.{domain}",
        "oauth": domain and f"oauth-openshift.apps.{domain}",
        "gateway": network.gateway,
        "search_domain": network.search_domain,
        "mtu": str(network.mtu or ""),
        "network_type": network.network_type,
        "load_balancer": network.load_balancer.api,
        "api_int_address": network.load_balancer.api_int or network.load_balancer.api,
        "ingress": network.load_balancer.ingress,
        "proxy": network.proxy.https or network.proxy.http,
        "release_image": plan.artifacts.release_image,
        "listen": plan.boot.listen,
        "ssh_user": plan.boot.ssh_user,
        "bootstrap": bootstrap.address or bootstrap.name,
        "bootstrap_name": bootstrap.name,
    }
    lists = {
        "name_server": network.name_servers,
        "ntp_server": network.ntp_servers,
        "mirror": mirrors,
        "machine_network": network.machine_networks,
        "cluster_network": [entry.cidr for entry in network.cluster_networks],
        "service_network": network.service_networks,
        "no_proxy": network.proxy.no_proxy,
        "master": [node.address or node.name for node in nodes_of(plan, "master")],
        "worker": [node.address or node.name for node in nodes_of(plan, "worker")],
    }
    for name, entries in lists.items():
        values |= {name: next(iter(entries), ""), f"{name}s": ", ".join(entries)}
    return {f"plan.{name}": value for name, value in _known(values).items()}


def _circumstances(plan: Plan | None) -> dict[Circumstance, bool]:
    if plan is None:
        return {"lab": False, "real": True}
    mirrored = bool(plan.network.mirrors)
    shape = plan.topology.shape
    return {
        "connected": not mirrored,
        "air-gapped": mirrored,
        "proxy": bool(plan.network.proxy.http or plan.network.proxy.https),
        "dhcp": plan.network.dhcp,
        "static": not plan.network.dhcp,
        "ha": shape == "ha",
        "compact": shape == "compact",
        "sno": shape == "sno",
        "lab": plan.lab,
        "real": not plan.lab,
    }


def _known(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else ()
