"""Pull secrets: read in every shape they come in, summed up without a word of what they hold.

Shapes: the file of console.redhat.com, `podman login`'s auth.json, `~/.docker/config.json`; pretty-printed or on one
line. No message, summary or error repeats a value; a registry's name is shown only where it looks like one.
"""

import base64
import binascii
import hashlib
import json
import re
from typing import Any

from msgspec import Struct

from tui.plan.wording import looks_like_host
from tui.text import say

MOST_BYTES = 1024 * 1024
RED_HAT = ("cloud.openshift.com", "quay.io", "registry.connect.redhat.com", "registry.redhat.io")
"""The registries of the pull secret from console.redhat.com."""

_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._/-]*[A-Za-z0-9])?"
)
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@|$~-]{0,99}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")


class NotAPullSecret(ValueError):
    """The text is none. Its text says why and what to do, without a word of it."""


class Registry(Struct, frozen=True, kw_only=True):
    """One entry as it may be shown. `problem` is a sentence, "" where nothing is wrong."""

    host: str
    account: str = ""
    email: str = ""
    fingerprint: str = ""
    problem: str = ""


def parse(data: bytes | str) -> dict[str, dict[str, Any]]:
    """The entries by registry. Raises NotAPullSecret where there is not one to use."""
    document = _document(data)
    auths = next((value for key, value in document.items() if str(key).lower() == "auths"), None)
    if auths is None and document and all(_is_entry(value) for value in document.values()):
        auths = document  # the very old ~/.dockercfg
    if auths is None or auths == {}:
        raise NotAPullSecret(_no_auths(document))
    if not isinstance(auths, dict) or not all(isinstance(entry, dict) for entry in auths.values()):
        raise NotAPullSecret(say('Below "auths" each registry needs a map with "auth". Copy the pull secret again.'))
    if not any(entry.get("auth") or _is_login(entry) for entry in auths.values()) and _helpers(document):
        raise NotAPullSecret(_no_auths(document))
    return {host: _with_auth(entry) for host, entry in auths.items()}


def compact(data: bytes | str) -> str:
    """The pull secret on one line, with nothing but its auths. Raises NotAPullSecret."""
    return emit(parse(data))


def emit(entries: dict[str, dict[str, Any]]) -> str:
    """Entries as the installer wants them: one line of JSON. It refuses an entry without auth, so these stay out."""
    entries = {host: entry for host, entry in entries.items() if {"auth", "credsStore"} & entry.keys()}
    return json.dumps({"auths": entries}, separators=(",", ":"), ensure_ascii=False)


def summary(data: bytes | str) -> list[Registry]:
    """What may be shown of a pull secret, in its order; nothing of a password. Raises NotAPullSecret."""
    return [_summed_up(number, host, entry) for number, (host, entry) in enumerate(parse(data).items(), 1)]


def problems(data: bytes | str) -> list[str]:
    """What is wrong with the entries, in sentences. Raises NotAPullSecret."""
    return [f"{one.host}: {one.problem}" for one in summary(data) if one.problem]


def is_red_hat(data: bytes | str) -> bool:
    """Whether this is the pull secret of console.redhat.com rather than one mirror's credentials."""
    return sum(host in RED_HAT for host in parse(data)) >= 2


def fingerprint(content: bytes) -> str:
    """A short text that tells one secret from another and gives nothing of it away."""
    return f"SHA-256 {hashlib.sha256(content).hexdigest()[:12]}"


def _document(data: bytes | str) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise NotAPullSecret(say("This is larger than 1 MB; a pull secret has a few kB."))
    text = (data if isinstance(data, str) else data.decode("utf-8", "replace")).strip().lstrip("\ufeff")
    text = text.strip("'\n\r\t ")  # as install-config.yaml quotes it
    if not text:
        raise NotAPullSecret(say("There is nothing here. Copy the pull secret whole, from { to }."))
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NotAPullSecret(_not_json(text, getattr(error, "lineno", 1))) from None
    except RecursionError:
        raise NotAPullSecret(say("This is nested too deeply for a pull secret.")) from None
    if not isinstance(document, dict):
        raise NotAPullSecret(say('This JSON has no "auths" in it, so it is no pull secret. Copy it whole.'))
    return document


def _not_json(text: str, line: int) -> str:
    if text.startswith("<"):
        return say("This is a web page, perhaps the login page: log in there and download the pull secret again.")
    if any(quote in text for quote in "“”„‘’"):
        return say("There are typographic quotes in it: a word processor changed it. Copy it from its source again.")
    if "PRIVATE KEY" in text:
        return say("This is a private key. It belongs nowhere here: keep it where it was.")
    if text.startswith("{"):
        return say("This JSON is damaged or not whole (line {line}). Copy all of it, from {{ to }}.", line=line)
    return say("This is no JSON. A pull secret begins with { and holds the key auths.")


def _no_auths(document: dict[str, Any]) -> str:
    if _helpers(document):
        return say(
            "Only the name of a credential helper is here: the credentials are in the helper's own store. Run podman"
            " login --authfile FILE REGISTRY, and take that FILE."
        )
    return say('This JSON has no "auths" with a registry in it, so it is no pull secret. Copy it whole.')


def _helpers(document: dict[str, Any]) -> bool:
    return any(key in document for key in ("credHelpers", "credsStore"))


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("auth"), str)


def _is_login(entry: dict[str, Any]) -> bool:
    return all(isinstance(entry.get(key), str) and entry[key] for key in ("username", "password"))


def _with_auth(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry that has its login in the open gets the auth that nodes and installer look for."""
    if entry.get("auth") or not _is_login(entry):
        return entry
    auth = base64.b64encode(f"{entry['username']}:{entry['password']}".encode()).decode()
    return {**{key: value for key, value in entry.items() if key not in {"username", "password"}}, "auth": auth}


def _summed_up(number: int, host: str, entry: dict[str, Any]) -> Registry:
    plain = looks_like_host(host) or _is_plain(host)
    account, problem = _account(entry)
    email = entry.get("email")
    return Registry(
        host=host if plain else say("entry {number}", number=number),
        account=account,
        email=email if isinstance(email, str) and _EMAIL.fullmatch(email) else "",
        fingerprint=fingerprint(json.dumps(entry, sort_keys=True).encode()),
        problem=_host_problem(host) or problem,
    )


def _is_plain(host: str) -> bool:
    """A short name with a port, or a host with the mistakes that people make around it."""
    return bool(
        re.fullmatch(r"(?:https?://)?[a-z0-9-]{1,40}((\.[a-z0-9-]{1,40}){1,6}(:\d{1,5})?|:\d{1,5})(/v[12])?/?", host)
    )


def _account(entry: dict[str, Any]) -> tuple[str, str]:
    """The account of an entry, and what is wrong with the entry."""
    auth = entry.get("auth")
    if not auth and entry.get("identitytoken"):
        return "", say("It holds an identity token, which nodes do not use: log in with a user or robot account.")
    if not auth:
        return "", say("It has no auth: its credentials are in a helper's store. Log in with podman login --authfile.")
    try:
        user, colon, password = base64.b64decode(auth, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, TypeError, ValueError):
        return "", say("Its auth is not base64: copy the entry again, or log in again.")
    account = user if _ACCOUNT.fullmatch(user) and colon else ""
    problem = ""
    if not colon:
        problem = say("Its auth has no colon between user and password: make it from user:password, in base64.")
    elif not user or not password:
        problem = say("Its auth has no user or no password.")
    elif password.endswith(("\n", "\r")):
        problem = say("Its password ends in a line break: make the auth with echo -n or printf.")
    return account, problem


def _host_problem(host: str) -> str:
    if "://" in host:
        return say(
            "The registry is written with https:// before it; write host or host:port alone, as nodes look it up."
        )
    if host.endswith("/"):
        return say("The registry ends in a slash; write host or host:port alone.")
    if host != host.strip() or not _HOST.fullmatch(host):
        return say("The registry's name is no host or host:port.")
    if host in {"index.docker.io/v1", "docker.io/v1"}:
        return say("Docker Hub is written docker.io for nodes.")
    return ""
