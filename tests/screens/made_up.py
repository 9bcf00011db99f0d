"""A session made up for tests and pictures: the runbook's cluster, its name server refused. Nothing is real."""

import sys
from pathlib import Path
from typing import Any

from tui.checks.model import Result
from tui.hints.model import Evidence, Hint
from tui.lines import Line
from tui.monitor.stages import Tracker
from tui.plan.model import (
    Artifacts,
    Bmc,
    Boot,
    ClusterNetwork,
    LoadBalancer,
    Network,
    Node,
    Plan,
    PullSecret,
    Topology,
)
from tui.session.database import Database
from tui.session.rows import EngineRow, NodeRow
from tui.session.session import Session

MINUTE = 60_000_000
THEN = 1_625_463_482_000_000
"""2021-07-05 05:38:02 UTC, the runbook's own instant."""
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f you@bastion"
"""Of the right shape, and nobody's."""
SECRET = b'{"auths":{"quay.io":{"auth":"bm90OnJlYWw=","email":"you@shinefire.com"}}}'


def plan() -> Plan:
    """Every decision made."""
    names = [("bootstrap", "bootstrap", 159), *(("master", f"master-{n}", 160 + n) for n in (1, 2, 3))]
    names += [("worker", f"worker-{n}", 163 + n) for n in (1, 2)]
    nodes = [
        Node(
            role=role,  # type: ignore[arg-type]
            name=name,
            address=f"192.168.31.{host}",
            mac=f"52:54:00:a1:b2:{host:02x}",
            disk="/dev/sda",
            bmc=Bmc(address=f"192.168.40.{host}", user="admin") if role == "master" else Bmc(),
        )
        for role, name, host in names
    ]
    return Plan(
        topology=Topology(cluster_name="ocp4", base_domain="shinefire.com", version="4.7.7", nodes=nodes),
        network=Network(
            machine_networks=["192.168.31.0/24"],
            cluster_networks=[ClusterNetwork()],
            gateway="192.168.31.1",
            name_servers=["192.168.31.160", "192.168.31.100"],
            ntp_servers=["ntp.shinefire.com"],
            load_balancer=LoadBalancer(api="192.168.31.160", api_int="192.168.31.160", ingress="192.168.31.160"),
        ),
        pull_secret=PullSecret(
            pull_secret="pull-secret.json",
            ssh_key=SSH_KEY,
            ssh_private_key="~/.ssh/id_ed25519",
        ),
        artifacts=Artifacts(sources=["/srv/ocp"]),
        boot=Boot(listen="192.168.31.10:8080", console="ttyS0,115200n8"),
    )


def session(path: Path, *, decided: bool = True, asked: bool = True, started: bool = True) -> Session:
    """A session on disk; `decided`: with that plan, `asked`: with checks' answers, `started`: in its bootstrap."""
    made = Session(path)
    if not decided:
        return made
    made.replace(plan())
    made.secrets.write("pull-secret.json", SECRET)
    made.store.keep("file-server-path", b"4jcgux5seu")
    made.store.put(EngineRow(pid=1, version="0", schema=1, started=THEN, state="running"))
    if asked:
        made.store.put(*answers())
    if started:
        _start(made)
    return made


def answers() -> list[Result]:
    """What the world said."""
    domain = "ocp4.shinefire.com"
    told = [
        ("dns.server", "192.168.31.160", "failed", "192.168.31.160 refuses DNS", "Start the name server on it."),
        ("dns.server", "192.168.31.100", "ok", "answers in 2 ms", ""),
        ("clock.ntp", "ntp.shinefire.com", "warning", "no answer yet", "See whether UDP 123 is open."),
        ("lb.6443", f"api.{domain}:6443", "ok", "open, no backend yet", ""),
        ("lb.6443", f"api-int.{domain}:6443", "ok", "open, no backend yet", ""),
        ("lb.22623", f"api-int.{domain}:22623", "failed", "refused: nothing listens there", "Add the frontend."),
        ("lb.443", f"console-openshift-console.apps.{domain}:443", "ok", "open, no backend yet", ""),
        ("lb.80", f"console-openshift-console.apps.{domain}:80", "ok", "open, no backend yet", ""),
    ]
    return [
        Result(id=i, subject=s, state=st, evidence=e, step="network", fix=f, asked_at=THEN)  # type: ignore[arg-type]
        for i, s, st, e, f in told
    ]


def _start(made: Session) -> None:
    store = made.store
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("artifacts", {"source": ""}, {"found": []}),
        ("generate", {"configs_only": False}, {"clock": {"created": THEN, "expires": THEN + 24 * 60 * MINUTE}}),
    ]
    for kind, arguments, result in kinds:
        job = store.request(kind, **arguments)
        store.set_job(job, state="done", started=THEN, ended=THEN + MINUTE, result=result, message="")
    store.set_job(store.request("serve", listen=""), state="running", started=THEN, message="2 nodes came")
    store.set_job(store.request("watch"), state="running", started=THEN, message="")
    tracker = Tracker("4.7.7", {"bootstrap.ocp4.shinefire.com": "bootstrap"})
    tracker.note("ignition", "", "done", THEN - MINUTE)
    tracker.note("release-image", "", "running", THEN + 18 * MINUTE)
    store.put(
        *tracker.stages(),
        NodeRow(name="bootstrap.ocp4.shinefire.com", role="bootstrap", link="following", boot="ssh", seen=THEN),
        NodeRow(name="master-1.ocp4.shinefire.com", role="master", boot="fetching", boot_detail="master.ign"),
    )
    text = "Error: error pulling image: dial tcp: lookup quay.io on 192.168.31.160:53: read: connection refused"
    lines = [
        Line(
            text=text if number % 3 else "Pulling quay.io/openshift-release-dev/ocp-release@sha256:c7e8f18e…",
            time=THEN + number * 5_000_000,
            node="bootstrap.ocp4.shinefire.com",
            source="bootstrap.ocp4.shinefire.com",
            unit="release-image",
            identifier="release-image-download.sh",
            priority=3 if number % 3 else 6,
            number=number,
        )
        for number in range(1, 40)
    ]
    served = [
        ("bootstrap", "bootstrap.ign 200 288 kB"),
        ("master-1", "rootfs.img 200 870 MB"),
        ("master-1", "master.ign 200 1.7 kB"),
    ]
    lines += [
        Line(text=f"{name:<12} GET {what}", time=THEN + n * MINUTE, source="file server", number=40 + n)
        for n, (name, what) in enumerate(served)
    ]
    store.add_lines(lines)
    store.put(
        Hint(
            id="dns-refused",
            title="192.168.31.160 refuses to answer the bootstrap's DNS",
            severity="fatal",
            node="bootstrap.ocp4.shinefire.com",
            unit="release-image",
            first=THEN,
            last=THEN + 38 * 5_000_000,
            count=26,
            cause="Nothing answers on 192.168.31.160 port 53, so quay.io cannot be found.",
            remedy=["on the bastion: systemctl enable --now named", "firewall-cmd --permanent --add-service=dns"],
            confirm=["dig @192.168.31.160 quay.io"],
            evidence=[Evidence(source="bootstrap.ocp4.shinefire.com", line_number=38, text=text)],
        )
    )


def frozen() -> int:
    """The instant at which pictures are taken: 24 minutes into the bootstrap."""
    return THEN + 24 * MINUTE


def freeze() -> None:
    """Stops the session's clock and that of every module that shows times, for pictures and stored screens."""
    Database.clock = lambda _store: frozen()  # type: ignore[assignment, method-assign]
    for name, module in list(sys.modules.items()):
        if name.startswith(("tui.screens.", "tui.widgets.")) and hasattr(module, "now"):
            module.now = frozen  # type: ignore[attr-defined]
