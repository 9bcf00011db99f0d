"""What is sent to a node's shell, and what becomes of what it prints."""

import asyncio

import pytest

from tui.checks import from_node
from tui.checks.model import Result
from tui.plan.model import Network, Node, Plan, Topology


def _plan(*servers: str, nodes: int = 2) -> Plan:
    made = [Node(role="worker", name=f"w{n}", address=f"10.1.{n // 250}.{n % 250 + 1}") for n in range(nodes)]
    topology = Topology(cluster_name="ocp4", base_domain="example.test", nodes=made)
    return Plan(topology=topology, network=Network(name_servers=list(servers)))


async def _ask(plan: Plan, shell: from_node.Shell) -> list[Result]:
    return [found async for found in from_node.run(plan, "bootstrap", shell, phase="bootstrapping")]


@pytest.mark.parametrize("evil", ["10.0.0.1; touch /tmp/x", "$(reboot)", "10.0.0.1`id`", "10.0.0.1\nreboot", "-rf"])
async def test_a_name_server_that_is_no_address_never_reaches_a_shell(evil: str) -> None:
    commands: list[str] = []

    async def shell(command: str) -> bytes:
        commands.append(command)
        return b""

    results = await _ask(_plan(evil), shell)
    assert not [line for command in commands for line in command.splitlines() if line.startswith("ask 0")]
    assert all(evil not in command for command in commands if evil != "-rf")
    assert {result.state for result in results} == {"failed", "unknown"}


async def test_a_server_that_does_not_answer_the_first_question_is_asked_no_more() -> None:
    commands: list[str] = []

    async def shell(command: str) -> bytes:
        commands.append(command)
        return b"0 closed\n"

    results = await _ask(_plan("10.0.0.1", nodes=300), shell)
    assert len(commands) == 1
    server = next(result for result in results if result.id == "dns.server")
    assert (server.state, "connection refused" in server.evidence) == ("failed", True)


async def test_a_command_fits_into_one_argument() -> None:
    sizes: list[int] = []

    async def shell(command: str) -> bytes:
        sizes.append(len(command))
        lines = [line.split() for line in command.splitlines() if line.startswith("ask ")]
        return "".join(f"{line[1]} {line[3]}\n" for line in lines[:1]).encode()

    await _ask(_plan("10.0.0.1", nodes=1000), shell)
    assert len(sizes) > 3
    assert max(sizes) < 128 * 1024


@pytest.mark.parametrize(
    "printed", [b"", b"0", b"0 ", b"0 junk!!\n", b"0 AAAA\n", b"\xff\xfe 1\n", b"bash: not found\n"]
)
async def test_whatever_a_shell_prints_nothing_is_ok(printed: bytes) -> None:
    async def shell(_command: str) -> bytes:
        return printed

    results = await _ask(_plan("10.0.0.1"), shell)
    assert "ok" not in {result.state for result in results}


async def test_a_node_that_takes_too_long_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_node, "SECONDS", 0.05)

    async def shell(_command: str) -> bytes:
        await asyncio.sleep(10)
        return b""

    (only,) = await _ask(_plan("10.0.0.1"), shell)
    assert (only.state, only.asked_from) == ("unknown", "bootstrap")
