"""A machine installed anew shows another host key: the person says so, and the old one is forgotten."""

from pathlib import Path
from typing import Any

import pytest

from tui.engine.jobs import RUNNERS
from tui.engine.work import Desk, Refused, Work
from tui.plan.model import Node, Plan, Topology
from tui.session.session import Session

PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="example.test",
        nodes=[
            Node(role="master", name="m0", address="10.0.0.10, fd00::10"),
            Node(role="master", name="m1", address="10.0.0.11"),
            Node(role="worker", name="w0"),
        ],
    ),
    endpoints={"10.0.0.11:22": "127.0.0.1:2211"},
)
PINNED = "10.0.0.10 ssh-ed25519 AAAA\n[127.0.0.1]:2211 ssh-ed25519 BBBB\n"


async def forget(path: Path, node: str) -> tuple[dict[str, Any], str, list[str]]:
    """Runs the job as the engine does; gives its result, what is pinned afterwards, and what the timeline says."""
    session = Session(path)
    session.replace(PLAN)
    session.directory.known_hosts.write_text(PINNED)
    job = session.store.job(session.store.request("forget-host", node=node))
    assert job is not None
    result = await RUNNERS["forget-host"](Work(Desk(session.directory), job))
    told = [event.text for event in session.store.events() if event.kind == "person"]
    return result, session.directory.known_hosts.read_text(), told


@pytest.mark.parametrize("name", ["m0", "m0.ocp4.example.test"])
async def test_the_key_pinned_for_a_node_is_forgotten_and_told_of(tmp_path: Path, name: str) -> None:
    result, pinned, told = await forget(tmp_path / "s", name)
    assert result == {"node": "m0.ocp4.example.test", "forgotten": 1}
    assert pinned == "[127.0.0.1]:2211 ssh-ed25519 BBBB\n"
    assert any("m0.ocp4.example.test" in text for text in told)


async def test_the_key_is_looked_for_where_the_node_really_answers(tmp_path: Path) -> None:
    _, pinned, _ = await forget(tmp_path / "s", "m1")
    assert pinned == "10.0.0.10 ssh-ed25519 AAAA\n"


@pytest.mark.parametrize("name", ["w0", "nobody"])
async def test_a_node_without_an_address_has_no_key_to_forget(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=name):
        await forget(tmp_path / "s", name)
