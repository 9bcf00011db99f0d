"""Trust bundles, analysed block by block and written out clean.

Whether nodes will trust what a mirror shows is decided by Go's rules: a name must stand in the subject alternative
names, SHA-1 signatures and keys below 1024 bits are refused, a version-1 certificate is no authority.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from tui.plan.pem import Block, next_block
from tui.text import say

if TYPE_CHECKING:
    from cryptography import x509

MOST_BYTES = 2 * 1024 * 1024
MOST_BLOCKS = 1000
SOON_DAYS = 30
_DAY = 86_400_000_000
_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong with a block (numbered from 1; 0: with the whole), why it matters and what to do."""

    id: str
    block: int
    severity: Literal["error", "warning", "info"]
    message: str
    fix: str


class Certificate(Struct, frozen=True, kw_only=True):
    """One certificate as a person checks it. Times are microseconds since the epoch; `fingerprint` is SHA-256."""

    block: int
    subject: str
    issuer: str
    not_before: int
    not_after: int
    fingerprint: str
    authority: bool
    self_issued: bool
    names: list[str] = field(default_factory=list)


class Analysis(Struct, frozen=True, kw_only=True):
    """A bundle's certificates in its order, and its faults by block."""

    certificates: list[Certificate] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def analyse(text: str, now: int) -> Analysis:
    """Every certificate of a bundle, and what is wrong with it at the time `now` (microseconds since the epoch)."""
    if len(text) > MOST_BYTES:
        return Analysis(
            faults=[_fault("too-large", 0, say("This is larger than 2 MB."), say("Keep your own CAs only."))]
        )
    certificates: list[Certificate] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    rest, number = text.replace("\r\n", "\n"), 0
    while number < MOST_BLOCKS:
        block, after = next_block(rest)
        before = (
            rest if block is None else rest[: len(rest) - len(after)].rpartition(f"-----BEGIN {block.type}-----")[0]
        )
        faults += _between(before, number, last=block is None)
        if block is None:
            break
        rest, number = after, number + 1
        loaded = _load(block)
        if loaded is None:
            faults.append(_no_certificate(block, number))
            continue
        certificate = _described(loaded, number)
        certificates.append(certificate)
        faults += _judged(loaded, certificate, now)
        if certificate.fingerprint in seen:
            what = say("It is the same certificate as block {first}.", first=seen[certificate.fingerprint])
            faults.append(_fault("duplicate", number, what, say("One is enough; it is taken once."), "info"))
        seen.setdefault(certificate.fingerprint, number)
    if not certificates and not any(fault.severity == "error" for fault in faults):
        faults.append(_fault("none", 0, say("There is no certificate here."), _PASTE))
    return Analysis(certificates=certificates, faults=faults)


def clean(text: str) -> str:
    """The certificates of a text and nothing else: canonical PEM, each once; "" where there is none."""
    from cryptography.hazmat.primitives.serialization import Encoding

    if len(text) > MOST_BYTES:
        return ""
    kept: dict[bytes, str] = {}
    block, rest = next_block(text.replace("\r\n", "\n"))
    while block is not None and len(kept) < MOST_BLOCKS:
        loaded = _load(block)
        if loaded is not None:
            kept.setdefault(block.data, loaded.public_bytes(Encoding.PEM).decode())
        block, rest = next_block(rest)
    return "".join(kept.values())


def from_file(data: bytes) -> str:
    """A certificate file as PEM text: PEM as it is, one DER certificate converted. "" where it is neither."""
    if data[:1] == b"\x30":
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            return x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM).decode()
        except ValueError:
            return ""
    text = data.decode("utf-8", "replace")
    return text if "-----BEGIN " in text else ""


_PASTE = say("Paste the CA's certificate in PEM form, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.")


def _fault(
    name: str, block: int, message: str, fix: str, severity: Literal["error", "warning", "info"] = "error"
) -> Fault:
    return Fault(id=name, block=block, severity=severity, message=message, fix=fix)


def _load(block: Block) -> "x509.Certificate | None":
    from cryptography import x509

    if "CERTIFICATE" not in block.type or "REQUEST" in block.type:
        return None
    try:
        loaded = x509.load_der_x509_certificate(block.data)
        _ = loaded.subject, loaded.issuer, loaded.extensions, loaded.public_key()
    except Exception:  # noqa: BLE001 (the parser has many ways to say that a certificate is none)
        return None
    return loaded


def _no_certificate(block: Block, number: int) -> Fault:
    if "PRIVATE KEY" in block.type:
        what = say("This is a private key. It was not taken over.")
        return _fault("private-key", number, what, say("It does not belong here; if others saw it, make a new one."))
    if "REQUEST" in block.type:
        what = say("This is a request for a certificate, not the certificate.")
        return _fault("request", number, what, say("Take what the authority sent back, and the authority's own."))
    return _fault("damaged", number, say("This block is no certificate that can be read."), _PASTE)


def _between(text: str, number: int, *, last: bool) -> list[Fault]:
    """Faults of what stands around the blocks: damaged blocks, and words."""
    found = []
    broken = [match[1] for match in _BEGIN.finditer(text)][:20]
    for kind in broken:
        if "PRIVATE KEY" in kind:
            what = say("A damaged private key stands after block {number}. It was not taken over.", number=number)
            found.append(_fault("private-key", number, what, say("If others saw it, make a new one.")))
        else:
            what = say("A block after block {number} is cut off or damaged.", number=number)
            found.append(_fault("damaged", number, what, _PASTE))
    if text.strip() and not broken:
        where = say("after the last certificate") if last else say("before block {number}", number=number + 1)
        what = say("Something else stands {where}.", where=where)
        if last and number:
            found.append(_fault("trailing-text", number, what, say("The installer refuses that; it is left out.")))
        elif number or not last:
            found.append(_fault("between", number, what, say("It is left out."), "info"))
    return found


def _described(loaded: "x509.Certificate", number: int) -> Certificate:
    from cryptography.hazmat.primitives.hashes import SHA256

    digest = loaded.fingerprint(SHA256()).hex().upper()
    return Certificate(
        block=number,
        subject=_name(loaded.subject),
        issuer=_name(loaded.issuer),
        not_before=_micros(loaded.not_valid_before_utc),
        not_after=_micros(loaded.not_valid_after_utc),
        fingerprint=":".join(digest[at : at + 2] for at in range(0, 64, 2)),
        authority=_is_authority(loaded),
        self_issued=loaded.subject == loaded.issuer,
        names=_names(loaded),
    )


def _name(whole: "x509.Name") -> str:
    text = whole.rfc4514_string()
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200] or say("(no name)")


def _micros(time: datetime) -> int:
    return int(time.astimezone(UTC).timestamp()) * 1_000_000


def _extension(loaded: "x509.Certificate", kind: Any) -> Any:
    from cryptography import x509

    try:
        return loaded.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _is_authority(loaded: "x509.Certificate") -> bool:
    from cryptography import x509

    constraints = _extension(loaded, x509.BasicConstraints)
    return bool(constraints and constraints.ca)


def _names(loaded: "x509.Certificate") -> list[str]:
    from cryptography import x509

    names = _extension(loaded, x509.SubjectAlternativeName)
    if names is None:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))][:100]


def _judged(loaded: "x509.Certificate", seen: Certificate, now: int) -> list[Fault]:
    return [*_times(seen, now), *_kind(loaded, seen), *_strength(loaded, seen)]


def _times(seen: Certificate, now: int) -> list[Fault]:
    if now > seen.not_after:
        days = (now - seen.not_after) // _DAY
        what = say("{subject} expired {days} days ago.", subject=seen.subject, days=days)
        return [_fault("expired", seen.block, what, say("Ask who runs this authority for its new certificate."))]
    if now < seen.not_before:
        what = say("{subject} is not valid before {day}.", subject=seen.subject, day=_day(seen.not_before))
        return [
            _fault("not-yet-valid", seen.block, what, say("Check the clock of this machine, then the certificate."))
        ]
    if seen.not_after - now < SOON_DAYS * _DAY:
        days = (seen.not_after - now) // _DAY
        what = say("{subject} expires in {days} days.", subject=seen.subject, days=days)
        return [_fault("expires-soon", seen.block, what, say("Renew it before the cluster depends on it."), "warning")]
    return []


def _kind(loaded: "x509.Certificate", seen: Certificate) -> list[Fault]:
    from cryptography import x509

    if loaded.version is x509.Version.v1:
        what = say("{subject} is of version 1, which nodes do not take as an authority.", subject=seen.subject)
        return [_fault("version-1", seen.block, what, say("Make a CA of version 3 with basicConstraints CA:TRUE."))]
    if seen.authority:
        return _key_use(loaded, seen)
    faults = []
    if seen.self_issued:
        what = say("{subject} is a server's self-signed certificate, no authority.", subject=seen.subject)
        fix = say("It works as long as the server shows this very one; a CA of your own outlives its renewal.")
        faults.append(_fault("leaf-self-signed", seen.block, what, fix, "warning"))
    else:
        what = say("{subject} is a server's certificate, not that of its authority.", subject=seen.subject)
        fix = say("Paste the certificate of its issuer instead: {issuer}.", issuer=seen.issuer)
        faults.append(_fault("leaf", seen.block, what, fix))
    if not seen.names:
        what = say(
            "{subject} has no subject alternative name: Go programs refuse it for any host.", subject=seen.subject
        )
        faults.append(_fault("no-san", seen.block, what, say("Make it anew with the host's name as subjectAltName.")))
    return faults


def _key_use(loaded: "x509.Certificate", seen: Certificate) -> list[Fault]:
    from cryptography import x509

    use = _extension(loaded, x509.KeyUsage)
    if use is None or use.key_cert_sign:
        return []
    what = say("{subject} is a CA whose key may not sign certificates (keyUsage).", subject=seen.subject)
    return [_fault("key-usage", seen.block, what, say("Make the CA anew with keyCertSign."))]


def _strength(loaded: "x509.Certificate", seen: Certificate) -> list[Fault]:
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    faults = []
    algorithm = loaded.signature_hash_algorithm
    if algorithm is not None and algorithm.name in {"sha1", "md5"} and not (seen.authority and seen.self_issued):
        what = say(
            "{subject} is signed with {hash}, which Go programs refuse.", subject=seen.subject, hash=algorithm.name
        )
        faults.append(_fault("weak-signature", seen.block, what, say("Have it issued again with SHA-256.")))
    elif algorithm is not None and algorithm.name in {"sha1", "md5"}:
        what = say("{subject} signs itself with {hash}; nodes in FIPS mode refuse it.",
                   subject=seen.subject, hash=algorithm.name)  # fmt: skip
        faults.append(_fault("weak-signature", seen.block, what, say("Make the CA anew with SHA-256."), "warning"))
    key = loaded.public_key()
    if isinstance(key, dsa.DSAPublicKey):
        what = say("{subject} has a DSA key, which Go programs do not know.", subject=seen.subject)
        faults.append(_fault("short-key", seen.block, what, say("Make it anew with RSA or ECDSA.")))
    elif (isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256
    ):
        what = say("{subject} has a key of {bits} bits only.", subject=seen.subject, bits=key.key_size)
        fix = say("Make it anew with RSA of 2048 bits or more, or ECDSA on P-256.")
        faults.append(_fault("short-key", seen.block, what, fix))
    return faults


def _day(time: int) -> str:
    return datetime.fromtimestamp(time / 1_000_000, UTC).strftime("%Y-%m-%d")
