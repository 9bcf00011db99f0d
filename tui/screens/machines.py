"""The machines a plan usually has."""

from tui.plan.model import Node, Plan


def usual(plan: Plan) -> list[Node]:
    """The machines that the plan's shape usually has, by their usual names."""
    masters = 1 if plan.topology.shape == "sno" else 3
    workers = 2 if plan.topology.shape == "ha" else 0
    return [
        *([] if plan.topology.shape == "sno" else [Node(role="bootstrap", name="bootstrap")]),
        *(Node(role="master", name=f"master-{number}") for number in range(1, masters + 1)),
        *(Node(role="worker", name=f"worker-{number}") for number in range(1, workers + 1)),
    ]
