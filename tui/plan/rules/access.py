"""The pull secret, the SSH key, the trust bundle. No message ever holds a part of their text."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from tui.plan import pem, ssh_keys
from tui.plan.rules.config import Config
from tui.plan.rules.table import Found, refusal, rule
from tui.plan.wording import looks_like_host
from tui.text import say

_FETCH = "Copy the pull secret again, whole, as one line of JSON in single quotes."


class Secret(NamedTuple):
    """What a pull secret holds as far as rules care: its fault ("json", "auths", ""), or its entries by registry."""

    fault: str
    entries: dict[str, Any]


@lru_cache(maxsize=32)
def read_secret(text: str) -> Secret:
    """The pull secret as the installer reads it: JSON, whose key auths may be in any letter case."""
    try:
        whole = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return Secret("json", {})
    if whole is None:
        return Secret("auths", {})
    if not isinstance(whole, dict):
        return Secret("json", {})
    entries: dict[str, Any] = {}
    for key, value in whole.items():
        if key.lower() == "auths" and value is not None:
            if not isinstance(value, dict) or any(not isinstance(v, dict | None) for v in value.values()):
                return Secret("json", {})
            entries |= value
    return Secret("" if entries else "auths", entries)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def host_shown(host: str, number: int) -> str:
    """A registry's name where it looks like one, else its number: a secret may have slipped into its place."""
    return host if looks_like_host(host) else say("entry {number}", number=number)


@refusal("pull-secret", "The pull secret is JSON with at least one registry below auths.", _FETCH)
def pull_secret(config: Config) -> Iterator[Found]:
    text = config.text("pullSecret")
    fault = read_secret(text).fault
    if not text:
        yield Found("pullSecret", say("There is no pull secret."), say("Paste it, or name the file it is in."))
    elif fault == "json":
        what = say("The pull secret is not the JSON that the installer expects.")
        if text.lstrip().lower().startswith("<"):
            what = say("The pull secret is a web page, perhaps the login page.")
        elif any(quote in text for quote in "“”„‘’"):
            what = say("The pull secret holds typographic quotes: a word processor changed it.")
        yield Found("pullSecret", what)
    elif fault:
        yield Found("pullSecret", say("The pull secret names no registry below auths."))


@refusal("pull-secret-entry", "Each registry of the pull secret has auth (or credsStore).", _FETCH)
def pull_secret_entry(config: Config) -> Iterator[Found]:
    for number, (host, entry) in enumerate(read_secret(config.text("pullSecret")).entries.items(), 1):
        if not {"auth", "credsStore"} & (entry or {}).keys():
            yield Found("pullSecret", say("{host} has neither auth nor credsStore.", host=host_shown(host, number)))


@rule(
    "pull-secret-auth",
    "Each auth of the pull secret is base64 of user:password; nobody checks it before the nodes are refused.",
    "Log in to that registry again and copy the new entry.",
)
def pull_secret_auth(config: Config) -> Iterator[Found]:
    for number, (host, entry) in enumerate(read_secret(config.text("pullSecret")).entries.items(), 1):
        if entry and "auth" in entry and not _is_login(entry["auth"]):
            what = say("The auth of {host} is not base64 of user:password.", host=host_shown(host, number))
            yield Found("pullSecret", what)


def _is_login(auth: Any) -> bool:
    try:
        user, colon, password = base64.b64decode(auth, validate=True).partition(b":")
    except (binascii.Error, TypeError, ValueError):
        return False
    return bool(user and colon and password)


@rule(
    "pull-secret-host",
    "A registry of the pull secret is written as host or host:port, as the nodes will look it up.",
    "Write the host without https:// and without a slash at its end.",
)
def pull_secret_host(config: Config) -> Iterator[Found]:
    for number, host in enumerate(read_secret(config.text("pullSecret")).entries, 1):
        if "://" in host or host.endswith("/") or host != host.strip():
            what = say("Entry {number} of the pull secret is not a plain host or host:port.", number=number)
            yield Found("pullSecret", what)


@rule(
    "pull-secret-mirror",
    "The pull secret has an entry for each mirror registry, with the very same host:port.",
    "Add the mirror's credentials, under exactly the host:port that the mirrors have.",
    severity="warning",
)
def pull_secret_mirror(config: Config) -> Iterator[Found]:
    secret = read_secret(config.text("pullSecret"))
    if secret.fault:
        return
    told: set[str] = set()
    for source in config.sources:
        for index, mirror in enumerate(source.mirrors):
            host = mirror.partition("/")[0]
            known = any(entry == host or mirror.startswith(entry) for entry in secret.entries)
            if host and not known and host not in told:
                told.add(host)
                what = say("The pull secret has no entry for {host}.", host=host_shown(host, index + 1))
                yield Found(f"{source.path}.mirrors[{index}]", what)


@refusal(
    "ssh-key",
    "sshKey holds a public key as authorized_keys has it.",
    "Paste the line of the .pub file, such as ~/.ssh/id_ed25519.pub; never the private key.",
)
def ssh_key(config: Config) -> Iterator[Found]:
    text = config.text("sshKey")
    if text and ssh_keys.first_key(text) is None:
        what = say("No SSH public key is found here.")
        if "PRIVATE KEY" in text:
            what = say("This is a private key. The public one belongs here; the private one stays with you.")
        yield Found("sshKey", what)


@refusal(
    "ssh-key-fips",
    "In FIPS mode the SSH key is RSA or ECDSA.",
    "Make one with ssh-keygen -t ecdsa -b 384, or leave FIPS off.",
    since=(4, 9),
)
def ssh_key_fips(config: Config) -> Iterator[Found]:
    key = ssh_keys.first_key(config.text("sshKey")) if config.given.get("fips") else None
    if key and not re.fullmatch(r"ecdsa-sha2-nistp\d{3}|ssh-rsa", key.algorithm):
        yield Found("sshKey", say("An SSH key of type {kind} does not work in FIPS mode.", kind=key.algorithm[:40]))


@rule(
    "ssh-key-missing",
    "There is an SSH key: without it nobody can look into a node that does not come up.",
    "Add the public key of the key pair that you will log in with.",
    severity="warning",
)
def ssh_key_missing(config: Config) -> Iterator[Found]:
    if not config.text("sshKey").strip():
        yield Found("sshKey", say("There is no SSH key, so no journal can be followed and no node be entered."))


@rule(
    "ssh-key-line",
    "Each line of sshKey is a public key: the installer looks for one good line and takes all.",
    "Delete the line, or paste it whole.",
    severity="warning",
)
def ssh_key_line(config: Config) -> Iterator[Found]:
    lines = config.text("sshKey").split("\n")
    good = [not line.strip() or line.lstrip().startswith("#") or ssh_keys.read_line(line) is not None for line in lines]
    if any(good[i] and lines[i].strip() for i in range(len(lines))) and not all(good):
        number = good.index(False) + 1
        yield Found("sshKey", say("Line {number} is not an SSH public key, and nobody would say so.", number=number))


_BUNDLE_FAULTS = {
    "no-block": "There is no PEM block here.",
    "trailing-text": "Something follows the last certificate: even a blank line is too much for the installer.",
    "private-key": "There is a private key among the certificates.",
    "not-a-certificate": "One of the blocks is not a certificate that can be read.",
}


@refusal(
    "trust-bundle",
    "additionalTrustBundle holds PEM certificates and nothing after the last one.",
    "Keep the blocks from BEGIN CERTIFICATE to END CERTIFICATE, and end the text there.",
)
def trust_bundle(config: Config) -> Iterator[Found]:
    text = config.text("additionalTrustBundle")
    fault = pem.bundle_fault(text) if text else ""
    if fault:
        yield Found("additionalTrustBundle", say(_BUNDLE_FAULTS[fault]))


@refusal(
    "trust-bundle-policy",
    "additionalTrustBundlePolicy is Proxyonly or Always.",
    "Write Always where a mirror registry or proxy has a certificate of your own.",
    since=(4, 12),
)
def trust_bundle_policy(config: Config) -> Iterator[Found]:
    if config.text("additionalTrustBundlePolicy") not in {"", "Proxyonly", "Always"}:
        yield Found("additionalTrustBundlePolicy", say("This is neither Proxyonly nor Always."))


@rule(
    "trust-bundle-unused",
    "Without a proxy, policy Proxyonly keeps the bundle from pods and operators; the nodes trust it either way.",
    "Write additionalTrustBundlePolicy: Always.",
    severity="info",
    since=(4, 12),
)
def trust_bundle_unused(config: Config) -> Iterator[Found]:
    policy = config.text("additionalTrustBundlePolicy") or "Proxyonly"
    if config.text("additionalTrustBundle") and policy == "Proxyonly" and config.section("proxy") is None:
        yield Found("additionalTrustBundlePolicy", say("Nodes will trust the bundle, pods and operators will not."))
