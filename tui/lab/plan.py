"""The rehearsal's plan: every decision already made, so that a newcomer only has to walk through the screens."""

import base64
import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

from tui.lab import artifacts, images
from tui.lab.authority import Pair, issue
from tui.lab.settings import (
    API,
    BASE,
    BMC_OFFSET,
    CLUSTER,
    DNS,
    DOMAIN,
    FILES,
    HTTP,
    HTTPS,
    INSIDE,
    MACHINES,
    MCS,
    MIRROR,
    MIRROR_USER,
    NTP,
    REGISTRY,
    SERVICES,
    SSH,
    STATS,
    VERSION,
    Machine,
    Settings,
    choose,
    lab_directory,
)
from tui.plan.model import (
    Artifacts,
    Bmc,
    Boot,
    LoadBalancer,
    MirrorSource,
    Network,
    Node,
    Plan,
    PullSecret,
    Topology,
)
from tui.session.directory import SessionDirectory, open_directory

PULL_SECRET, BMC_PASSWORD, SSH_KEY = "pull-secret", "bmc-password", "lab-ssh-key"
AUTHORITY, MIRROR_PAIR = "authority", "mirror"


def prepare(session: Path) -> Plan:
    """Everything the lab needs below `session` that is not there yet, and the plan that leads through it.

    Called again it changes nothing and gives the same plan.
    Raises LabCannotStart where no loopback network is free.
    """
    directory = open_directory(session)
    lab = lab_directory(directory.path)
    lab.mkdir(mode=0o700, exist_ok=True)
    settings = choose(lab)
    authority = pair(lab, AUTHORITY) or _kept(lab, AUTHORITY, issue("ocp-tui rehearsal authority", authority=True))
    if pair(lab, MIRROR_PAIR) is None:
        hosts = (MIRROR, settings.address(SERVICES))
        _kept(lab, MIRROR_PAIR, issue(MIRROR, signer=authority, hosts=hosts, valid=timedelta(days=825)))
    _secrets(directory, lab)
    artifacts.write(lab / "artifacts", lab)
    return _plan(directory, settings, authority)


def pair(lab: Path, name: str) -> Pair | None:
    """A certificate and its key kept in the lab's directory."""
    try:
        return Pair((lab / f"{name}.crt").read_text("ascii"), (lab / f"{name}.key").read_text("ascii"))
    except FileNotFoundError:
        return None


def _kept(lab: Path, name: str, new: Pair) -> Pair:
    private(lab / f"{name}.key", new.key)
    private(lab / f"{name}.crt", new.certificate)
    return new


def private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def mirror_password(lab: Path) -> str:
    """The password of the mirror registry's one account."""
    return (lab / "mirror-password").read_text("ascii")


def _secrets(directory: SessionDirectory, lab: Path) -> None:
    if not (lab / "mirror-password").exists():
        private(lab / "mirror-password", secrets.token_urlsafe(18))
    if not (directory.secrets / PULL_SECRET).exists():
        account = base64.b64encode(f"{MIRROR_USER}:{mirror_password(lab)}".encode()).decode()
        auths = {f"{MIRROR}:{REGISTRY}": {"auth": account, "email": f"lab@{BASE}"}}
        private(directory.secrets / PULL_SECRET, json.dumps({"auths": auths}))
    if not (directory.secrets / BMC_PASSWORD).exists():
        private(directory.secrets / BMC_PASSWORD, secrets.token_urlsafe(12))
    if not (directory.secrets / SSH_KEY).exists():
        import asyncssh

        key = asyncssh.generate_private_key("ssh-ed25519", comment=f"core@{DOMAIN} (rehearsal)")
        private(directory.secrets / SSH_KEY, key.export_private_key().decode())
        private(directory.secrets / f"{SSH_KEY}.pub", key.export_public_key().decode())
    for machine in MACHINES:
        host_key = lab / f"host-{machine.name}.key"
        if not host_key.exists():
            import asyncssh

            private(host_key, asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())


def _plan(directory: SessionDirectory, settings: Settings, authority: Pair) -> Plan:
    services = settings.address(SERVICES)
    repository = f"{MIRROR}:{REGISTRY}/{images.REPOSITORY}"
    return Plan(
        lab=True,
        topology=Topology(
            cluster_name=CLUSTER,
            base_domain=BASE,
            version=VERSION,
            shape="ha",
            nodes=[_node(settings, machine) for machine in MACHINES],
        ),
        network=Network(
            machine_networks=[settings.machine_network()],
            gateway=settings.address(1),
            name_servers=[services],
            search_domain=DOMAIN,
            ntp_servers=[services],
            load_balancer=LoadBalancer(
                api=services,
                api_int=settings.address(INSIDE),
                ingress=services,
                stats=f"http://{services}:{STATS}/",
            ),
            mirrors=[MirrorSource(source=source, mirrors=[repository]) for source in images.SOURCES],
        ),
        pull_secret=PullSecret(
            pull_secret=PULL_SECRET,
            ssh_key=(directory.secrets / f"{SSH_KEY}.pub").read_text("ascii").strip(),
            ssh_private_key=str(directory.secrets / SSH_KEY),
            trust_bundle=authority.certificate,
            trust_bundle_policy="Always",
        ),
        artifacts=Artifacts(
            sources=[str(lab_directory(directory.path) / "artifacts")], release_image=images.RELEASE_IMAGE
        ),
        boot=Boot(method="pxe", listen=f"{services}:{settings.real(FILES)}"),
        endpoints=endpoints(settings),
    )


def _node(settings: Settings, machine: Machine) -> Node:
    return Node(
        role=machine.role,
        name=machine.name,
        address=settings.address(machine.octet),
        mac=f"52:54:00:1a:b0:{machine.octet - SERVICES:02x}",
        interface="enp1s0",
        disk="/dev/sda",
        bmc=Bmc(
            address=settings.address(machine.octet + BMC_OFFSET), user="lab", password=BMC_PASSWORD, verify_tls=False
        ),
    )


def endpoints(settings: Settings) -> dict[str, str]:
    """Where each planned host and port really answers; names and addresses both lead there."""
    hosts: dict[tuple[str, int], int] = {}
    for octet, name, ports in (
        (SERVICES, settings.address(SERVICES), (DNS, NTP, HTTP, HTTPS, API, MCS, REGISTRY, STATS)),
        (SERVICES, f"api.{DOMAIN}", (API, MCS)),
        (SERVICES, f"console-openshift-console.apps.{DOMAIN}", (HTTP, HTTPS)),
        (SERVICES, f"oauth-openshift.apps.{DOMAIN}", (HTTPS,)),
        (SERVICES, MIRROR, (REGISTRY,)),
        (INSIDE, settings.address(INSIDE), (API, MCS)),
        (INSIDE, f"api-int.{DOMAIN}", (API, MCS)),
    ):
        hosts |= {(name, port): octet for port in ports}
    for machine in MACHINES:
        for host in (settings.address(machine.octet), f"{machine.name}.{DOMAIN}", machine.name):
            hosts |= {(host, port): machine.octet for port in (SSH, API, MCS, HTTP, HTTPS)}
        hosts[settings.address(machine.octet + BMC_OFFSET), HTTPS] = machine.octet + BMC_OFFSET
    return {f"{host}:{port}": "{}:{}".format(*settings.place(octet, port)) for (host, port), octet in hosts.items()}


def authority_of(lab: Path) -> Pair:
    """The lab's own authority, which signs the mirror's certificate."""
    found = pair(lab, AUTHORITY)
    assert found is not None, "prepare() comes first"
    return found
