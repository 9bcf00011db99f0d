"""What the number of machines leads to, said on the first step."""

from collections.abc import Callable

import pytest

from tests.screens.grid import grid
from tests.screens.test_journeys import form
from tui.app import OcpTui
from tui.plan.model import Node, Plan, Role, Shape, Topology
from tui.screens.topology import consequences

Wizard = Callable[..., OcpTui]


def plan(masters: int, workers: int, shape: Shape = "ha") -> Plan:
    roles: list[Role] = [*["master"] * masters, *["worker"] * workers]  # type: ignore[list-item]
    return Plan(topology=Topology(shape=shape, nodes=[Node(role=role) for role in roles]))


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (plan(3, 0), "No workers: the control plane is schedulable"),
        (plan(3, 1), "One worker: one router"),
        (plan(2, 2), "2 control plane nodes bear no more losses than one fewer"),
        (plan(4, 2), "4 control plane nodes bear no more losses than one fewer"),
        (plan(1, 0, "sno"), "boot in place"),
    ],
)
def test_what_follows_is_said_in_words(counted: Plan, words: str) -> None:
    assert words in " ".join(consequences(counted))


@pytest.mark.parametrize("counted", [plan(3, 2), plan(5, 3), plan(0, 0)])
def test_what_is_usual_is_not_talked_about(counted: Plan) -> None:
    assert consequences(counted) == []


async def test_the_consequences_stand_beside_the_form(wizard: Wizard) -> None:
    app = wizard(decided=True)
    nodes = [node for node in app.session.plan.topology.nodes if node.role != "worker"]
    app.session.decide("topology.nodes", nodes)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.3)
        form(app).go("topology.shape")
        await pilot.pause(0.3)
        assert "What follows" in grid(app)
