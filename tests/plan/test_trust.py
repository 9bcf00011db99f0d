"""Trust bundles: each fault made for real, named rightly, and written out clean."""

import datetime as dt
import functools

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.plans import BUNDLE
from tui.plan.pem import bundle_fault
from tui.plan.trust import analyse, clean, from_file

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY = 86_400_000_000
NOW = int(START.timestamp()) * 1_000_000 + 100 * DAY


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@functools.cache
def key(kind: str = "p256", owner: str = "") -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    del owner
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    subject: str = "Lab CA",
    issuer: str = "",
    *,
    authority: bool | None = True,
    start: int = 0,
    days: int = 3650,
    kind: str = "p256",
    san: str = "",
    cert_sign: bool = True,
) -> str:
    mine, theirs = key(kind, subject), key(kind, issuer or subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer or subject))
        .public_key(mine.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START + dt.timedelta(days=start))
        .not_valid_after(START + dt.timedelta(days=start + days))
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(san)]), critical=False)
    if not cert_sign:
        use = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        builder = builder.add_extension(use, critical=True)
    return builder.sign(theirs, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def private_key() -> str:
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )  # fmt: skip


def faults(text: str) -> list[tuple[str, int]]:
    return [(fault.id, fault.block) for fault in analyse(text, NOW).faults]


def test_a_good_authority_has_no_fault_and_is_described() -> None:
    analysis = analyse(certificate(), NOW)
    assert analysis.faults == []
    (one,) = analysis.certificates
    assert (one.subject, one.issuer, one.authority, one.self_issued) == ("CN=Lab CA", "CN=Lab CA", True, True)
    assert one.not_after == int(START.timestamp()) * 1_000_000 + 3650 * DAY
    assert len(one.fingerprint) == 95


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lambda: certificate(days=50), "expired"),
        (lambda: certificate(start=200), "not-yet-valid"),
        (lambda: certificate(days=110), "expires-soon"),
        (lambda: certificate("m.example.com", "Lab CA", authority=False, san="m.example.com"), "leaf"),
        (lambda: certificate("m.example.com", authority=None, san="m.example.com"), "leaf-self-signed"),
        (lambda: certificate(kind="rsa1024"), "short-key"),
        (lambda: certificate(cert_sign=False), "key-usage"),
    ],
)
def test_each_fault_is_named(text: functools.partial[str], expected: str) -> None:
    assert faults(text()) == [(expected, 1)]


def test_a_leaf_without_a_name_for_its_host_is_told_twice() -> None:
    found = analyse(certificate("m.example.com", "Lab CA", authority=False), NOW).faults
    assert [fault.id for fault in found] == ["leaf", "no-san"]
    assert "CN=Lab CA" in found[0].fix


def with_sha1(text: str) -> str:
    """Nobody signs with SHA-1 any more, so what says how it was signed is changed; analysis verifies no signature."""
    der = x509.load_pem_x509_certificate(text.encode()).public_bytes(serialization.Encoding.DER)
    sha256, sha1 = (bytes.fromhex(f"2a864886f70d0101{end}") for end in ("0b", "05"))
    return x509.load_der_x509_certificate(der.replace(sha256, sha1)).public_bytes(serialization.Encoding.PEM).decode()


def test_sha1_matters_between_certificates_and_less_on_a_root() -> None:
    between = analyse(with_sha1(certificate("Intermediate", "Lab CA", kind="rsa2048")), NOW).faults
    assert [(fault.id, fault.severity) for fault in between] == [("weak-signature", "error")]
    root = analyse(with_sha1(certificate(kind="rsa2048")), NOW).faults
    assert [(fault.id, fault.severity) for fault in root] == [("weak-signature", "warning")]


def test_a_version_1_certificate_is_no_authority(v1_certificate: str) -> None:
    assert faults(v1_certificate) == [("version-1", 1)]


def test_the_same_certificate_twice_is_told_once_and_written_once() -> None:
    one, other = certificate(), certificate("Other CA")
    assert faults(one + other + one) == [("duplicate", 3)]
    assert clean(one + other + one) == one + other


def test_words_between_and_after_are_told_and_left_out() -> None:
    one, other = certificate(), certificate("Other CA")
    text = f"the root:\n{one}\n# and\n\n{other}\nthat is all\n"
    assert faults(text) == [("between", 0), ("between", 1), ("trailing-text", 2)]
    assert clean(text) == one + other
    assert bundle_fault(clean(text)) == ""


def test_a_private_key_is_told_never_repeated_and_never_written() -> None:
    one, secret = certificate(), private_key()
    analysis = analyse(one + secret, NOW)
    assert [(fault.id, fault.block) for fault in analysis.faults] == [("private-key", 2)]
    body = secret.splitlines()[1]
    assert body not in repr(analysis)
    assert clean(one + secret) == one
    cut = one + secret[:-30]
    assert [fault.id for fault in analyse(cut, NOW).faults] == ["private-key"]
    assert body not in repr(analyse(cut, NOW))


def test_a_cut_block_a_request_and_an_empty_text_are_told() -> None:
    one = certificate()
    assert faults(one[:200]) == [("damaged", 0)]
    assert faults(one + one[:200]) == [("damaged", 1)]
    assert faults("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n") == [("request", 1)]
    assert faults("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") == [("damaged", 1)]
    assert faults("") == [("none", 0)]
    assert faults("x" * 3_000_000) == [("too-large", 0)]


def test_what_windows_and_a_web_page_did_to_it_is_made_canonical() -> None:
    one = certificate()
    mangled = one.replace("\n", "\r\n").replace("-----\r\n", "-----  \r\n", 1)
    assert clean(mangled) == one


def test_mirror_registrys_root_and_a_certificate_in_der_are_read() -> None:
    assert clean(from_file(BUNDLE.encode())) == BUNDLE
    der = x509.load_pem_x509_certificate(BUNDLE.encode()).public_bytes(serialization.Encoding.DER)
    assert from_file(der) == BUNDLE
    assert from_file(b"0\x82nonsense") == ""


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_bundle_is_analysed_and_its_clean_text_is_taken_by_the_installer(data: st.DataObject) -> None:
    text = BUNDLE + BUNDLE
    at = data.draw(st.integers(0, len(text)))
    mangled = text[:at] + data.draw(st.text(max_size=5)) + text[at + data.draw(st.integers(0, 80)) :]
    analysis = analyse(mangled, NOW)
    cleaned = clean(mangled)
    assert bool(cleaned) == bool(analysis.certificates)
    if cleaned:
        assert bundle_fault(cleaned) == ""


@pytest.fixture
def v1_certificate() -> str:
    """The builder makes version 3 only: the version is taken out of the DER, as a v1 certificate has none."""
    whole = x509.load_pem_x509_certificate(certificate(authority=None).encode())
    der = whole.public_bytes(serialization.Encoding.DER)
    tbs = whole.tbs_certificate_bytes
    header = 2 if tbs[1] < 0x80 else 2 + (tbs[1] & 0x7F)
    inner = tbs[header:].removeprefix(b"\xa0\x03\x02\x01\x02")
    shorter = b"\x30" + _length(len(inner)) + inner
    body = shorter + der[der.index(tbs) + len(tbs) :]
    v1 = b"\x30" + _length(len(body)) + body
    return x509.load_der_x509_certificate(v1).public_bytes(serialization.Encoding.PEM).decode()


def _length(size: int) -> bytes:
    return bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
