"""The machines a plan usually has."""

import pytest

from tui.plan.model import Plan, Topology
from tui.screens.machines import usual


@pytest.mark.parametrize(("shape", "count"), [("ha", 6), ("compact", 4), ("sno", 1)])
def test_the_usual_machines_follow_the_shape(shape: str, count: int) -> None:
    assert len(usual(Plan(topology=Topology(shape=shape)))) == count  # type: ignore[arg-type]
