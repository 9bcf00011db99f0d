"""What Go's standard library and openshift-install's helpers accept: addresses, URLs, names, repositories.

The installer is written in Go, so whether it refuses a text is decided by these grammars and not by Python's.
Each function is pure and says None or "" where the text is fine.
"""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple


class Network(NamedTuple):
    """An address with a mask, as written: host bits may be set. `bits` is 32 or 128; all zero with bits 0: no text."""

    ip: int
    prefix: int
    bits: int

    @property
    def is_v4(self) -> bool:
        return self.bits == 32

    @property
    def base(self) -> int:
        """The network's own address."""
        return self.ip >> (self.bits - self.prefix) << (self.bits - self.prefix)

    @property
    def name(self) -> str:
        """As the installer prints it."""
        return f"{address_text(self.ip, self.bits)}/{self.prefix}" if self.bits else "<nil>"

    def contains(self, ip: int, bits: int) -> bool:
        """As Go's IPNet.Contains: families never contain each other."""
        return bits == self.bits and ip >> (bits - self.prefix) == self.ip >> (bits - self.prefix)

    def overlaps(self, other: "Network") -> bool:
        """As the installer tests it: one contains the other's address."""
        return self.contains(other.ip, other.bits) or other.contains(self.ip, self.bits)


NOTHING = Network(0, 0, 0)
"""What an absent CIDR is to the installer."""

_OCTETS = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)", re.ASCII)


@lru_cache(maxsize=4096)
def parse_ip(text: str, leading_zeros: bool = False) -> tuple[int, int] | None:
    """The address and its bits, None where Go would not take it. Go before 1.17 took leading zeros (as decimal)."""
    match = _OCTETS.fullmatch(text)
    if match:
        value = 0
        for octet in match.groups():
            if len(octet) > 9 or int(octet) > 255 or (len(octet) > 1 and octet[0] == "0" and not leading_zeros):
                return None
            value = value << 8 | int(octet)
        return value, 32
    if ":" not in text or "%" in text:
        return None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return (int(address.ipv4_mapped), 32) if address.ipv4_mapped else (int(address), 128)


@lru_cache(maxsize=4096)
def parse_cidr(text: str, leading_zeros: bool = False) -> Network | None:
    """The network in `ADDRESS/PREFIX`, host bits kept; None where Go would not take it."""
    address, slash, prefix = text.partition("/")
    ip = parse_ip(address, leading_zeros)
    if ip is None or not slash or not prefix.isascii() or not prefix.isdigit() or len(prefix) > 9:
        return None
    length = int(prefix) - (96 if ip[1] == 32 and ":" in address else 0)
    return Network(ip[0], length, ip[1]) if 0 <= length <= ip[1] else None


@lru_cache(maxsize=4096)
def address_text(ip: int, bits: int) -> str:
    """The address in its usual form."""
    return str(ipaddress.IPv4Address(ip) if bits == 32 else ipaddress.IPv6Address(ip))


_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)


def is_subdomain(text: str) -> bool:
    """A DNS-1123 subdomain as Kubernetes checks it; a single label may be longer than 63 characters."""
    return len(text.encode("utf-8", "surrogatepass")) <= 253 and _SUBDOMAIN.fullmatch(text) is not None


class Url(NamedTuple):
    """The parts that rules look at; `host` without brackets or port."""

    scheme: str
    host: str


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:\[\]<>\"\-]|%[0-9A-Fa-f]{2}|[^\x00-\x7f]")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*", re.ASCII)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_request_uri(text: str, *, any_uri: bool = False) -> Url | None:
    """A URI as Go's ParseRequestURI takes it (`any_uri`: as url.Parse does); None where it would not."""
    if any(c < " " or c == "\x7f" for c in text) or (not text and not any_uri) or text.startswith(":"):
        return None
    match = _SCHEME.match(text)
    scheme, rest = (match[1].lower(), text[match.end() :]) if match else ("", text)
    if any_uri:
        rest = rest.partition("#")[0]
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        if scheme or text == "*":
            return Url(scheme, "")
        if not any_uri or ":" in rest.partition("/")[0]:
            return None
        return None if _BAD_ESCAPE.search(rest) else Url("", "")
    host = ""
    if rest.startswith("//") and (scheme or (any_uri and not rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        host_or_bad = _host_of(authority)
        if host_or_bad is None:
            return None
        host, rest = host_or_bad, slash + path
    return None if _BAD_ESCAPE.search(rest) else Url(scheme, host)


def _host_of(authority: str) -> str | None:
    user, at, place = authority.rpartition("@")
    if at and (_USER.fullmatch(user) is None or _BAD_ESCAPE.search(user)):
        return None
    if place.startswith("["):
        host, bracket, port = place[1:].rpartition("]")
        ends_well = bracket and (not port or (port[0] == ":" and port[1:].isdigit()) or port == ":")
        return host if ends_well else None
    host, colon, port = place.rpartition(":")
    if not colon:
        host, port = place, ""
    if port and not (port.isascii() and port.isdigit()):
        return None
    return host if "".join(m[0] for m in _HOST.finditer(place)) == place else None


_NAME_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_NAME_PART}(?:/{_NAME_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)


def repository_fault(text: str, *, host_alone: bool) -> str:
    """Why the installer would not take a text as an image repository: "" (it does), "format", "upper-case", "tag" or
    "not-canonical". `host_alone`: from 4.10 a host with or without a port is enough."""
    domain, remainder = _docker_split(text)
    name = remainder.partition(":")[0]
    if re.fullmatch(r"[a-f0-9]{64}", text, re.ASCII):
        return "format"
    if name.lower() != name:
        return "upper-case"
    match = _REFERENCE.fullmatch(f"{domain}/{remainder}") if len(text) < 5000 else None
    if match is None or len(match["name"]) > 255 or not _digest_fits(match["digest"]):
        return "format"
    if f"{domain}/{remainder}" != text:
        host = text.rpartition(":")[0] if text.count(":") == 1 else text
        return "" if host_alone and (parse_ip(host) or is_subdomain(host)) else "not-canonical"
    return "tag" if match["tag"] or match["digest"] else ""


def _docker_split(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    explicit = slash and ("." in first or ":" in first or first == "localhost")
    domain, remainder = (first, rest) if explicit else ("docker.io", text)
    domain = "docker.io" if domain == "index.docker.io" else domain
    if domain == "docker.io" and "/" not in remainder:
        remainder = f"library/{remainder}"
    return domain, remainder


def _digest_fits(digest: str | None) -> bool:
    if digest is None:
        return True
    algorithm, _, value = digest.partition(":")
    lengths = {"sha256": 64, "sha384": 96, "sha512": 128}
    return len(value) == lengths.get(algorithm, 0) and value == value.lower()
