"""The rehearsal's servers before any machine is on, asked by real clients."""

import base64
import json
import os
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import dns.exception
import dns.message
import dns.query
import dns.reversename
import msgspec
import ntplib
import pytest
import requests

from tests.lab.conftest import Rehearsal, elsewhere
from tui.checks import run as preflight
from tui.lab import start
from tui.lab.clock import read
from tui.lab.images import RELEASE, REPOSITORY
from tui.lab.plan import prepare
from tui.lab.settings import LabCannotStart, reopen
from tui.plan.model import Plan

Begin = Callable[[str, float], Rehearsal]
RED = {"failed"}


def test_one_lab_answers_every_question(rehearse: Begin) -> None:
    lab = rehearse("healthy", 20)
    _names(lab)
    _mirror(lab)
    _time(lab)
    _controller(lab)
    _balancer(lab)
    assert lab.log() == ""


def _names(lab: Rehearsal) -> None:
    services = lab.plan.network.name_servers[0]
    server, port = lab.place(services, 53)
    balancer = lab.plan.network.load_balancer
    for name, wanted in (
        ("api.ocp4.lab.example", balancer.api),
        ("api-int.ocp4.lab.example", balancer.api_int),
        ("anything.apps.ocp4.lab.example", balancer.ingress),
        ("mirror.lab.example", services),
        *((f"{node.name}.ocp4.lab.example", node.address) for node in lab.plan.topology.nodes),
    ):
        for ask in (dns.query.udp, dns.query.tcp):
            reply = ask(dns.message.make_query(name, "A"), server, port=port, timeout=5)
            assert [str(record) for record in reply.answer[0]] == [wanted]
    node = lab.plan.topology.nodes[1]
    pointer = dns.message.make_query(dns.reversename.from_address(node.address), "PTR")
    assert str(dns.query.udp(pointer, server, port=port, timeout=5).answer[0][0]) == "master-0.ocp4.lab.example."


def _mirror(lab: Rehearsal) -> None:
    address, port = lab.place("mirror.lab.example", 5000)
    base = f"https://{address}:{port}/v2/"
    authority = str(lab.lab / "authority.crt")
    assert requests.get(base, verify=authority, timeout=5).status_code == 401
    auths = json.loads((lab.session / "secrets" / lab.plan.pull_secret.pull_secret).read_text("utf-8"))["auths"]
    user, _, password = base64.b64decode(auths["mirror.lab.example:5000"]["auth"]).decode().partition(":")
    account = (user, password)
    assert requests.get(base, verify=authority, auth=account, timeout=5).status_code == 200
    digest = lab.plan.artifacts.release_image.partition("@")[2]
    found = requests.get(f"{base}{REPOSITORY}/manifests/{digest}", verify=authority, auth=account, timeout=5)
    assert found.headers["Docker-Content-Digest"] == RELEASE.digest == digest
    missing = requests.get(f"{base}{REPOSITORY}/manifests/sha256:{'0' * 64}", verify=authority, auth=account, timeout=5)
    assert missing.status_code == 404


def _time(lab: Rehearsal) -> None:
    address, port = lab.place(lab.plan.network.ntp_servers[0], 123)
    told = ntplib.NTPClient().request(address, port=port, version=4, timeout=5)
    assert abs(told.offset) < 1
    assert told.stratum == 2


def _controller(lab: Rehearsal) -> None:
    node = lab.plan.topology.nodes[0]
    address, port = lab.place(node.bmc.address, 443)
    base = f"https://{address}:{port}"
    account = (node.bmc.user, (lab.session / "secrets" / node.bmc.password).read_text("ascii"))
    with requests.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.trust_env = session.verify = False
        session.auth = account
        systems = session.get(f"{base}/redfish/v1/Systems", timeout=5).json()
        system = session.get(base + systems["Members"][0]["@odata.id"], timeout=5).json()
        session.auth = None
        assert session.get(f"{base}/redfish/v1/Systems", timeout=5).status_code == 401
    assert system["PowerState"] == "Off"


def _balancer(lab: Rehearsal) -> None:
    with socket.create_connection(lab.place("api.ocp4.lab.example", 6443), 5) as connection:
        assert connection.recv(1) == b"", "no backend yet: it takes the connection and closes it"
    address, port = lab.place(lab.plan.network.name_servers[0], 9000)
    shown = requests.get(f"http://{address}:{port}/;csv", timeout=5).text
    assert "api-6443,bootstrap," in shown


async def test_a_machine_that_is_off_refuses_ssh(rehearse: Begin) -> None:
    lab = rehearse("healthy", 20)
    address, port = lab.place(lab.plan.topology.nodes[0].address, 22)
    with pytest.raises(ConnectionRefusedError):
        await asyncssh.connect(address, port, known_hosts=None)


async def test_preflight_finds_nothing_failed(rehearse: Begin) -> None:
    lab = rehearse("dns-refused", 20)

    def secret(name: str) -> bytes:
        return (lab.session / "secrets" / name).read_bytes()

    results = [result async for result in preflight(lab.plan, phase="before-boot", secret=secret)]
    assert len(results) > 40
    assert [result for result in results if result.state in RED] == []


def test_it_ends_when_it_is_told_to(rehearse: Begin) -> None:
    lab = rehearse("healthy", 20)
    lab.store.request_repair("end-lab")
    lab.until("lab", "ended")
    deadline = time.monotonic() + 10
    while start.running(lab.session):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_start_finds_the_first(rehearse: Begin) -> None:
    lab = rehearse("healthy", 20)
    first = lab.pid()
    start.start(lab.session, "healthy", 20)
    assert lab.pid() == first


def test_a_stopped_name_server_refuses_and_a_repair_starts_it(rehearse: Begin) -> None:
    lab = rehearse("dns-refused", 20)
    server, port = lab.place(lab.plan.network.name_servers[0], 53)
    question = dns.message.make_query("api.ocp4.lab.example", "A")
    assert dns.query.udp(question, server, port=port, timeout=5).answer
    lab.store.request_repair("remove-bootstrap")
    lab.store.request_repair("power-on")
    lab.until("dns", "stopped")
    with pytest.raises((OSError, dns.exception.Timeout)):
        dns.query.tcp(question, server, port=port, timeout=2)
    lab.store.request_repair("start-dns")
    lab.until("dns", "answering")
    assert lab.state("bootstrap-backend") == "needed", "a repair that is not offered does nothing"
    assert dns.query.udp(question, server, port=port, timeout=5).answer


@pytest.mark.parametrize(("scenario", "speed"), [("nosuch", 20.0), ("healthy", 0.0)])
def test_what_cannot_be_started_says_why(tmp_path: Path, scenario: str, speed: float) -> None:
    with pytest.raises(LabCannotStart, match=r"nosuch|above 0"):
        start.start(tmp_path, scenario, speed)


def test_killed_and_started_again_it_is_where_it_was_and_time_goes_on(rehearse: Begin) -> None:
    lab = rehearse("healthy", 500)
    lab.store.request_repair("power-on")
    lab.until("power", "on")
    time.sleep(0.5)
    os.kill(lab.pid(), signal.SIGKILL)
    reached = read(lab.lab)
    assert reached is not None
    deadline = time.monotonic() + 10
    while start.running(lab.session):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert start.start(lab.session, "healthy", 500) == lab.plan
    again = read(lab.lab)
    assert again is not None
    assert again.lab > reached.lab
    assert again.speed == 1.0, "machines are off again, so lab time runs as the wall clock"


def test_two_labs_started_at_the_same_instant_on_the_same_ports_both_run(tmp_path: Path) -> None:
    sessions = [tmp_path / "one", tmp_path / "two"]
    elsewhere(sessions[0])
    prepare(sessions[0])
    prepare(sessions[1])
    same = msgspec.json.decode((sessions[0] / "lab" / "settings.json").read_bytes())
    (sessions[1] / "lab" / "settings.json").write_bytes(msgspec.json.encode(same))
    gate = threading.Barrier(2)

    def begin(session: Path) -> Plan:
        gate.wait()
        return start.start(session, "healthy", 20)

    with ThreadPoolExecutor() as pool:
        plans = list(pool.map(begin, sessions))
    try:
        used = [set(plan.endpoints.values()) for plan in plans]
        assert not used[0] & used[1]
        assert all(start.running(session) for session in sessions)
    finally:
        for session in sessions:
            os.kill(int((session / "lab" / "ready").read_text("ascii")), signal.SIGTERM)


def test_a_port_taken_meanwhile_is_replaced_and_the_plan_says_so(tmp_path: Path) -> None:
    elsewhere(tmp_path)
    plan = prepare(tmp_path)
    services = plan.network.name_servers[0]
    address, _, port = plan.endpoints[f"{services}:53"].rpartition(":")
    with socket.create_server((address, int(port))):
        reopen(tmp_path / "lab")
    changed = prepare(tmp_path)
    assert changed.endpoints.keys() == plan.endpoints.keys()
    assert changed.endpoints[f"{services}:53"] != plan.endpoints[f"{services}:53"]
