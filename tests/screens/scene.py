"""A made-up installation in the middle of a failing bootstrap, for screens to show. Rows are written as the engine
writes them; nothing of it pretends to come from a machine."""

from pathlib import Path

from tui.hints.model import Evidence, Hint
from tui.lines import Line
from tui.monitor.model import Stage, StageState
from tui.plan.model import LoadBalancer, Network, Node, Plan, Role, Topology
from tui.session.rows import NodeRow
from tui.session.session import Session

START = 1_625_463_482_000_000
"""The runbook's own hour: 2021-07-05 05:38:02 UTC."""
SECOND = 1_000_000
NAMES = ("bootstrap", "master-1", "master-2", "master-3", "worker-1", "worker-2")


def plan() -> Plan:
    """The runbook's cluster."""
    roles: tuple[Role, ...] = ("bootstrap", "master", "master", "master", "worker", "worker")
    nodes = [
        Node(role=role, name=name, address=f"192.168.31.{161 + n}", mac=f"52:54:00:00:00:{n:02x}", disk="/dev/sda")
        for n, (name, role) in enumerate(zip(NAMES, roles, strict=True))
    ]
    return Plan(
        topology=Topology(cluster_name="ocp4", base_domain="shinefire.com", version="4.7.7", nodes=nodes),
        network=Network(
            machine_networks=["192.168.31.0/24"],
            gateway="192.168.31.1",
            name_servers=["192.168.31.160"],
            load_balancer=LoadBalancer(api="192.168.31.160", api_int="192.168.31.160", ingress="192.168.31.160"),
        ),
    )


def full(name: str) -> str:
    """A node's full name."""
    return f"{name}.ocp4.shinefire.com"


REFUSED = (
    'Error: error pulling image "quay.io/openshift-release-dev/ocp-release@sha256:c7e8f18e": error pinging docker '
    'registry quay.io: Get "https://quay.io/v2/": dial tcp: lookup quay.io on 192.168.31.160:53: read udp '
    "192.168.31.160:36443->192.168.31.160:53: read: connection refused"
)


def failing(path: Path) -> Session:
    """A session whose bootstrap cannot pull the release image."""
    session = Session(path)
    session.replace(plan())
    store = session.store
    lines, number = [], 0
    for round_ in range(30):
        for text, priority in (
            ("Pulling quay.io/openshift-release-dev/ocp-release@sha256:c7e8f18e…", 6),
            (REFUSED, 3),
            ("Pull failed. Retrying quay.io/openshift-release-dev/ocp-release@sha256:c7e8f18e…", 6),
        ):
            number += 1
            lines.append(
                Line(
                    text=text,
                    time=START + round_ * 5 * SECOND,
                    node=full("bootstrap"),
                    source=full("bootstrap"),
                    unit="release-image",
                    identifier="release-image-download.sh",
                    priority=priority,
                    number=number,
                )
            )
    for name in ("master-1", "master-2", "master-3"):
        number += 1
        lines.append(
            Line(text=f"{name:<12} GET rootfs.img 200 870 MB", time=START, source="file server", number=number)
        )
    store.add_lines(lines)
    stages: list[tuple[str, str, StageState]] = [
        ("coreos-install", "CoreOS written to the bootstrap's disk", "done"),
        ("ignition", "Ignition applied", "done"),
        ("release-image", "Release image", "running"),
        ("kubelet", "Kubelet", "waiting"),
        ("bootkube", "Bootkube", "waiting"),
        ("bootstrap-complete", "Bootstrap complete", "waiting"),
    ]
    store.put(
        *(
            Stage(id=id_, title=title, state=state, started=START if state != "waiting" else None, usual=60)
            for id_, title, state in stages
        ),
        NodeRow(name=full("bootstrap"), role="bootstrap", link="following", boot="ssh", lines=90),
        NodeRow(name=full("master-1"), role="master", boot="installing"),
        Hint(
            id="bootstrap-dns-refused",
            title="192.168.31.160 refuses to answer the bootstrap's DNS",
            severity="fatal",
            node=full("bootstrap"),
            unit="release-image",
            first=START,
            last=START + 145 * SECOND,
            count=30,
            confirmed="confirmed",
            evidence=[Evidence(source=full("bootstrap"), line_number=n, text=REFUSED) for n in range(2, 90, 3)],
            cause="Nothing answers on 192.168.31.160 port 53, so quay.io cannot be found and no image pulled.",
            remedy=[
                "on the bastion: systemctl enable --now named",
                "firewall-cmd --permanent --add-service=dns && firewall-cmd --reload",
            ],
            confirm=["dig @192.168.31.160 quay.io"],
        ),
    )
    return session
