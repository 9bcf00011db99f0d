"""Pull secrets, certificates and SSH keys taken over from their own files."""

from collections.abc import Iterator

from tui.plan import pull_secrets, ssh_keys, trust
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.install_config import PULL_SECRET, public_keys
from tui.plan.importers.texts import decoded
from tui.plan.tables import LineProblem
from tui.text import say

MIRROR_CREDENTIALS = "mirror-credentials.json"


def pull_secret(source: Source) -> Found:
    """A pull secret goes where none is yet; a second one that is not Red Hat's is the mirror's."""
    text = decoded(source.data)
    try:
        content = pull_secrets.compact(text).encode()
        told = pull_secrets.problems(text)
        for_mirror = bool(source.plan.pull_secret.pull_secret) and not pull_secrets.is_red_hat(text)
    except pull_secrets.NotAPullSecret as error:
        raise Unreadable(str(error)) from None
    if for_mirror and source.secret(source.plan.pull_secret.pull_secret) == content:
        for_mirror = False
    path, name = ("mirror_credentials", MIRROR_CREDENTIALS) if for_mirror else ("pull_secret", PULL_SECRET)
    return Found(
        values={f"pull_secret.{path}": name},
        secrets={name: content},
        problems=[LineProblem(0, message) for message in told],
    )


def certificates(source: Source) -> Found:
    """Authorities for the trust bundle; those that are none of any use are told, and those out of date."""
    text = trust.from_file(source.data) or decoded(source.data)
    clean = trust.clean(text)
    problems = list(_faults(text, source.now)) if source.now or not clean else []
    return Found(values={"pull_secret.trust_bundle": clean} if clean else {}, problems=problems)


def _faults(text: str, now: int) -> Iterator[LineProblem]:
    for fault in trust.analyse(text, now).faults:
        if fault.severity != "info":
            where = say("Certificate {number}: ", number=fault.block) if fault.block else ""
            yield LineProblem(0, f"{where}{fault.message} {fault.fix}")


def ssh_key(source: Source) -> Found:
    """The public keys of a .pub or authorized_keys file."""
    text = decoded(source.data)
    if ssh_keys.first_key(text) is None:
        raise Unreadable(say("There is no SSH public key in it."))
    return Found(values={"pull_secret.ssh_key": public_keys(text)})
