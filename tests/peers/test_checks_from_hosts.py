"""The job "check" asks from the bastion and from real hosts: sshd, bash, a dnsmasq that answers in their network."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.peers.nodes import Host
from tests.peers.servers import Servers, servers_fixture  # noqa: F401
from tests.peers.test_engine_on_real_hosts import kill, until
from tests.screens.grid import grid
from tests.wizard_alone import Alone
from tui.checks.model import Result
from tui.engine.client import attach, running
from tui.plan.endpoints import full_name
from tui.plan.model import LoadBalancer, Network, Node, Plan, PullSecret, Role, Topology
from tui.session.rows import NodeRow
from tui.session.session import Session

pytestmark = pytest.mark.peers
ROLES: tuple[Role, ...] = ("bootstrap", "master", "worker")


@pytest.fixture(name="session")
def session_fixture(tmp_path: Path, three_hosts: dict[str, Host]) -> Iterator[Session]:
    """A session on the three hosts, whose name server is on their bridge."""
    first = next(iter(three_hosts.values()))
    for host in three_hosts.values():
        # As on RHCOS: core's shell is bash.
        users = host._directory / "passwd"
        users.write_text(users.read_text().replace(":/bin/sh\n", ":/bin/bash\n"))
    network = first.address.rpartition(".")[0]
    server, balancer = f"{network}.1", f"{network}.200"
    nodes = [
        Node(role=role, name=name, address=host.address)
        for role, (name, host) in zip(ROLES, three_hosts.items(), strict=True)
    ]
    session = Session(tmp_path / "session")
    session.replace(
        Plan(
            topology=Topology(cluster_name="ocp4", base_domain="peers.test", version="4.15.3", nodes=nodes),
            network=Network(
                machine_networks=[f"{network}.0/24"],
                gateway=server,
                name_servers=[server],
                load_balancer=LoadBalancer(api=balancer, api_int=balancer, ingress=balancer),
            ),
            pull_secret=PullSecret(ssh_private_key=str(first.key)),
        )
    )
    session.decide("boot.ssh_user", first.user)
    yield session
    if running(session):
        kill(session)


def name_server(servers: Servers, session: Session) -> None:
    """dnsmasq on the bridge: api is right, api-int leads to a node."""
    network, nodes = session.plan.network, session.plan.topology.nodes
    address = network.name_servers[0]
    lines = [
        f"listen-address={address}",
        "port=53",
        "bind-interfaces",
        "no-resolv",
        "no-hosts",
        "user=root",
        "pid-file=",
    ]
    lines += ["local=/peers.test/", f"address=/api.ocp4.peers.test/{network.load_balancer.api}"]
    lines += [f"address=/api-int.ocp4.peers.test/{nodes[1].address}"]
    path = servers.file("node-dns.conf", "\n".join([*lines, ""]))
    servers.start(["dnsmasq", "--keep-in-foreground", "-C", str(path)], lambda: _answers(address))


def _answers(address: str) -> bool:
    with suppress(OSError), socket.create_connection((address, 53), 0.2):
        return True
    return False


async def test_one_node_of_each_role_is_asked_too_and_each_result_says_from_where(
    session: Session, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_server(servers, session)
    names = {full_name(session.plan, node) for node in session.plan.topology.nodes}
    attach(session)
    session.store.request("watch")
    until(lambda: {row.name for row in session.store.facts(NodeRow) if row.link == "following"} == names)
    number = session.store.request("check", only=["dns.server", "dns.api", "dns.api-int"])

    def done() -> bool:
        attach(session)
        job = session.store.job(number)
        return job is not None and job.finished

    until(done)
    results = [result for result in session.store.facts(Result) if result.id.startswith("dns.")]
    states = {(result.id, result.asked_from): result.state for result in results}
    for place in (*names, "bastion"):
        assert states["dns.server", place] == "ok", results
        assert states["dns.api", place] == "ok", results
        assert states["dns.api-int", place] == "failed", "the record leads to a node, whoever asks"

    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    app = Alone(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3")
        await pilot.pause(0.3)
        app.screen.form.go("checks")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause(0.3)
        shown = grid(app)
        for node in ("bootstrap", "master-0", "worker-0"):
            assert [line for line in shown.splitlines() if "dns.api-int" in line and f"from {node}: api-int" in line], (
                shown
            )
