"""install-config.yaml as text."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tui.generate.model import Secret
from tui.plan.install_config import document
from tui.plan.model import Plan

if TYPE_CHECKING:
    import yaml


def install_config(plan: Plan, secret: Secret) -> str:
    """The file openshift-install reads; `secret` gives the text of a secret by its name in the plan."""
    import yaml

    class Plain(yaml.SafeDumper):
        """Multi-line text as a block, the pull secret's JSON in single quotes: as a person would write them."""

    Plain.add_representer(str, _text)
    return yaml.dump(_document(plan, secret), Dumper=Plain, sort_keys=False, width=10**6)


def _text(dumper: "yaml.SafeDumper", text: str) -> "yaml.ScalarNode":
    style = "|" if "\n" in text.rstrip("\n") else "'" if text.startswith("{") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _document(plan: Plan, secret: Secret) -> dict[str, Any]:
    return document(plan, pull_secret(plan, secret), proxy_credentials(plan, secret))


def proxy_credentials(plan: Plan, secret: Secret) -> str:
    """`user:password` as a URL takes it, "" without; a preview's mark has no colon and stays as it is."""
    credentials = secret(plan.network.proxy.credentials).strip()
    user, colon, password = credentials.partition(":")
    return f"{quote(user, safe='')}:{quote(password, safe='')}" if colon else credentials


def pull_secret(plan: Plan, secret: Secret) -> str:
    """The pull secret on one line, the mirror's credentials merged into it; a preview's mark stays as it is."""
    chosen = plan.pull_secret
    texts = [secret(name).strip() for name in (chosen.pull_secret, chosen.mirror_credentials) if name]
    auths: dict[str, Any] = {}
    for text in texts:
        try:
            auths.update(json.loads(text)["auths"])
        except (ValueError, TypeError, KeyError):
            return texts[0]  # not ours to judge: the plan's rules and openshift-install say what is wrong with it
    return json.dumps({"auths": auths}, separators=(",", ":"), ensure_ascii=False) if texts else ""
