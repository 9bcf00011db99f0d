"""Certificates: the lab's own authority, and those that the stand-in installer puts into Ignition.

Keys are elliptic (P-256), not RSA as the real installer's, so that thirty of them take no time.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY, YEAR, TEN_YEARS = timedelta(days=1), timedelta(days=365), timedelta(days=3650)


class Pair(NamedTuple):
    """A certificate with its key, both PEM."""

    certificate: str
    key: str


def issue(
    name: str,
    *,
    signer: Pair | None = None,
    group: str = "openshift",
    valid: timedelta = TEN_YEARS,
    since: datetime | None = None,
    hosts: tuple[str, ...] = (),
    authority: bool = False,
) -> Pair:
    """A certificate signed by `signer` (None: itself), valid from `since` (None: now), for `hosts`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, group)
    start = (since or datetime.now(UTC)).replace(microsecond=0)
    issuer_key, issuer = (key, subject) if signer is None else _opened(signer)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not authority:
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


def _name(name: str, group: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(
                NameOID.ORGANIZATIONAL_UNIT_NAME if group == "openshift" else NameOID.ORGANIZATION_NAME, group
            ),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _opened(signer: Pair) -> tuple[ec.EllipticCurvePrivateKey, x509.Name]:
    key = serialization.load_pem_private_key(signer.key.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key, x509.load_pem_x509_certificate(signer.certificate.encode()).subject


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def expires(certificate: str) -> datetime:
    """When the first certificate of this PEM text ends."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
