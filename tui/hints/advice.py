"""Advice in the person's own names: a rule's words filled with what a line captured and what the plan says.

`{word}` is what the line captured under that name, `{node}` the node, `{plan.word}` one of `plan_values`. A name that
nobody knows becomes `<word>`, as documentation writes it; a cause leaves it out where it reads as well without. Steps
for some plans or versions only say so themselves where nobody knows which it is. Node text is only ever put in, never
interpreted: braces in it stay braces, and in steps (commands to copy) it is quoted where a shell would see more than a
word.
"""

import re
import shlex
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tui.hints.rules import Circumstance, Rule, Step
from tui.plan.endpoints import cluster_domain, nodes_of
from tui.plan.model import Node, Plan
from tui.text import say

_PLACEHOLDER = re.compile(r"\{((?:plan\.)?[a-z][a-z0-9_]*)\}")
_PLAIN = re.compile(r"[\w.:/@%+=,~*-]+")
_MOST_KEPT = 10_000
_CAPTURE_FROM_PLAN = {"server": "plan.name_server", "registry": "plan.mirror", "bootstrap": "plan.bootstrap"}
"""What a capture means, where the line did not say it but the plan does."""
_UNKNOWN = {
    "cluster_domain": "<cluster>.<domain>",
    "base_domain": "<domain>",
    "api": "api.<cluster>.<domain>",
    "api_int": "api-int.<cluster>.<domain>",
    "apps": "*.apps.<cluster>.<domain>",
    "console": "console-openshift-console.apps.<cluster>.<domain>",
    "oauth": "oauth-openshift.apps.<cluster>.<domain>",
    "api_int_address": "<load-balancer>",
    "mirror": "<mirror>:<port>",
    "listen": "<file-server>:<port>",
}
"""How documentation writes what only a plan knows, where `<word>` would not be enough."""
_ASIDE = re.compile(r" \([^()]*\)")


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
            cause=fill(_without_unknown(rule.cause, values), values),
            remedy=[fill(text, quoted) for text in self._steps(rule.remedy)],
            confirm=[fill(text, quoted) for text in self._steps(rule.confirm)],
            check={name: fill(text, values) for name, text in rule.check.items()},
        )

    def _steps(self, steps: Iterable[str | Step]) -> list[str]:
        return [step if isinstance(step, str) else self._said(step) for step in steps if self._applies(step)]

    def _applies(self, step: str | Step) -> bool:
        if isinstance(step, str):
            return True
        if self._version and step.since and self._version < _numbers(step.since):
            return False
        if self._version and step.before and self._version >= _numbers(step.before):
            return False
        return all(self._true.get(word, True) for word in _wanted(step))

    def _said(self, step: Step) -> str:
        """The step's words; where it is not known whether it applies, with when it does."""
        text = step.text
        if not self._version and step.since:
            text = say("From {version} on: {step}", version=step.since, step=text)
        if not self._version and step.before:
            text = say("Before {version}: {step}", version=step.before, step=text)
        for word in _wanted(step):
            if word not in self._true:
                text = _where(word, text)
        return text

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
        word = name.removeprefix("plan.")
        return known or _UNKNOWN.get(word, f"<{word.replace('_', '-')}>")

    return _PLACEHOLDER.sub(value, text)


def _without_unknown(text: str, values: Mapping[str, str]) -> str:
    """The words of a cause without asides that only name what nobody knows, and without `the thing <thing>`."""

    def known(name: str) -> bool:
        return bool(values.get(name) or values.get(_CAPTURE_FROM_PLAN.get(name, "")))

    def aside(match: re.Match[str]) -> str:
        names = _PLACEHOLDER.findall(match.group())
        return match.group() if not names or any(map(known, names)) else ""

    text = _ASIDE.sub(aside, text)
    if not known("node"):
        text = text.replace("{node}", say("the node"))
        text = text[:1].upper() + text[1:]
    for name in _PLACEHOLDER.findall(text):
        noun = name.removeprefix("plan.").replace("_", " ")
        if not known(name):
            text = re.sub(rf"(\b{noun}) \{{{re.escape(name)}\}}", r"\1", text, flags=re.IGNORECASE)
    return text


def _wanted(step: Step) -> list[Circumstance]:
    return [step.when] if isinstance(step.when, str) else step.when


def _where(word: Circumstance, step: str) -> str:
    said = {
        "connected": say("Where images come from the internet: {step}", step=step),
        "air-gapped": say("Where a mirror registry is used: {step}", step=step),
        "proxy": say("Where a proxy is used: {step}", step=step),
        "dhcp": say("Where DHCP gives the addresses: {step}", step=step),
        "static": say("Where addresses are fixed: {step}", step=step),
        "ha": say("With workers of their own: {step}", step=step),
        "compact": say("With three nodes in all: {step}", step=step),
        "sno": say("On a single node: {step}", step=step),
    }
    return said.get(word, step)


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
    shape = plan.topology.shape
    return {
        **_outside(plan),
        "proxy": bool(plan.network.proxy.http or plan.network.proxy.https),
        "dhcp": plan.network.dhcp,
        "static": not plan.network.dhcp,
        "ha": shape == "ha",
        "compact": shape == "compact",
        "sno": shape == "sno",
        "lab": plan.lab,
        "real": not plan.lab,
    }


def _outside(plan: Plan) -> dict[Circumstance, bool]:
    """Where images come from, as far as the person said: whether quay.io is reached, else that mirrors are planned."""
    mirrored = bool(plan.network.mirrors)
    if plan.network.connected is None:
        return {"connected": False, "air-gapped": True} if mirrored else {}
    return {"connected": plan.network.connected, "air-gapped": mirrored or not plan.network.connected}


def _known(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else ()
