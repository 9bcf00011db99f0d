"""Whole installations in the rehearsal, followed over SSH and through the API as the wizard follows them."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncssh

from tests.lab.conftest import Rehearsal, ignition
from tui.boot.model import Request
from tui.boot.server import FileServer, what_to_serve
from tui.hints.detector import Detector
from tui.hints.rules import load
from tui.lines import Line
from tui.links.kubernetes import Api, ApiFailed, load_kubeconfig
from tui.links.ssh import Target
from tui.monitor.cluster import Cluster
from tui.monitor.journals import follow
from tui.monitor.stages import Tracker
from tui.plan.endpoints import endpoint
from tui.session.served import path_part

Begin = Callable[[str, float], Rehearsal]
OF_THE_API = {"bootstrap-complete", "bootstrap-removed", "operators", "install-complete"}
"""Stages that no journal tells of."""
CSRS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


class Following:
    """What came over SSH from every machine, and what of it a monitor concludes."""

    def __init__(self, lab: Rehearsal) -> None:
        self.lines: dict[str, list[Line]] = {}
        self.asked: list[Request] = []
        plan = lab.plan
        self.detector = Detector(load(), plan)
        self.tracker = Tracker(plan.topology.version, {node.name: node.role for node in plan.topology.nodes})
        self._lab = lab

    async def node(self, name: str) -> None:
        """Follows one machine's journal over its reboots."""
        lab = self._lab
        node = next(node for node in lab.plan.topology.nodes if node.name == name)
        host, port = endpoint(lab.plan, node.address, 22)
        hosts = str(lab.session / "known_hosts")
        key = lab.plan.pull_secret.ssh_private_key
        target = Target(node=name, host=host, port=port, known_hosts=hosts, key=key)

        async def deliver(batch: Any) -> None:
            self.lines.setdefault(name, []).extend(batch.lines)
            self.detector.feed(batch.lines)
            self.tracker.feed(batch.lines)

        await follow(target, "", deliver, lambda _link: None, pauses=(0.1,))

    def text(self, name: str) -> str:
        return "\n".join(line.text for line in self.lines.get(name, []))

    def severities(self, *ids: str) -> set[str]:
        return {hint.severity for hint in self.detector.hints() if hint.id in ids and hint.state == "active"}


@asynccontextmanager
async def installation(lab: Rehearsal) -> AsyncIterator[Following]:
    """Ignition made and served, every machine followed."""
    directory = await asyncio.to_thread(ignition, lab.session, lab.plan)
    following = Following(lab)
    files = what_to_serve(lab.plan, directory, {}, {})
    server = FileServer(lab.plan, files, path_part(lab.store), following.asked.append)
    url = await server.start()
    job = lab.store.request("serve")
    lab.store.set_job(job, state="running", message=f"Serving at {url}")
    tasks = [asyncio.create_task(following.node(node.name)) for node in lab.plan.topology.nodes]
    try:
        yield following
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.close()


async def wait_for(lab: Rehearsal, target: str) -> str:
    """Runs the stand-in's wait-for, again where its time runs out, and gives all it said."""
    said = ""
    while True:
        child = await asyncio.create_subprocess_exec(
            str(lab.session / "bin" / "openshift-install"),
            *("wait-for", target, "--dir", str(lab.session / "install"), "--log-level", "debug"),
            stderr=subprocess.PIPE,
        )
        try:
            _, errors = await child.communicate()
        finally:
            with suppress(ProcessLookupError):
                child.kill()
        said += errors.decode()
        if child.returncode == 0:
            return said
        assert child.returncode == 5, said


async def approve(lab: Rehearsal) -> None:
    """Approves what waits once the bootstrap no longer does, until cancelled."""
    cluster = Cluster(lab.session / "install" / "auth" / "kubeconfig", lab.plan)
    config = load_kubeconfig(lab.session / "install" / "auth" / "kubeconfig")
    while True:
        with suppress(ApiFailed):
            async with Api(config, lambda host, port: endpoint(lab.plan, host, port)) as api:
                requests = (await api.get(CSRS))["items"]
            for request in requests:
                if lab.state("machine:bootstrap") == "done" and not request["status"].get("conditions"):
                    await cluster.approve(request["metadata"]["name"])
        await asyncio.sleep(0.3)


async def complete(lab: Rehearsal) -> str:
    """From the API's first answer to the end."""
    said = await wait_for(lab, "bootstrap-complete")
    approving = asyncio.create_task(approve(lab))
    try:
        return said + await wait_for(lab, "install-complete")
    finally:
        approving.cancel()


async def test_a_healthy_installation_comes_to_its_end(rehearse: Begin) -> None:
    lab = rehearse("healthy", 300)
    async with installation(lab) as seen:
        said = await complete(lab)
        await asyncio.sleep(1)
        lab.store.request_repair("remove-bootstrap")
        await asyncio.to_thread(lab.until, "bootstrap-backend", "removed")
    assert "It is now safe to remove the bootstrap resources" in said
    assert "Install complete!" in said
    assert "STAND-IN" in said
    assert {request.node for request in seen.asked} == {node.name for node in lab.plan.topology.nodes}
    assert "bootkube.service complete" in seen.text("bootstrap")
    for node in lab.plan.topology.nodes[1:]:
        assert len({line.boot for line in seen.lines[node.name]}) == 2, "each node reboots once"
        assert "NodeReady" in seen.text(node.name)
    for lines in seen.lines.values():
        times = [line.time for line in lines]
        assert times == sorted(set(times), key=lambda time: time or 0), "every line once, in order"
    unfinished = {
        (stage.id, stage.node, stage.state)
        for stage in seen.tracker.stages()
        if stage.state not in {"done", "skipped"} and stage.id not in OF_THE_API
    }
    assert unfinished == set()
    bad = [hint for hint in seen.detector.hints() if hint.severity in {"fatal", "error"} and hint.state == "active"]
    assert [(hint.id, hint.node) for hint in bad] == []
    assert lab.log() == ""


async def test_the_runbooks_first_failure_is_repaired_and_goes_on(rehearse: Begin) -> None:
    lab = rehearse("dns-refused", 300)
    async with installation(lab) as seen:
        await asyncio.to_thread(lab.until, "machine:bootstrap", "up")
        while "Pull failed. Retrying" not in seen.text("bootstrap"):
            await asyncio.sleep(0.1)
        services = lab.plan.network.name_servers[0]
        assert f"on {services}:53: read udp" in seen.text("bootstrap")
        assert f"->{services}:53: read: connection refused" in seen.text("bootstrap")
        assert lab.state("repair:start-dns") == "offered"
        assert "bootkube" not in seen.text("bootstrap")
        lab.store.request_repair("start-dns")
        said = await complete(lab)
    assert "Install complete!" in said
    assert lab.state("repair:start-dns") == "not needed"


async def test_old_certificates_end_on_the_way_until_new_ones_are_made(rehearse: Begin) -> None:
    lab = rehearse("expired-certificates", 400)
    async with installation(lab) as seen:
        await asyncio.to_thread(lab.until, "certificates", "expired")
        while "x509: certificate has expired" not in seen.text("bootstrap"):
            await asyncio.sleep(0.1)
        await asyncio.to_thread(_made_anew, lab)
        lab.store.request_repair("renew-certificates")
        said = await complete(lab)
    assert "Install complete!" in said


def _made_anew(lab: Rehearsal) -> None:
    (lab.session / "install").rename(lab.session / "old")
    ignition(lab.session, lab.plan)


async def test_a_machine_answers_what_a_person_asks_it(rehearse: Begin) -> None:
    lab = rehearse("dns-refused", 300)
    async with installation(lab):
        await asyncio.to_thread(lab.until, "machine:bootstrap", "up")
        host, port = lab.place(lab.plan.topology.nodes[0].address, 22)
        async with asyncssh.connect(
            host,
            port,
            username="core",
            client_keys=[lab.plan.pull_secret.ssh_private_key],
            known_hosts=None,
            config=None,
        ) as connection:
            assert (await connection.run("true")).exit_status == 0
            assert (await connection.run("hostname")).stdout == "bootstrap.ocp4.lab.example\n"
            nothing = await connection.run("make coffee")
            assert nothing.exit_status == 127
            records = await connection.run("sudo cat /var/log/openshift/release-image.json")
            assert json.loads(str(records.stdout))[0]["phase"] == "service start"
            tail = await connection.run("journalctl -o json -n 3 --no-pager")
            entries = [json.loads(line) for line in str(tail.stdout).splitlines()]
            assert len(entries) == 3
            after = await connection.run(f"journalctl -o json --after-cursor={entries[0]['__CURSOR']!r} -n 2")
            assert [json.loads(line)["__CURSOR"] for line in str(after.stdout).splitlines()][:1]
            bad = await connection.run("journalctl --after-cursor=nonsense")
            assert (bad.exit_status, bad.stderr) == (1, "Failed to seek to cursor: Invalid argument\n")
