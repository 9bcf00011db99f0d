"""Which registries the nodes will pull from, as the plan says, and with which credentials."""

import base64
import binascii
from contextlib import suppress

from msgspec import Struct
from typing_extensions import override

from tui.checks.model import Finding
from tui.plan.endpoints import mirror_hosts
from tui.plan.model import Plan
from tui.plan.pull_secrets import NotAPullSecret, parse
from tui.text import say

RELEASE_SOURCE = "quay.io/openshift-release-dev/ocp-release"


class Repository(Struct, frozen=True):
    """A repository on a registry; `host` is host or host:port as the plan spells it."""

    host: str
    path: str

    @property
    def shown(self) -> str:
        """As in an image reference."""
        return f"{self.host}/{self.path}" if self.path else self.host


def repository(reference: str) -> Repository:
    """The repository of an image reference, without tag and digest."""
    name = reference.partition("@")[0]
    host, _, path = name.partition("/")
    head, _, last = path.rpartition("/")
    last = last.partition(":")[0]
    return Repository(host, f"{head}/{last}" if head else last)


def split_host(host: str) -> tuple[str, int]:
    """Host and port of a registry; HTTPS where no port is given."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit() and not name.endswith(":"):
        return name.strip("[]"), int(port)
    return host.strip("[]"), 443


def mirrors_of(plan: Plan, source: str) -> list[Repository]:
    """Where nodes find the images of this source repository.

    Without a mirror for it that is the source itself, but only on a registry that the plan names, or where it says
    that this site reaches the others: nothing is asked outside before the person says so. Else [].
    """
    found = []
    for entry in plan.network.mirrors:
        wanted = entry.source.rstrip("/")
        if wanted and (source == wanted or source.startswith(f"{wanted}/")):
            found += [repository(mirror.rstrip("/") + source[len(wanted) :]) for mirror in entry.mirrors if mirror]
    itself = repository(source)
    return found or ([itself] if plan.network.connected or itself.host in mirror_hosts(plan) else [])


def release_source(plan: Plan) -> str:
    """The repository that the release image is named by."""
    image = plan.artifacts.release_image
    return repository(image).shown if "/" in image else RELEASE_SOURCE


def release_repositories(plan: Plan) -> list[Repository]:
    """Where nodes look for the release image; [] while the plan does not say, see `nowhere`."""
    return mirrors_of(plan, release_source(plan))


def registries(plan: Plan) -> list[str]:
    """The registries nodes pull the platform's images from, as host or host:port, each once; [] see `nowhere`."""
    return mirror_hosts(plan) or [where.host for where in release_repositories(plan)]


def nowhere(plan: Plan, source: str = RELEASE_SOURCE) -> Finding:
    """Why nobody is asked for the images of this repository: it is undecided, or there is no place to pull from."""
    if plan.network.connected is False:
        text = say("The plan has no mirror of {source}, and this site does not reach it.", source=source)
        return Finding("failed", text, say("Enter the mirrors of {source} in step Network.", source=source))
    if plan.network.mirrors:
        text = say(
            "The plan has mirrors, but none of {source}, nor does it say that this site reaches it.", source=source
        )
        fix = say(
            "In step Network enter the mirrors of {source}, or say that this site reaches quay.io.", source=source
        )
        return Finding("failed", text, fix)
    return Finding(
        "unknown",
        say("The plan does not say whether this site reaches quay.io; so far nobody is asked."),
        say("In step Network enter the mirrors, or say that this site reaches quay.io."),
    )


def registry_hosts(plan: Plan) -> list[str]:
    """The names that nodes must find to pull images: the proxy's where there is one and no mirror."""
    proxy = plan.network.proxy.https or plan.network.proxy.http
    if proxy and not plan.network.mirrors:
        return [split_host(proxy.partition("://")[2].partition("/")[0].rpartition("@")[2])[0]]
    return list(dict.fromkeys(split_host(host)[0] for host in registries(plan)))


class Account(Struct, frozen=True):
    """A registry's user and password. Never printed: its text shows the user only."""

    user: str
    password: str

    @override
    def __str__(self) -> str:
        return self.user


def accounts(pull_secret: str) -> dict[str, Account]:
    """The accounts in a pull secret, by registry key; what cannot be read has none."""
    found: dict[str, Account] = {}
    with suppress(NotAPullSecret):
        for key, entry in parse(pull_secret).items():
            account = _account(entry.get("auth"))
            if account:
                found[key] = account
    return found


def account_for(found: dict[str, Account], where: Repository) -> Account | None:
    """The account that container tools would use: the longest matching path, then the host."""
    parts = where.shown.split("/")
    keys = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((found[key] for key in keys if key in found), None)


def _account(auth: object) -> Account | None:
    with suppress(binascii.Error, ValueError):
        user, colon, password = (
            base64.b64decode(auth if isinstance(auth, str) else "", validate=True).decode().partition(":")
        )
        if colon and user:
            return Account(user, password)
    return None
