"""The certificates of an installation, as openshift-install makes them: who signs whom, and for how long.

Source: the certificates in Ignition files of openshift-install 4.7 to 4.20-dev.
"""

from datetime import datetime, timedelta

from tui.lab.authority import DAY, TEN_YEARS, YEAR, Pair, issue

_SIGNERS = {
    "root-ca": TEN_YEARS,
    "admin-kubeconfig-signer": TEN_YEARS,
    "kubelet-bootstrap-kubeconfig-signer": TEN_YEARS,
    "kube-apiserver-lb-signer": TEN_YEARS,
    "kube-apiserver-localhost-signer": TEN_YEARS,
    "kube-apiserver-service-network-signer": TEN_YEARS,
    "kube-apiserver-to-kubelet-signer": YEAR,
    "kube-control-plane-signer": YEAR,
    "aggregator-ca": DAY,
    "aggregator-signer": DAY,
    "kubelet-signer": DAY,
}
_SERVICE = "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"


def _leaves(domain: str) -> dict[str, tuple[str, str, timedelta, tuple[str, ...]]]:
    """File name: signer, subject, life, hosts."""
    api, internal = (f"{name}.{domain}" for name in ("api", "api-int"))
    return {
        "kube-apiserver-lb-server": ("kube-apiserver-lb-signer", "kube-apiserver-lb", DAY, (api,)),
        "kube-apiserver-internal-lb-server": ("kube-apiserver-lb-signer", "kube-apiserver-lb", DAY, (internal,)),
        "kube-apiserver-localhost-server": (
            "kube-apiserver-localhost-signer", "kube-apiserver-localhost", DAY, ("localhost", "127.0.0.1"),
        ),
        "kube-apiserver-service-network-server": (
            "kube-apiserver-service-network-signer", "kube-apiserver-service-network", DAY, (*_SERVICE, "172.30.0.1"),
        ),
        "aggregator-client": ("aggregator-signer", "system:kube-apiserver-proxy", DAY, ()),
        "apiserver-proxy": ("aggregator-ca", "system:kube-apiserver-proxy", DAY, ()),
        "kube-apiserver-to-kubelet-client": ("kube-apiserver-to-kubelet-signer", "system:kube-apiserver", YEAR, ()),
        "kube-control-plane-kube-controller-manager-client": (
            "kube-control-plane-signer", "system:admin", YEAR, (),
        ),
        "kube-control-plane-kube-scheduler-client": ("kube-control-plane-signer", "system:admin", YEAR, ()),
        "kubelet-client": (
            "kubelet-bootstrap-kubeconfig-signer",
            "system:node-bootstrapper", TEN_YEARS, (),
        ),
        "machine-config-server": ("root-ca", "system:machine-config-server", TEN_YEARS, (internal,)),
        "journal-gatewayd": ("root-ca", "journal-gatewayd", TEN_YEARS, ()),
        "admin-kubeconfig-client": ("admin-kubeconfig-signer", "system:admin", TEN_YEARS, ()),
    }  # fmt: skip


_BUNDLES = {
    "admin-kubeconfig-ca-bundle": ("admin-kubeconfig-signer",),
    "aggregator-ca-bundle": ("aggregator-ca",),
    "kube-apiserver-lb-ca-bundle": ("kube-apiserver-lb-signer",),
    "kube-apiserver-localhost-ca-bundle": ("kube-apiserver-localhost-signer",),
    "kube-apiserver-service-network-ca-bundle": ("kube-apiserver-service-network-signer",),
    "kube-apiserver-complete-server-ca-bundle": (
        "kube-apiserver-localhost-signer", "kube-apiserver-service-network-signer", "kube-apiserver-lb-signer",
    ),
    "kube-apiserver-complete-client-ca-bundle": (
        "admin-kubeconfig-signer", "kubelet-signer", "kube-control-plane-signer", "kube-apiserver-to-kubelet-signer",
        "kubelet-bootstrap-kubeconfig-signer",
    ),
    "kube-apiserver-to-kubelet-ca-bundle": ("kube-apiserver-to-kubelet-signer",),
    "kube-control-plane-ca-bundle": ("kube-control-plane-signer",),
    "kubelet-bootstrap-kubeconfig-ca-bundle": ("kubelet-bootstrap-kubeconfig-signer",),
    "kubelet-client-ca-bundle": ("kubelet-signer",),
    "kubelet-serving-ca-bundle": ("kubelet-signer",),
}  # fmt: skip


def make(domain: str, since: datetime) -> dict[str, str]:
    """Every file below /opt/openshift/tls by name, valid from `since`; and the admin's client certificate."""
    signers = {name: issue(name, authority=True, valid=life, since=since) for name, life in _SIGNERS.items()}
    pairs: dict[str, Pair] = dict(signers)
    for name, (signer, subject, life, hosts) in _leaves(domain).items():
        group = "system:masters" if subject == "system:admin" else "openshift"
        pairs[name] = issue(subject, signer=signers[signer], group=group, valid=life, since=since, hosts=hosts)
    files = {f"{name}.crt": pair.certificate for name, pair in pairs.items()}
    files |= {f"{name}.key": pair.key for name, pair in pairs.items()}
    for name, members in _BUNDLES.items():
        files[f"{name}.crt"] = "".join(signers[member].certificate for member in members)
    return files
