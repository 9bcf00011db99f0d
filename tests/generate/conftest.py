"""A plan as a person would make one, and a pull secret that must never be seen anywhere."""

import base64
import json
from pathlib import Path

import msgspec
import pytest

from tui.generate.model import Secret
from tui.plan.model import Boot, LoadBalancer, Network, Node, Plan, PullSecret, Topology

DATA = Path(__file__).parent.parent / "data" / "installer"


def node(role: str, name: str, last: int) -> Node:
    return msgspec.convert(
        {
            "role": role,
            "name": name,
            "address": f"192.168.10.{last}",
            "mac": f"52:54:00:00:00:{last:02x}",
            "interface": "ens3",
            "disk": "/dev/sda",
        },
        Node,
    )


@pytest.fixture
def recorded() -> Path:
    """What the real installer said and wrote."""
    return DATA


@pytest.fixture
def plan() -> Plan:
    """Three control plane nodes and two workers, static addresses: the cluster of the recordings."""
    nodes = [
        node("bootstrap", "bootstrap", 10),
        *(node("master", f"master-{n}", 10 + n) for n in (1, 2, 3)),
        *(node("worker", f"worker-{n}", 20 + n) for n in (1, 2)),
    ]
    return Plan(
        topology=Topology(cluster_name="ocp4", base_domain="example.com", version="4.15.0", nodes=nodes),
        network=Network(
            machine_networks=["192.168.10.0/24"],
            gateway="192.168.10.1",
            name_servers=["192.168.10.5"],
            ntp_servers=["192.168.10.5", "ntp.example.com"],
            load_balancer=LoadBalancer(api="192.168.10.5", api_int="192.168.10.5", ingress="192.168.10.6"),
        ),
        pull_secret=PullSecret(pull_secret="pull-secret", mirror_credentials="mirror", ssh_key="ssh-ed25519 AAAA core"),
        boot=Boot(listen="192.168.10.5:8080"),
    )


@pytest.fixture
def single(plan: Plan) -> Plan:
    """The same cluster as one node."""
    only = node("master", "sno", 11)
    return msgspec.structs.replace(plan, topology=msgspec.structs.replace(plan.topology, shape="sno", nodes=[only]))


@pytest.fixture
def canary() -> str:
    """A password that must never be seen."""
    return "canary-Zq83kd02mmLp"


@pytest.fixture
def secret(canary: str) -> Secret:
    """The secrets of the session: each holds the canary in its own way."""
    auth = base64.b64encode(f"user:{canary}".encode()).decode()
    texts = {
        "pull-secret": json.dumps({"auths": {"quay.io": {"auth": auth}}}, indent=2),
        "mirror": json.dumps({"auths": {"mirror.example.com:5000": {"auth": auth}}}),
    }
    return lambda name: texts.get(name, "")
