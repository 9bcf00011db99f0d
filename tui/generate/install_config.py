"""install-config.yaml as text."""

from typing import Any
from urllib.parse import quote

from tui.generate.model import Secret
from tui.plan.install_config import document
from tui.plan.model import Plan
from tui.plan.node_pull_secret import for_nodes
from tui.plan.yaml_text import write


def install_config(plan: Plan, secret: Secret) -> str:
    """The file openshift-install reads; `secret` gives the text of a secret by its name in the plan."""
    return write(_document(plan, secret), width=10**6)


def _document(plan: Plan, secret: Secret) -> dict[str, Any]:
    return document(plan, pull_secret(plan, secret), proxy_credentials(plan, secret))


def proxy_credentials(plan: Plan, secret: Secret) -> str:
    """`user:password` as a URL takes it, "" without; a preview's mark has no colon and stays as it is."""
    credentials = secret(plan.network.proxy.credentials).strip()
    user, colon, password = credentials.partition(":")
    return f"{quote(user, safe='')}:{quote(password, safe='')}" if colon else credentials


def pull_secret(plan: Plan, secret: Secret) -> str:
    """The pull secret on one line, the mirror's credentials merged into it; a preview's mark stays as it is."""
    return for_nodes(plan, secret(plan.pull_secret.pull_secret), secret(plan.pull_secret.mirror_credentials))
