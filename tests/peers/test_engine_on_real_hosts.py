"""The whole engine on three real hosts with OpenSSH and systemd's journalctl: killed, cut off and rebooted under it,
and in the database every line once, with the hints that a person reading those journals would write down."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.peers.nodes import Entry, Host
from tests.peers.test_journals_followed import entries
from tui.engine.client import attach, running
from tui.hints.model import Hint
from tui.monitor.model import Stage
from tui.plan.endpoints import full_name
from tui.plan.model import Node, Plan, PullSecret, Topology
from tui.secrets import Redactor
from tui.session.rows import EngineRow, NodeRow
from tui.session.session import Session

pytestmark = pytest.mark.peers


@pytest.fixture
def session(tmp_path: Path, three_hosts: dict[str, Host]) -> Iterator[Session]:
    """A session whose plan leads to the real hosts."""
    nodes = [
        Node(role="bootstrap" if name == "bootstrap" else "master", name=name, address=host.address)
        for name, host in three_hosts.items()
    ]
    first = next(iter(three_hosts.values()))
    session = Session(tmp_path / "session")
    session.replace(
        Plan(
            topology=Topology(cluster_name="ite-ocp", base_domain="ite.local", version="4.18.4", nodes=nodes),
            pull_secret=PullSecret(ssh_private_key=str(first.key)),
            endpoints={f"{host.address}:22": f"{host.address}:{host.port}" for host in three_hosts.values()},
        )
    )
    session.decide("boot.ssh_user", first.user)
    yield session
    if running(session):
        kill(session)


def kill(session: Session) -> None:
    """kill -9 of the engine."""
    row = session.store.fact(EngineRow)
    assert row is not None
    os.kill(row.pid, signal.SIGKILL)
    until(lambda: not running(session))


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Waits until it is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def halves(whole: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    return whole[: len(whole) // 2], whole[len(whole) // 2 :]


def test_the_engine_keeps_every_line_once_and_tells_what_they_mean(
    session: Session, three_hosts: dict[str, Host]
) -> None:
    told = {
        "bootstrap": entries(("bootkube-4.18.4.log.gz", "bootkube"), ("kubelet-4.18.4.log.gz", "kubelet")),
        "master-0": entries(("master0-kubelet-4.18.log", "kubelet")),
        "worker-0": entries(("master0-kubelet-4.18.log", "kubelet")),
    }
    names = {node.name: full_name(session.plan, node) for node in session.plan.topology.nodes}
    attach(session)
    session.store.request("watch")
    for name, host in three_hosts.items():
        host.write(halves(told[name])[0])
    until(lambda: session.store.line_counts().get(names["bootstrap"], 0) > 1000)
    kill(session)
    three_hosts["bootstrap"].cut()
    attach(session)
    three_hosts["master-0"].reboot()
    for name, host in three_hosts.items():
        host.write(halves(told[name])[1])

    def complete() -> bool:
        attach(session)
        counts = session.store.line_counts()
        return all(counts.get(names[name], 0) >= len(told[name]) for name in told)

    until(complete, 90)
    shown = Redactor()
    for name, wanted in told.items():
        stored = session.store.lines([names[name]], most=1_000_000)
        got = Counter((line.time, line.identifier, line.text) for line in stored)
        assert got == Counter((entry.time, entry.identifier, shown(str(entry.message))) for entry in wanted), name

    stages = {stage.id: stage.state for stage in session.store.facts(Stage) if not stage.node}
    assert stages["mco-bootstrap"] == "done"
    assert stages["bootstrap-complete"] != "done", "this bootstrap failed three times"
    loud = {
        hint.id for hint in session.store.facts(Hint) if hint.severity in ("fatal", "error") and hint.state == "active"
    }
    assert "bootkube-pod-status-timeout" in loud
    rows = {row.name: row for row in session.store.facts(NodeRow)}
    assert {rows[name].link for name in names.values()} == {"following"}
