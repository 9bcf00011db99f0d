"""What kind of file this is: by what is in it, and where that says nothing by its name."""

import fnmatch
import re
from collections.abc import Callable

from tui.plan.importers.mirrors import KINDS as MIRROR_KINDS
from tui.plan.importers.texts import decoded, is_binary
from tui.plan.ssh_keys import first_key
from tui.plan.tables import read
from tui.plan.trust import from_file

MOST_BYTES = 4 * 1024 * 1024
LOOKED_AT = 256 * 1024

KINDS = {
    "install-config": "install-config.yaml",
    "mirrors": "mirror manifests (oc-mirror's ICSP, IDMS, ITMS)",
    "release-mirror": "output of oc adm release mirror",
    "pull-secret": "pull secret",
    "certificates": "certificates",
    "ssh-key": "SSH public key",
    "dhcpd": "dhcpd.conf",
    "haproxy": "haproxy.cfg",
    "zone": "DNS zone",
    "dnsmasq": "dnsmasq.conf",
    "table": "table of machines (CSV, TSV, aligned)",
}
"""Every kind, and what a person calls it."""

_CONFIG_KEY = re.compile(
    r"(?m)^['\"{ ]*(baseDomain|pullSecret|controlPlane|networking|platform|compute|additionalTrustBundle|metadata)"
    r"['\"]?:"
)
_MIRROR_KIND = re.compile(rf"(?m)^[ {{]*['\"]?kind['\"]?:\s*['\"]?({'|'.join(sorted(MIRROR_KINDS))})\b")
_PLAN_KEY = re.compile(r"(?m)^(topology|network|pull_secret|artifacts|generate|boot):")
_DHCPD = re.compile(
    r"(?m)(?:^|[{;])[ \t]*(?:subnet6?\s+\S+\s+(?:netmask\s|\{)|host\s+\S+\s*\{|shared-network\s|hardware\s+ethernet\s"
    r"|fixed-address6?\s|option\s+(?:routers|domain-name|subnet-mask|domain-search|ntp-servers)\S*\s)"
)
_HAPROXY = re.compile(r"(?m)^(?:frontend|backend|listen)[ \t]+\S+")
_HAPROXY_INNER = re.compile(r"(?m)^[ \t]+(?:bind|server|balance|mode|default_backend)[ \t]+\S+")
_ZONE = re.compile(
    r"(?mi)^\$(?:ORIGIN|TTL)[ \t]+\S|\bIN[ \t]+SOA\b|^\S*[ \t]+(?:\d\w*[ \t]+)?IN[ \t]+(?:A|AAAA|PTR|CNAME|NS)[ \t]+\S"
)
_DNSMASQ = re.compile(
    r"(?m)^[ \t]*(?:dhcp-(?:host|range|option|boot)|host-record|listen-address|ptr-record|cname|address|server)=\S"
)
_RELEASE_WORDS = re.compile(r"(?m)^(?:Mirror prefix:|Mirrored to:|Update image:)")
_RELEASE_SECTION = re.compile(r"(?m)^[ \t]*image(?:Content|Digest)Sources:[ \t]*$")
_BY_NAME = {
    "install-config*.y*ml*": "install-config", "*dhcpd*.conf*": "dhcpd", "haproxy*.cfg*": "haproxy",
    "*dnsmasq*": "dnsmasq", "*.zone": "zone", "db.*": "zone", "*.arpa": "zone", "*.csv": "table", "*.tsv": "table",
    "*.pem": "certificates", "*.crt": "certificates", "*.cer": "certificates", "*pull*secret*": "pull-secret",
    "auth.json": "pull-secret", "*.pub": "ssh-key", "i*ms-*.y*ml": "mirrors", "imagecontentsourcepolicy*": "mirrors",
}  # fmt: skip


def recognise(name: str, data: bytes) -> str:
    """The kind of a file, one of KINDS; "" where it is none of them."""
    if len(data) > MOST_BYTES:
        return ""
    if from_file(data[:LOOKED_AT]) and data[:1] == b"\x30":
        return "certificates"
    text = decoded(data[:LOOKED_AT])
    if is_binary(text):
        return ""
    return _by_content(text) or _by_name(name)


def _by_content(text: str) -> str:
    if len(set(_PLAN_KEY.findall(text))) >= 2 and "baseDomain" not in text:
        return ""  # a plan of ours is opened, not imported
    return next((kind for kind, looks_so in _LOOKS if looks_so(text)), "")


def _by_name(name: str) -> str:
    bare = name.rpartition("/")[2].lower()
    return next((kind for pattern, kind in _BY_NAME.items() if fnmatch.fnmatch(bare, pattern)), "")


def _is_pull_secret(text: str) -> bool:
    start = text.lstrip().strip("'")
    return start.startswith("{") and any(f'"{key}"' in text for key in ("auths", "auth", "credHelpers", "credsStore"))


def _is_table(text: str) -> bool:
    """Whether its first lines name more machines, with addresses, than they leave in doubt."""
    table = read("\n".join(text.split("\n")[:40]))
    sure = [machine for machine in table.machines if machine.address or machine.mac]
    return len(sure) > len({problem.line for problem in table.problems}) - len(sure)


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("release-mirror", lambda text: _RELEASE_WORDS.search(text) is not None),
    ("mirrors", lambda text: _MIRROR_KIND.search(text) is not None),
    ("install-config", lambda text: len(set(_CONFIG_KEY.findall(text))) >= 2),
    ("release-mirror", lambda text: _RELEASE_SECTION.search(text) is not None),
    ("pull-secret", _is_pull_secret),
    ("certificates", lambda text: "-----BEGIN " in text),
    ("dhcpd", lambda text: _DHCPD.search(text) is not None),
    ("haproxy", lambda text: _HAPROXY.search(text) is not None and _HAPROXY_INNER.search(text) is not None),
    ("zone", lambda text: _ZONE.search(text) is not None),
    ("dnsmasq", lambda text: _DNSMASQ.search(text) is not None),
    ("ssh-key", lambda text: first_key(text) is not None),
    ("table", _is_table),
)
"""From what cannot be mistaken to what many texts look like."""
