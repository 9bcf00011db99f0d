"""Where a start begins: the first-start screen, the summary of what happened meanwhile, or the step left last."""

from textual.screen import Screen

from tui.screens.client import Client
from tui.screens.steps import INDEX
from tui.session.store import now

WELCOME, AWAY = "welcome", "away"
BEGINNINGS = (WELCOME, AWAY)
"""Screens that are no step."""
ABSENT = 60_000_000
"""An absence shorter than this (µs) is none."""


def beginning(client: Client) -> str:
    """The name of the screen to open with."""
    plan = client.session.plan
    if not (plan.topology.cluster_name or plan.topology.nodes or plan.lab):
        return WELCOME
    last = client.last()
    if last is None:
        return "topology"
    if now() - last.time > ABSENT and client.missed():
        return AWAY
    return last.step if last.step in INDEX else "topology"


def build_beginning(name: str, client: Client) -> Screen[object]:
    """One of the screens that are no step; imported when wanted."""
    if name == AWAY:
        from tui.screens.away import AwayScreen

        return AwayScreen(client)
    from tui.screens.welcome import WelcomeScreen

    return WelcomeScreen(client)
