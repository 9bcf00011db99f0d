"""`create manifests`, `create ignition-configs`, `create single-node-ignition-config`: what is consumed and written."""

import base64
import json
import os
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tui.lab.artifacts import LABEL
from tui.lab.installer.certificates import make
from tui.lab.installer.output import Failed, Log
from tui.lab.settings import VERSION
from tui.plan.rules import judge_install_config
from tui.plan.strict_yaml import YamlUnreadable, read

STATE = ".openshift_install_state.json"
LEFT_WHEN_OLD = timedelta(minutes=14)
"""How long certificates still live that look as if they had been made almost a day ago."""
_INSTALL_CONFIG_ERROR = 3
_PASSWORD = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # noqa: S105 - letters a password is made of
_FOLDERS = {"Common Manifests": "manifests", "Openshift Manifests": "openshift"}
_CONSUMED = (
    "Worker Machines", "Openshift Manifests", "OpenShift Install (Manifests)", "Common Manifests", "Master Machines",
)  # fmt: skip

Document = dict[str, Any]


def create(target: str, directory: Path, log: Log, lab: Path) -> None:
    """Makes one target's files in `directory`. Raises Failed with the installer's exit code."""
    os.umask(os.umask(0) & ~0o750 | 0o027)
    if target == "manifests":
        _manifests(directory, log)
        log.info(f"Manifests created in: {directory / 'manifests'} and {directory / 'openshift'}")
        return
    single = target == "single-node-ignition-config"
    name = "Single-Node-Ignition-Config" if single else "Ignition-Configs"
    wanted = "bootstrap-in-place-for-live-iso.ign" if single else "bootstrap.ign"
    if not (directory / wanted).exists():
        config, files = _consumed(directory, log)
        _ignition(directory, config, files, lab, single=single)
    log.info(f"{name} created in: {directory} and {directory / 'auth'}")


def _manifests(directory: Path, log: Log) -> None:
    config = _install_config(directory, log)
    if not _replicas(config["compute"][0] if config.get("compute") else {}, 0):
        log.write(
            "warning",
            "Making control-plane schedulable by setting MastersSchedulable to true for Scheduler cluster settings",
        )
    for path, text in _rendered(config).items():
        (directory / path).parent.mkdir(mode=0o750, exist_ok=True)
        _write(directory / path, text)


def _install_config(directory: Path, log: Log) -> Document:
    """Reads, judges and consumes install-config.yaml; the state file keeps it."""
    state = directory / STATE
    path = directory / "install-config.yaml"
    if not path.exists():
        if state.exists():
            log.debug("Using Install Config loaded from state file")
            kept: Document = json.loads(state.read_text("utf-8"))["*installconfig.InstallConfig"]["config"]
            return kept
        raise Failed('level=fatal msg=failed to fetch Master Machines: "install-config.yaml" is not there', 3)
    config = _judged(path)
    log.info("Consuming Install Config from target directory")
    infra = f"{config['metadata']['name']}-{''.join(secrets.choice('bcdfghjkmnpqrstvwxz2456789') for _ in range(5))}"
    known = {
        "*installconfig.InstallConfig": {"config": config},
        "*installconfig.ClusterID": {"UUID": str(uuid.uuid4()), "InfraID": infra},
        "stand-in": LABEL,
    }
    _write(state, json.dumps(known, indent=4))
    path.unlink()
    return config


def _judged(path: Path) -> Document:
    prefix = (
        'level=error msg=failed to fetch Master Machines: failed to load asset "Install Config": failed to create '
        'install config: invalid "install-config.yaml" file: '
    )
    try:
        document, _ = read(path.read_bytes())
    except YamlUnreadable as error:
        raise Failed(f"{prefix}{error}", _INSTALL_CONFIG_ERROR) from error
    problems = [problem for problem in judge_install_config(document, VERSION, "manifests") if problem.installer]
    if problems:
        told = ", ".join(f"{problem.path}: {problem.message}" for problem in problems)
        raise Failed(f"{prefix}[{told}]" if len(problems) > 1 else prefix + told, _INSTALL_CONFIG_ERROR)
    assert isinstance(document, dict)
    return document


def _consumed(directory: Path, log: Log) -> tuple[Document, dict[str, str]]:
    """What Ignition is made of: the manifests in the directory where there are any, else the install-config."""
    if not (directory / "manifests").is_dir():
        config = _install_config(directory, log)
        return config, _rendered(config)
    files = {}
    for folder in _FOLDERS.values():
        for path in sorted((directory / folder).iterdir()):
            files[f"{folder}/{path.name}"] = path.read_text("utf-8")
            path.unlink()
        (directory / folder).rmdir()
    for name in _CONSUMED:
        log.info(f"Consuming {name} from target directory")
    return _install_config(directory, log), files


def _rendered(config: Document) -> dict[str, str]:
    """Manifests by path below the directory."""
    domain, networking = _domain(config), config.get("networking", {})

    def manifest(version: str, kind: str, spec: Document, name: str = "cluster") -> str:
        return yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": {"name": name}, **spec})

    def machine_config(role: str) -> str:
        labels = {"machineconfiguration.openshift.io/role": role}
        users = [{"name": "core", "sshAuthorizedKeys": [config.get("sshKey", "").strip()]}]
        ignition = {"ignition": {"version": "3.2.0"}, "passwd": {"users": users}}
        body = {"metadata": {"name": f"99-{role}-ssh", "labels": labels}, "spec": {"config": ignition}}
        return yaml.safe_dump({"apiVersion": "machineconfiguration.openshift.io/v1", "kind": "MachineConfig", **body})

    shown = yaml.safe_dump(config | {"pullSecret": ""})
    system = {"metadata": {"name": "cluster-config-v1", "namespace": "kube-system"}, "data": {"install-config": shown}}
    network = {key: networking[key] for key in ("clusterNetwork", "networkType", "serviceNetwork") if key in networking}
    urls = {"apiServerURL": f"https://api.{domain}:6443", "apiServerInternalURI": f"https://api-int.{domain}:6443"}
    trust = {"metadata": {"name": "user-ca-bundle", "namespace": "openshift-config"}}
    trust |= {"data": {"ca-bundle.crt": config.get("additionalTrustBundle", "")}}
    settings = "config.openshift.io/v1"
    apps, channel = {"spec": {"domain": f"apps.{domain}"}}, {"spec": {"channel": "stable-4.18"}}
    invoker = {"data": {"invoker": "user", "version": f"stand-in {VERSION}"}}
    return {
        "manifests/cluster-config.yaml": yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", **system}),
        "manifests/cluster-dns-02-config.yml": manifest(settings, "DNS", {"spec": {"baseDomain": domain}}),
        "manifests/cluster-infrastructure-02-config.yml": manifest(settings, "Infrastructure", {"status": urls}),
        "manifests/cluster-ingress-02-config.yml": manifest(settings, "Ingress", apps),
        "manifests/cluster-network-02-config.yml": manifest(settings, "Network", {"spec": network}),
        "manifests/cluster-proxy-01-config.yaml": manifest(settings, "Proxy", {"spec": config.get("proxy", {})}),
        "manifests/cluster-scheduler-02-config.yml": manifest(
            settings, "Scheduler", {"spec": {"mastersSchedulable": not config.get("compute")}}
        ),
        "manifests/cvo-overrides.yaml": manifest(settings, "ClusterVersion", channel, "version"),
        "manifests/user-ca-bundle-config.yaml": yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", **trust}),
        "openshift/99_openshift-machineconfig_99-master-ssh.yaml": machine_config("master"),
        "openshift/99_openshift-machineconfig_99-worker-ssh.yaml": machine_config("worker"),
        "openshift/openshift-install-manifests.yaml": manifest(
            "v1", "ConfigMap", invoker, "openshift-install-manifests"
        ),
    }


def _ignition(directory: Path, config: Document, manifests: dict[str, str], lab: Path, *, single: bool) -> None:
    domain = _domain(config)
    certificates = make(domain, _since(lab))
    files = {
        f"/opt/openshift/tls/{name}": text
        for name, text in certificates.items()
        if not name.startswith("admin-kubeconfig-client")
    }
    files |= {f"/opt/openshift/{path}": text for path, text in manifests.items()}
    files["/usr/local/bin/bootkube.sh"] = f"#!/usr/bin/bash\n# {LABEL}\n"
    files["/root/.docker/config.json"] = config.get("pullSecret", "{}")
    kubeconfig = _kubeconfig(config, certificates)
    files["/opt/openshift/auth/kubeconfig"] = kubeconfig
    units = ("approve-csr", "bootkube", "crio-configure", "kubelet", "progress", "release-image")
    document = {
        "ignition": {"version": "3.2.0"},
        "passwd": {"users": [{"name": "core", "sshAuthorizedKeys": [config.get("sshKey", "").strip()]}]},
        "storage": {"files": [_file(path, text) for path, text in files.items()]},
        "systemd": {"units": [{"name": f"{unit}.service", "contents": f"# {LABEL}\n"} for unit in units]},
    }
    auth = directory / "auth"
    auth.mkdir(mode=0o750, exist_ok=True)
    _write(directory / ("bootstrap-in-place-for-live-iso.ign" if single else "bootstrap.ign"), json.dumps(document))
    for role in ("worker",) if single else ("master", "worker"):
        _write(directory / f"{role}.ign", json.dumps(_pointer(domain, role, certificates["root-ca.crt"])))
    _write(auth / "kubeconfig", kubeconfig)
    groups = ("".join(secrets.choice(_PASSWORD) for _ in range(5)) for _ in range(4))
    _write(auth / "kubeadmin-password", "-".join(groups))
    identity = json.loads((directory / STATE).read_text("utf-8"))["*installconfig.ClusterID"]
    metadata = {
        "clusterName": config["metadata"]["name"],
        "clusterID": identity["UUID"],
        "infraID": identity["InfraID"],
    }
    _write(directory / "metadata.json", json.dumps(metadata | {"none": {}}))


def _since(lab: Path) -> datetime:
    """When the certificates begin: now, or in a rehearsal of old files and for the first ones almost a day ago."""
    made = lab / "made-old"
    try:
        old = json.loads((lab / "world.json").read_bytes())["certificates"] == "old" and not made.exists()
    except (OSError, ValueError, KeyError):
        old = False
    if old:
        made.touch()
    return datetime.now(UTC) - (timedelta(days=1) - LEFT_WHEN_OLD if old else timedelta())


def _kubeconfig(config: Document, certificates: dict[str, str]) -> str:
    def encoded(name: str) -> str:
        return base64.b64encode(certificates[name].encode()).decode()

    name = config["metadata"]["name"]
    server = {
        "certificate-authority-data": encoded("kube-apiserver-complete-server-ca-bundle.crt"),
        "server": f"https://api.{_domain(config)}:6443",
    }
    user = {
        "client-certificate-data": encoded("admin-kubeconfig-client.crt"),
        "client-key-data": encoded("admin-kubeconfig-client.key"),
    }
    return yaml.safe_dump(
        {
            "clusters": [{"cluster": server, "name": name}],
            "contexts": [{"context": {"cluster": name, "user": "admin"}, "name": "admin"}],
            "current-context": "admin",
            "preferences": {},
            "users": [{"name": "admin", "user": user}],
        },
        sort_keys=False,
    )


def _pointer(domain: str, role: str, authority: str) -> Document:
    source = {"source": _data_url(authority)}
    return {
        "ignition": {
            "config": {"merge": [{"source": f"https://api-int.{domain}:22623/config/{role}"}]},
            "security": {"tls": {"certificateAuthorities": [source]}},
            "version": "3.2.0",
        }
    }


def _file(path: str, text: str) -> Document:
    return {
        "overwrite": True,
        "path": path,
        "user": {"name": "root"},
        "contents": {"source": _data_url(text)},
        "mode": 0o555 if path.endswith(".sh") else 0o600,
    }


def _data_url(text: str) -> str:
    return f"data:text/plain;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def _domain(config: Document) -> str:
    return f"{config['metadata']['name']}.{config['baseDomain']}"


def _replicas(pool: Document, otherwise: int) -> int:
    value = pool.get("replicas", otherwise)
    return value if isinstance(value, int) else otherwise


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w", encoding="utf-8") as file:
        file.write(text)
