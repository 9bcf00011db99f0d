"""A full preflight where nobody answers: every packet of a namespace is lost; 3 + 20 nodes of both families."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.peers.servers import speaks_six
from tui.plan.model import Artifacts, Bmc, LoadBalancer, MirrorSource, Network, Node, Plan, Role, Topology

pytestmark = pytest.mark.peers
GRACE_SECONDS = 2.0
RELEASE, MIRROR = "quay.io/openshift-release-dev/ocp-release", "10.97.1.6:5000/ocp4"
PROGRAM = """
import asyncio, json, pathlib, sys, time
import msgspec
from tui.checks.asking import questions, run
from tui.plan.model import Plan

async def main():
    plan = msgspec.json.decode(pathlib.Path(sys.argv[1]).read_bytes(), type=Plan)
    started = time.monotonic()
    asking = run(plan, phase=sys.argv[2], secret=lambda name: b"calvin")
    results = [[r.id, r.subject, r.state, r.evidence] async for r in asking]
    took = time.monotonic() - started
    longest = max(question.seconds for question in questions(plan, sys.argv[2]))
    print(json.dumps({"took": took, "longest": longest, "results": results}))

asyncio.run(main())
"""


def both(number: int, network: int = 0) -> str:
    """An address of each family."""
    return f"10.97.{network}.{number}, fd00:97:0:{network}::{number}"


def node(role: Role, name: str, number: int) -> Node:
    """A node of both families with a controller."""
    return Node(role=role, name=name, address=both(number), bmc=Bmc(address=f"10.97.2.{number}", password="bmc"))


PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="peers.test",
        version="4.21.0",
        nodes=[
            node("bootstrap", "bootstrap", 20),
            *(node("master", f"master-{n}", 30 + n) for n in range(3)),
            *(node("worker", f"worker-{n}", 40 + n) for n in range(20)),
        ],
    ),
    network=Network(
        machine_networks=["10.97.0.0/24", "fd00:97::/64"],
        gateway=both(1),
        name_servers=["10.97.1.2", "10.97.1.3", "fd00:97:0:1::2", "fd00:97:0:1::3"],
        ntp_servers=["10.97.1.4", "fd00:97:0:1::4"],
        load_balancer=LoadBalancer(
            api=both(5, 1), api_int=both(5, 1), ingress=both(5, 1), stats="http://10.97.1.5:9000/s"
        ),
        mirrors=[MirrorSource(source=RELEASE, mirrors=[MIRROR, "mirror.peers.test:5000/ocp4"])],
    ),
    artifacts=Artifacts(release_image=f"{RELEASE}@sha256:{'a' * 64}"),
)


@pytest.fixture(name="lost")
def lost_fixture() -> Iterator[str]:
    """A namespace with routes to everything, by a neighbour that takes each packet and answers none."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    if not speaks_six():
        pytest.skip("this kernel has no IPv6")
    name, hole = f"lost{os.getpid() % 100000}", f"hole{os.getpid() % 100000}"
    mac = "02:00:00:00:00:66"
    try:
        for words in (
            f"netns add {name}",
            f"netns add {hole}",
            f"link add l0 netns {name} type veth peer name l1 netns {hole}",
            f"-n {hole} link set l1 up",
            f"-n {name} link set lo up",
            f"-n {name} link set l0 up",
            f"-n {name} address add 10.96.0.1/24 dev l0",
            f"-n {name} address add fd00:96::1/64 dev l0 nodad",
            f"-n {name} neigh add 10.96.0.2 lladdr {mac} dev l0 nud permanent",
            f"-n {name} neigh add fd00:96::2 lladdr {mac} dev l0 nud permanent",
            f"-n {name} route add default via 10.96.0.2",
            f"-n {name} -6 route add default via fd00:96::2",
        ):
            subprocess.run(["ip", *words.split()], capture_output=True, check=True)
        yield name
    finally:
        for one in (name, hole):
            subprocess.run(["ip", "netns", "delete", one], capture_output=True, check=False)


@pytest.mark.parametrize("phase", ["before-boot", "after-bootstrap"])
def test_silence_of_two_families_takes_no_longer_than_the_longest_question(
    lost: str, tmp_path: Path, phase: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(PLAN))
    command = ["ip", "netns", "exec", lost, sys.executable, "-c", PROGRAM, str(path), phase]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(
        f"{phase}: {len(told['results'])} results in {told['took']:.1f} s, the longest question {told['longest']:.0f} s"
    )
    assert told["took"] <= told["longest"] + GRACE_SECONDS
    # What is known of this machine, and what the plan says by itself, may well be right.
    right = {row[0] for row in told["results"] if row[2] == "ok" and not row[0].startswith("bastion.")}
    assert right <= {"address.in-network", "address.free", "lb.22623-outside"}
    named = {row[0] for row in told["results"] if row[2] == "unknown" and "itself failed" in row[3]}
    assert named == set()
