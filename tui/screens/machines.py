"""Machines out of what a person types or pastes, and into the plan."""

from msgspec.structs import replace

from tui.plan.model import Bmc, Node, Plan, Role
from tui.text import say


class NotMachines(ValueError):
    """The text names no machines. Its text says why, and what would."""


def machines(text: str) -> tuple[list[Node], list[str]]:
    """The machines that a text names, and a sentence for each line of it that could not be taken whole.

    Raises NotMachines where it names none.
    """
    from tui.plan.tables import read

    table = read(text)
    problems = [_told(problem.line, problem.message) for problem in table.problems]
    if not table.machines:
        raise NotMachines(problems[0] if problems else say("No machine is named here."))
    nodes = [machine.node() for machine in table.machines]
    guessed = [
        node if machine.role else replace(node, role=role_of(node.name))
        for node, machine in zip(nodes, table.machines, strict=True)
    ]
    return guessed, problems


def _told(line: int, message: str) -> str:
    return say("Line {line}: {message}", line=line, message=message) if line > 1 else message


def taken_in(plan: Plan, more: list[Node]) -> list[Node]:
    """The plan's machines and more: one of the same name takes over what the new one knows."""
    nodes = list(plan.topology.nodes)
    places = {node.name: number for number, node in enumerate(nodes)}
    for node in more:
        if node.name in places:
            old = nodes[places[node.name]]
            known = {name: getattr(node, name) for name in node.__struct_fields__ if getattr(node, name) != Bmc()}
            nodes[places[node.name]] = Node(
                **{name: known.get(name) or getattr(old, name) for name in old.__struct_fields__}
            )
        else:
            nodes.append(node)
    return nodes


def usual(plan: Plan) -> list[Node]:
    """The machines that the plan's shape usually has, by their usual names."""
    masters = 1 if plan.topology.shape == "sno" else 3
    workers = 2 if plan.topology.shape == "ha" else 0
    return [
        *([] if plan.topology.shape == "sno" else [Node(role="bootstrap", name="bootstrap")]),
        *(Node(role="master", name=f"master-{number}") for number in range(1, masters + 1)),
        *(Node(role="worker", name=f"worker-{number}") for number in range(1, workers + 1)),
    ]


def role_of(name: str) -> Role:
    """The role that a name suggests."""
    lowered = name.lower()
    for beginning, role in (("boot", "bootstrap"), ("master", "master"), ("control", "master"), ("cp", "master")):
        if lowered.startswith(beginning):
            return role  # type: ignore[return-value]
    return "worker"
