"""Where a start begins: the first-start screen, the summary of what happened meanwhile, or the step left last."""

from textual.screen import Screen

from tui.screens.client import Client
from tui.screens.steps import INDEX

WELCOME = "welcome"
BEGINNINGS = (WELCOME,)
"""Screens that are no step."""


def beginning(client: Client) -> str:
    """The name of the screen to open with."""
    plan = client.session.plan
    if not (plan.topology.cluster_name or plan.topology.nodes or plan.lab):
        return WELCOME
    last = client.last()
    return last.step if last is not None and last.step in INDEX else "topology"


def build_beginning(name: str, client: Client) -> Screen[object]:
    """One of the screens that are no step; imported when wanted."""
    assert name == WELCOME
    from tui.screens.welcome import WelcomeScreen

    return WelcomeScreen(client)
