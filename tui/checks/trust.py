"""What nodes will trust: the public authorities and the plan's bundle, seen with the eyes of Go programs."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from tui.checks.balancer import shown
from tui.checks.model import Finding
from tui.links import tls
from tui.text import say

SOON = timedelta(days=30)
NO_ISSUER = {2, 7, 18, 19, 20, 21, 24, 27}
"""OpenSSL's numbers for a chain that ends nowhere, in a self-signed certificate, or in one that is no authority."""
EXPIRED, NOT_YET, OTHER_NAME, OTHER_ADDRESS = 10, 9, 62, 64
WEAK = {66, 67, 68}


def bundle(text: str) -> list[x509.Certificate]:
    """The certificates of a PEM text; [] where there is none or they cannot be read."""
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return []


def fingerprinted(certificate: bytes) -> str:
    """A certificate in a few words with its SHA-256 fingerprint, for comparing by eye; "" becomes "nothing"."""
    if not certificate:
        return say("nothing")
    digest = hashlib.sha256(certificate).digest().hex(":").upper()
    return say("{certificate}, SHA-256 {digest}", certificate=shown(certificate), digest=digest)


@lru_cache(maxsize=4)
def context(text: str) -> ssl.SSLContext:
    """A client context with the public authorities and the bundle that judges as Go does.

    No v1 authority and no common name in place of a subject alternative name; any certificate in the bundle is an end.
    """
    made = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    made.hostname_checks_common_name = False
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for certificate in bundle(text):
        if certificate.version is x509.Version.v3:
            made.load_verify_locations(cadata=_der(certificate))
    return made


def judge(host: str, name: str, text: str, trusted: tls.Greeting, seen: tls.Greeting) -> Finding:
    """A registry's certificate: `trusted` is the handshake with the plan's trust, `seen` one that trusts anybody.

    `host` is the registry as the plan spells it, `name` its host name alone.
    """
    if not seen.certificate:
        return Finding("unknown", say("{host} shows no certificate.", host=host))
    leaf = x509.load_der_x509_certificate(seen.certificate)
    evidence = say("{host} shows {certificate}.", host=host, certificate=shown(seen.certificate))
    if trusted.kind == "tls":
        return _lifetime(host, leaf, evidence)
    evidence = f"{evidence} {trusted.reason[:1].upper()}{trusted.reason[1:]}."
    return Finding("failed", evidence, _repair(host, name, text, trusted.code, leaf))


def _repair(host: str, name: str, text: str, code: int, leaf: x509.Certificate) -> str:
    if code in (OTHER_NAME, OTHER_ADDRESS):
        return _name_repair(host, name, leaf)
    if code in NO_ISSUER:
        return _issuer_repair(host, text, leaf)
    until = leaf.not_valid_after_utc
    words = _REPAIRS.get(code, "Give {host} a certificate that is valid for {name}.")
    if code == EXPIRED and until > datetime.now(UTC):
        words = "Renew the authority above the certificate of {host}: it has expired."
    return say(words, host=host, name=name, until=f"{until:%Y-%m-%d %H:%M} UTC")


_REPAIRS = {
    EXPIRED: "Renew the certificate of {host}: it expired {until}.",
    NOT_YET: "Set the clocks right: the certificate of {host} is not valid yet.",
    **dict.fromkeys(WEAK, "Make new certificates for {host}: a key or signature (SHA-1?) is too weak to be accepted."),
}


def _name_repair(host: str, name: str, leaf: x509.Certificate) -> str:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return say(
            "Give {host} a certificate with {name} as subject alternative name: this one has none, and a common "
            "name alone is not accepted.",
            host=host,
            name=name,
        )
    listed = ", ".join(str(getattr(entry, "value", entry)) for entry in names)
    return say(
        "Give {host} a certificate for {name}, or use a name it is for: {names}.", host=host, name=name, names=listed
    )


def _issuer_repair(host: str, text: str, leaf: x509.Certificate) -> str:
    authorities = bundle(text)
    issuer = leaf.issuer.rfc4514_string()
    if any(c.version is x509.Version.v1 and c.subject == leaf.issuer for c in authorities):
        return say(
            "Make a new authority: {issuer} in the trust bundle is an X.509 version 1 certificate, which "
            "OpenShift's programs do not take as one.",
            issuer=issuer,
        )
    if not authorities:
        return say("Put the authority {issuer} into the plan's trust bundle: it holds none.", issuer=issuer)
    if any(c.subject == leaf.issuer for c in authorities):
        return say(
            "The trust bundle has another authority of the same name {issuer}: put in the one that signed this "
            "certificate of {host}.",
            issuer=issuer,
            host=host,
        )
    return say(
        "Put the authority {issuer} into the plan's trust bundle: none of its {count} certificates signed this.",
        issuer=issuer,
        count=len(authorities),
    )


def _lifetime(host: str, leaf: x509.Certificate, evidence: str) -> Finding:
    left = leaf.not_valid_after_utc - datetime.now(UTC)
    evidence = say("{evidence} Nodes will trust it; {days} days are left.", evidence=evidence, days=left.days)
    if left > SOON:
        return Finding("ok", evidence)
    return Finding("warning", evidence, say("Renew the certificate of {host} before it expires.", host=host))


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)
