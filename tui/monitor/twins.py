"""podman's copies: a container's line reaches the journal from bootkube.sh, which relays it, and from podman itself."""

RELAYED = frozenset(
    {
        "api-render",
        "auth-api-render",
        "cco-render",
        "cluster-bootstrap",
        "config-render",
        "cvo-render",
        "etcd-render",
        "etcdctl",
        "ingress-render",
        "kube-apiserver-render",
        "kube-controller-render",
        "kube-scheduler-render",
        "mco-render",
        "node-tuning-render",
        "wait-for-ceo",
    }
)
"""Containers that bootkube.sh runs by name and whose every line it prints again under its own name.

A container with a name of podman's making (peaceful_yalow) is another matter: the script swallows its output, so the
journal holds one copy only.
"""


def is_twin(identifier: str) -> bool:
    """Whether a line with this syslog identifier is podman's copy of one that bootkube.sh prints too."""
    return identifier in RELAYED
