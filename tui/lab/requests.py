"""Certificate requests of the lab's kubelets: real ones, so that who judges them sees what a real cluster shows."""

import base64
import ipaddress
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tui.lab.objects import CSRS, Objects

_BOOTSTRAPPER = "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper"
_BOOTSTRAPPER_GROUPS = [
    "system:serviceaccounts:openshift-machine-config-operator",
    "system:serviceaccounts",
    "system:authenticated",
]


def ask(objects: Objects, host: str, address: str, *, serving: bool) -> str:
    """Posts the kubelet's request for its client or its serving certificate; gives the request's name."""
    name = f"csr-{''.join(secrets.choice('bcdfghjklmnpqrstvwxz2456789') for _ in range(5))}"
    node = f"system:node:{host}"
    groups = ["system:nodes", "system:authenticated"]
    spec = {
        "request": base64.b64encode(_request(host, address if serving else "")).decode(),
        "signerName": "kubernetes.io/kubelet-serving" if serving else "kubernetes.io/kube-apiserver-client-kubelet",
        "username": node if serving else _BOOTSTRAPPER,
        "groups": groups if serving else _BOOTSTRAPPER_GROUPS,
        "usages": ["digital signature", "server auth" if serving else "client auth"],
    }
    objects.put(CSRS, name, {"spec": spec, "status": {}})
    return name


def approved(objects: Objects, name: str) -> bool:
    """Whether somebody has approved the request."""
    body = objects.get(CSRS[1], name)
    conditions = (body or {}).get("status", {}).get("conditions", [])
    return any(condition["type"] == "Approved" for condition in conditions)


def approve(objects: Objects, name: str, why: str) -> None:
    """Approves a request, as approve-csr.service of the bootstrap does."""
    body = objects.get(CSRS[1], name)
    if body is not None:
        condition = {"type": "Approved", "status": "True", "reason": "KubectlApprove", "message": why}
        objects.put(CSRS, name, {"spec": body["spec"], "status": {"conditions": [condition]}})


def issue(objects: Objects, name: str) -> None:
    """The signer has done its part: the request carries a certificate."""
    body = objects.get(CSRS[1], name)
    if body is not None:
        issued = body["status"] | {"certificate": base64.b64encode(b"issued in the rehearsal lab\n").decode()}
        objects.put(CSRS, name, {"spec": body["spec"], "status": issued})


def _request(host: str, address: str) -> bytes:
    names = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:nodes"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"system:node:{host}"),
    ]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    if address:
        alternatives = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address(address))]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM
    )
