"""Which certificate requests may be approved by rule, which only by a person, and which are no kubelet's."""

import base64
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tui.monitor.csrs import CLIENT, SERVING, Planned, Verdict, judge

NODE = "worker-0.ocp4.example.com"
PLANNED = [Planned(name=NODE, also=frozenset({"worker-0", "192.168.31.20"}))]
JOINED = {NODE: frozenset({NODE, "192.168.31.20", "fd00::20"})}
BOOTSTRAPPER = "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper"
GROUPS = ["system:serviceaccounts:openshift-machine-config-operator", "system:serviceaccounts", "system:authenticated"]


def pem(common_name: str, organizations: tuple[str, ...] = ("system:nodes",), names: tuple[str, ...] = ()) -> str:
    """A PKCS#10 request as a kubelet makes it, base64 as the API carries it."""
    subject = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in organizations]
    subject.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    request = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return base64.b64encode(request.public_bytes(Encoding.PEM)).decode()


def _general(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def client(node: str = NODE, **changes: Any) -> dict[str, Any]:
    spec = {
        "signerName": CLIENT,
        "username": BOOTSTRAPPER,
        "groups": GROUPS,
        "usages": ["digital signature", "client auth"],
        "request": pem(f"system:node:{node}"),
        **changes,
    }
    return {"metadata": {"name": "csr-abcde", "creationTimestamp": "2026-11-22T10:00:00Z"}, "spec": spec}


def serving(node: str = NODE, names: tuple[str, ...] = (NODE, "192.168.31.20"), **changes: Any) -> dict[str, Any]:
    spec = {
        "signerName": SERVING,
        "username": f"system:node:{node}",
        "groups": ["system:nodes", "system:authenticated"],
        "usages": ["digital signature", "key encipherment", "server auth"],
        "request": pem(f"system:node:{node}", names=names),
        **changes,
    }
    return {"metadata": {"name": "csr-fghij", "creationTimestamp": "2026-11-22T10:01:00Z"}, "spec": spec}


def test_a_planned_nodes_first_certificate_may_be_approved() -> None:
    verdict = judge(client(), PLANNED, {})
    assert verdict == Verdict(
        decision="approve", reason=f"first certificate of {NODE}, a node of the plan", node=NODE, names=()
    )


def test_a_joined_nodes_serving_certificate_for_its_own_names_may_be_approved() -> None:
    verdict = judge(serving(names=(NODE, "worker-0", "192.168.31.20", "fd00::20")), PLANNED, JOINED)
    assert verdict.decision == "approve"
    assert verdict.names == (NODE, "worker-0", "192.168.31.20", "fd00::20")


@pytest.mark.parametrize(
    ("request_", "nodes", "decision", "says"),
    [
        (client(), JOINED, "ask", "joined already"),
        (client("worker-9.ocp4.example.com"), {}, "ask", "no node of the plan"),
        (client("worker-0"), {}, "ask", "no node of the plan"),
        (client("localhost"), {}, "refuse", "localhost"),
        (client("localhost.localdomain"), {}, "refuse", "localhost"),
        (client(username="system:admin"), {}, "refuse", "system:admin may not ask"),
        (client(groups=[*GROUPS, "system:masters"]), {}, "refuse", "groups"),
        (client(groups=GROUPS[:2]), {}, "refuse", "groups"),
        (client(usages=["digital signature", "client auth", "server auth"]), {}, "refuse", "usages"),
        (client(usages=["client auth"]), {}, "refuse", "usages"),
        (client(request=pem(f"system:node:{NODE}", ("system:masters",))), {}, "refuse", "organization"),
        (client(request=pem(f"system:node:{NODE}", ("system:nodes", "x"))), {}, "refuse", "organization"),
        (client(request=pem("system:admin")), {}, "refuse", "no node's"),
        (client(request=pem("system:node:")), {}, "refuse", "no node's"),
        (client(request=pem(f"system:node:{NODE}", names=("api.ocp4.example.com",))), {}, "refuse", "no names"),
        (client(request="bm8gcGVt"), {}, "refuse", "cannot be read"),
        (client(request="%%%"), {}, "refuse", "cannot be read"),
        (client(request=None), {}, "refuse", "cannot be read"),
        (client(signerName="example.com/other"), {}, "ask", "example.com/other"),
        (client(signerName="kubernetes.io/legacy-unknown"), {}, "ask", "none of a kubelet's"),
        (serving(), {}, "ask", "has not joined"),
        (serving(names=(NODE, "api.ocp4.example.com")), JOINED, "refuse", "api.ocp4.example.com is not"),
        (serving(names=(NODE, "192.168.31.99")), JOINED, "refuse", "192.168.31.99 is not"),
        (serving(names=()), JOINED, "refuse", "names nothing"),
        (serving(names=(NODE, "spiffe://a/b")), JOINED, "refuse", "URIs"),
        (serving(username="system:node:master-0.ocp4.example.com"), JOINED, "refuse", "another node"),
        (serving(username=BOOTSTRAPPER), JOINED, "refuse", "another node"),
        (serving(groups=["system:authenticated"]), JOINED, "refuse", "groups"),
        (serving("worker-9.ocp4.example.com", names=("worker-9.ocp4.example.com",)), JOINED, "ask", "no node of the"),
    ],
)
def test_everything_else_is_asked_or_refused(
    request_: dict[str, Any], nodes: dict[str, frozenset[str]], decision: str, says: str
) -> None:
    verdict = judge(request_, PLANNED, nodes)
    assert (verdict.decision, says in verdict.reason) == (decision, True), verdict


def test_a_request_older_than_the_installation_is_asked() -> None:
    started = 1_795_341_600_000_000  # 2026-11-22T10:00:00Z
    assert judge(client(), PLANNED, {}, run_started=started).decision == "approve"
    older = judge(client(), PLANNED, {}, run_started=started + 1)
    assert (older.decision, older.reason) == ("ask", "it is older than this installation")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"certificate": "Zm9v", "conditions": [{"type": "Approved"}]}, "issued"),
        ({"conditions": [{"type": "Approved"}]}, "approved"),
        ({"conditions": [{"type": "Denied"}]}, "denied"),
        ({"conditions": [{"type": "Failed"}]}, "failed"),
    ],
)
def test_a_decided_request_is_settled(status: dict[str, Any], reason: str) -> None:
    verdict = judge({**client(), "status": status}, PLANNED, {})
    assert (verdict.decision, verdict.reason) == ("settled", reason)


def test_a_request_signed_by_another_key_is_refused() -> None:
    whole = base64.b64decode(pem(f"system:node:{NODE}")).decode()
    body = base64.b64decode("".join(whole.splitlines()[1:-1]))
    forged = base64.b64encode(body[:-1] + bytes([body[-1] ^ 1])).decode()
    framed = f"-----BEGIN CERTIFICATE REQUEST-----\n{forged}\n-----END CERTIFICATE REQUEST-----\n"
    verdict = judge(client(request=base64.b64encode(framed.encode()).decode()), PLANNED, {})
    assert verdict.decision == "refuse"
