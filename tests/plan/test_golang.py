"""Go's grammars: addresses, URLs, repositories, SSH keys, PEM."""

import subprocess
from pathlib import Path

import pytest

from tui.plan import ssh_keys
from tui.plan.golang import NOTHING, Url, is_subdomain, parse_cidr, parse_ip, parse_request_uri, repository_fault
from tui.plan.pem import bundle_fault, next_block


@pytest.mark.parametrize("text", ["10.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "fd00::1", "::ffff:10.0.0.1"])
def test_addresses_are_taken(text: str) -> None:
    assert parse_ip(text)


@pytest.mark.parametrize(
    "text", ["", "10.0.0", "10.0.0.256", "10.0.0.1 ", "fe80::1%eth0", "1:2", "10.0.0.0.1", "١.1.1.1"]
)
def test_other_texts_are_no_addresses(text: str) -> None:
    assert parse_ip(text) is None


def test_leading_zeros_were_taken_before_go_1_17_only() -> None:
    assert parse_ip("010.0.0.1") is None
    assert parse_ip("010.0.0.1", leading_zeros=True) == parse_ip("10.0.0.1")


def test_networks_keep_their_host_bits_and_know_overlaps() -> None:
    network = parse_cidr("192.168.10.17/24")
    other = parse_cidr("192.168.0.0/16")
    six = parse_cidr("::/0")
    assert network
    assert other
    assert six
    assert network.name == "192.168.10.17/24"
    assert network.ip != network.base
    assert network.overlaps(other)
    assert other.overlaps(network)
    assert not network.overlaps(six)
    assert not network.overlaps(NOTHING)
    assert parse_cidr("10.0.0.0/33") is None
    assert parse_cidr("10.0.0.0") is None
    assert parse_cidr("10.0.0.0/²") is None


def test_subdomains_are_lower_case_and_may_have_long_labels() -> None:
    assert is_subdomain("a" * 64 + ".com")
    assert not is_subdomain("a" * 254)
    assert not any(is_subdomain(text) for text in ("", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "a b", "ä", "a\n"))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://proxy:3128", Url("http", "proxy")),
        ("HTTP://user:pw@proxy:3128/x?y#z", Url("http", "proxy")),
        ("http://[fd00::1]:3128", Url("http", "fd00::1")),
        ("proxy.example.com:3128", Url("proxy.example.com", "")),
        ("/path", Url("", "")),
        ("http://", Url("http", "")),
        ("proxy", None),
        ("", None),
        ("http://a b", None),
        ("http://a:port", None),
        ("http://a/%zz", None),
        ("10.0.0.1:3128", None),
        (":x", None),
        ("http://a\n", None),
    ],
)
def test_request_uris_are_what_go_parses(text: str, url: Url | None) -> None:
    assert parse_request_uri(text) == url


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("quay.io/openshift-release-dev/ocp-release", "", ""),
        ("mirror.example.com:5000/a/b", "", ""),
        ("localhost/a", "", ""),
        ("mirror.example.com:5000", "not-canonical", ""),
        ("ocp-release", "not-canonical", ""),
        ("docker.io/foo", "not-canonical", "not-canonical"),
        ("openshift/ose", "not-canonical", "not-canonical"),
        ("quay.io/a:1", "tag", "tag"),
        ("quay.io/a@sha256:" + "0" * 64, "tag", "tag"),
        ("quay.io/a@sha256:" + "0" * 40, "format", "format"),
        ("quay.io/A", "upper-case", "upper-case"),
        ("https://quay.io/a", "format", "format"),
        ("", "format", "format"),
        ("a" * 64, "format", "format"),
        ("quay.io/a b", "format", "format"),
        ("quay.io/" + "a/" * 200 + "a", "format", "format"),
    ],
)
def test_repositories_are_judged_as_the_installer_does(text: str, old: str, new: str) -> None:
    assert repository_fault(text, host_alone=False) == old
    assert repository_fault(text, host_alone=True) == new


@pytest.mark.parametrize(
    ("kind", "bits", "algorithm"),
    [
        ("rsa", "2048", "ssh-rsa"),
        ("ecdsa", "256", "ecdsa-sha2-nistp256"),
        ("ecdsa", "384", "ecdsa-sha2-nistp384"),
        ("ecdsa", "521", "ecdsa-sha2-nistp521"),
        ("ed25519", "256", "ssh-ed25519"),
    ],
)
def test_keys_that_openssh_makes_are_taken(tmp_path: Path, kind: str, bits: str, algorithm: str) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", path], check=True)
    public = path.with_suffix(".pub").read_text()
    found = ssh_keys.first_key(public)
    assert found
    assert found.algorithm == algorithm
    blob = public.split()[1]
    assert ssh_keys.first_key(f'# comment\n\nrubbish\nno-pty,command="a b" {public}') is not None
    assert ssh_keys.first_key(public.replace(blob, blob[:-8])) is None
    assert ssh_keys.first_key(public.replace(blob, blob[:40] + ("A" if blob[40] != "A" else "B") + blob[41:])) != found
    assert ssh_keys.first_key(path.read_text()) is None


def test_an_ecdsa_point_off_its_curve_is_no_key() -> None:
    import base64

    blob = (19).to_bytes(4, "big") + b"ecdsa-sha2-nistp256" + (8).to_bytes(4, "big") + b"nistp256"
    blob += (65).to_bytes(4, "big") + b"\x04" + b"\x01" * 64
    assert ssh_keys.first_key(f"ecdsa-sha2-nistp256 {base64.b64encode(blob).decode()}") is None


def certificate() -> str:
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lab CA")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=9))
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_bundle_is_certificates_to_the_very_end() -> None:
    one = certificate()
    assert bundle_fault(one) == ""
    assert bundle_fault(one.rstrip()) == ""
    assert bundle_fault(f"Lab CA\n{one}between\n{certificate()}") == ""
    assert bundle_fault(one.replace("\n", "\r\n")) == ""
    assert bundle_fault(one + "\n") == "trailing-text"
    assert bundle_fault(one + "# end\n") == "trailing-text"
    assert bundle_fault("nothing") == "no-block"
    assert bundle_fault(one.replace("END CERT", "END CART")) == "no-block"
    assert bundle_fault("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") == "private-key"
    assert bundle_fault("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") == "not-a-certificate"
    assert bundle_fault("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n" + one) == ""


def test_blocks_are_found_one_after_the_other() -> None:
    one = certificate()
    block, rest = next_block(f"text\n{one}more\n")
    assert block
    assert block.text == one
    assert block.type == "CERTIFICATE"
    assert rest == "more\n"
    assert next_block(rest) == (None, rest)
