"""Certificate signing requests: which of them a tool may approve, which a person has to judge, which are wrong.

Pure: the request as the API gives it, what is planned and what the API knows of nodes go in, a verdict comes out.
"""

import base64
import binascii
import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID
from msgspec import Struct

from tui.text import say

CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
SERVING = "kubernetes.io/kubelet-serving"
_BOOTSTRAPPER = "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper"
_BOOTSTRAPPER_GROUPS = {
    "system:serviceaccounts:openshift-machine-config-operator",
    "system:serviceaccounts",
    "system:authenticated",
}
_UNREADABLE = (
    ValueError,
    TypeError,
    binascii.Error,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_USAGES = {
    CLIENT: {"digital signature", "client auth"},
    SERVING: {"digital signature", "server auth"},
}


class Verdict(Struct, frozen=True, kw_only=True):
    """`approve`: all rules hold. `ask`: a person must know why. `refuse`: it is not what it says. `settled`: decided.

    `node` is the node the request is for, `names` what a serving certificate would be good for.
    """

    decision: Literal["approve", "ask", "refuse", "settled"]
    reason: str
    node: str = ""
    names: tuple[str, ...] = ()


class Planned(Struct, frozen=True, kw_only=True):
    """A node of the plan: its full name, and the other names and addresses that are its own."""

    name: str
    also: frozenset[str] = frozenset()


class _Content(Struct, frozen=True, kw_only=True):
    common_name: str
    organizations: tuple[str, ...]
    names: tuple[str, ...]
    foreign: bool


def judge(
    request: Mapping[str, Any],
    planned: Iterable[Planned],
    nodes: Mapping[str, frozenset[str]],
    *,
    run_started: int | None = None,
) -> Verdict:
    """Judges one CertificateSigningRequest object.

    `nodes` maps the names of existing Node objects to their addresses and host names; `run_started` is when this
    installation began, microseconds since the epoch: an older request is none of its doing.
    """
    spec = request.get("spec") or {}
    if settled := _settled(request):
        return Verdict(decision="settled", reason=settled)
    if spec.get("signerName") not in _USAGES:
        signer = str(spec.get("signerName", ""))
        return Verdict(decision="ask", reason=say("signer {signer} is none of a kubelet's", signer=signer))
    content = _content(spec.get("request", ""))
    if content is None:
        return Verdict(decision="refuse", reason=say("the request cannot be read or its signature is wrong"))
    node = content.common_name.removeprefix("system:node:")
    wrong = _wrong(spec, content)
    if wrong:
        return Verdict(decision="refuse", reason=wrong, node=node, names=content.names)
    own = next((entry for entry in planned if entry.name == node), None)
    decision, reason = _weigh(spec["signerName"], node, content, own, nodes)
    if decision == "approve" and run_started is not None and _created(request) < run_started:
        decision, reason = "ask", say("it is older than this installation")
    return Verdict(decision=decision, reason=reason, node=node, names=content.names)


def _settled(request: Mapping[str, Any]) -> str:
    status = request.get("status") or {}
    kinds = {condition.get("type") for condition in status.get("conditions") or []}
    if status.get("certificate"):
        return say("issued")
    for kind, word in (("Denied", say("denied")), ("Failed", say("failed")), ("Approved", say("approved"))):
        if kind in kinds:
            return word
    return ""


def _wrong(spec: Mapping[str, Any], content: _Content) -> str:
    """What makes the request something else than a kubelet's; "" where its form is right."""
    signer, user, groups = spec["signerName"], spec.get("username", ""), set(spec.get("groups") or [])
    usages = set(spec.get("usages") or [])
    node_name = content.common_name.removeprefix("system:node:")
    serving = signer == SERVING
    rules = (
        (content.common_name.startswith("system:node:") and bool(node_name), say("its subject is no node's")),
        (set(content.organizations) == {"system:nodes"}, say("its organization is not system:nodes")),
        (usages - {"key encipherment"} == _USAGES[signer], say("its usages are not those of a kubelet")),
        (not content.foreign, say("it asks for e-mail addresses or URIs")),
        (node_name.split(".")[0] != "localhost", say("the node calls itself localhost: it has no host name yet")),
        (serving or user == _BOOTSTRAPPER, say("{user} may not ask for a node's first certificate", user=user)),
        (serving or groups == _BOOTSTRAPPER_GROUPS, say("its groups are not the node-bootstrapper's")),
        (serving or not content.names, say("a client certificate carries no names")),
        (not serving or user == content.common_name, say("{user} asks for another node", user=user)),
        (not serving or groups >= {"system:nodes", "system:authenticated"}, say("its groups are not a node's")),
        (not serving or bool(content.names), say("it names nothing that it would be good for")),
    )
    return next((why for holds, why in rules if not holds), "")


def _weigh(
    signer: str, node: str, content: _Content, own: Planned | None, nodes: Mapping[str, frozenset[str]]
) -> tuple[Literal["approve", "ask", "refuse"], str]:
    """A well-formed request, held against the plan and the nodes there are."""
    if own is None:
        return "ask", say("{node} is no node of the plan", node=node)
    if signer == CLIENT:
        if node in nodes:
            return "ask", say("{node} has joined already: was the machine installed anew?", node=node)
        return "approve", say("first certificate of {node}, a node of the plan", node=node)
    if node not in nodes:
        return "ask", say("{node} asks for a serving certificate, but has not joined", node=node)
    strange = [name for name in content.names if name not in {node, *own.also, *nodes[node]}]
    if strange:
        return "refuse", say("{names} is not {node}'s own", names=", ".join(strange), node=node)
    return "approve", say("serving certificate of {node} for its own names", node=node)


def _created(request: Mapping[str, Any]) -> int:
    stamp = str((request.get("metadata") or {}).get("creationTimestamp", ""))
    try:
        return int(datetime.fromisoformat(stamp).timestamp() * 1_000_000)
    except ValueError:
        return 0


def _content(encoded: object) -> _Content | None:
    """What the PKCS#10 request holds, None where it is none or is not signed by its own key."""
    try:
        request = x509.load_pem_x509_csr(base64.b64decode(str(encoded), validate=True))
        if not request.is_signature_valid:
            return None
        names, foreign = _alternative_names(request)
        common = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        organizations = request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    except _UNREADABLE:
        return None
    return _Content(
        common_name=str(common[0].value) if len(common) == 1 else "",
        organizations=tuple(str(attribute.value) for attribute in organizations),
        names=names,
        foreign=foreign,
    )


def _alternative_names(request: x509.CertificateSigningRequest) -> tuple[tuple[str, ...], bool]:
    try:
        extension = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (), False
    names = [name.value for name in extension if isinstance(name, x509.DNSName)]
    names += [_address(name.value) for name in extension if isinstance(name, x509.IPAddress)]
    return tuple(names), len(names) != len(list(extension))


def _address(value: object) -> str:
    return str(ipaddress.ip_address(str(value))) if "/" not in str(value) else str(value)
