"""A rehearsal cluster on loopback addresses: real servers, recorded journals, scripted failures.

Start with `tui.lab.plan` (the plan that leads through it), `tui.lab.start` (the process) and `tui.lab.story` (what
happens when).
"""


def scenarios() -> list[tuple[str, str]]:
    """Every scenario's name and its one-line description, the default first."""
    from tui.lab.scenario import all_scenarios

    return [(scenario.name, scenario.line) for scenario in all_scenarios().values()]
