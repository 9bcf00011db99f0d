"""A real machine installed anew while the engine follows it: refused until the person has its old key forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.nodes import Entry, Host
from tests.peers.test_engine_on_real_hosts import kill, until
from tui.engine.client import attach, running
from tui.plan.model import Node, Plan, PullSecret, Topology
from tui.session.rows import NodeRow
from tui.session.session import Session

pytestmark = pytest.mark.peers
NAME = "bootstrap.ocp4.peers.test"


@pytest.fixture(name="session")
def session_fixture(tmp_path: Path, host: Host) -> Iterator[Session]:
    """A session whose one machine is the real host."""
    session = Session(tmp_path / "session")
    nodes = [Node(role="bootstrap", name="bootstrap", address=host.address)]
    session.replace(
        Plan(
            topology=Topology(cluster_name="ocp4", base_domain="peers.test", version="4.18.4", nodes=nodes),
            pull_secret=PullSecret(ssh_private_key=str(host.key)),
        )
    )
    session.decide("boot.ssh_user", host.user)
    yield session
    if running(session):
        kill(session)


def link(session: Session) -> tuple[str, str]:
    """The machine's SSH link, and why."""
    attach(session)
    row = session.store.fact(NodeRow, NAME)
    return (row.link, row.link_kind) if row else ("", "")


def test_a_machine_installed_anew_is_followed_again_once_its_old_key_is_forgotten(session: Session, host: Host) -> None:
    host.write([Entry(time=1_700_000_000_000_000, message="before")])
    attach(session)
    session.store.request("watch")
    until(lambda: session.store.line_counts().get(NAME) == 1)
    host.stop()
    host.new_host_key()
    host.start()
    host.write([Entry(time=1_700_000_001_000_000, message="after")])
    until(lambda: link(session) == ("refused", "host-key-changed"))
    assert session.store.line_counts()[NAME] == 1
    number = session.store.request("forget-host", node=NAME)
    until(lambda: (job := session.store.job(number)) is not None and job.state == "done")
    until(lambda: session.store.line_counts()[NAME] == 2)
    assert link(session) == ("following", "")
