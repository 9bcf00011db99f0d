"""The one pull secret that goes onto the nodes: the person's, with the mirror's own credentials merged into it.

install-config.yaml holds it, the rules judge it and the checks log in with it, so that none of them sees another one.
"""

import base64
import re

from tui.plan.endpoints import mirror_hosts
from tui.plan.model import Plan
from tui.plan.pull_secrets import NotAPullSecret, emit, parse

_LOGIN = re.compile(r"[^\s:{}\[\]<>\"/]+:(?!//)[^\r\n]+")


def for_nodes(plan: Plan, pull_secret: str, mirror: str) -> str:
    """Both texts as one line of JSON; where both know a registry, the mirror's credentials win.

    `mirror` is a pull secret too, or USER:PASSWORD for every mirror of the plan. What cannot be read is left for the
    rules and openshift-install to tell: then the pull secret, or what there is in its place, comes back as it was.
    """
    first, more = pull_secret.strip(), mirror.strip()
    try:
        known = parse(first) if first else {}
    except NotAPullSecret:
        return first
    if is_login(more):
        auth = base64.b64encode(more.encode()).decode()
        known |= {host: {"auth": auth} for host in mirror_hosts(plan)}
    elif more:
        try:
            known |= parse(more)
        except NotAPullSecret:
            return first or more
    return emit(known) if known else ""


def is_login(text: str) -> bool:
    """Whether this is USER:PASSWORD on one line."""
    return _LOGIN.fullmatch(text.strip()) is not None
