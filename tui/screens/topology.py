"""Placeholder."""

from tui.screens.form_screen import FormScreen


class TopologyScreen(FormScreen):
    """Step."""

    STEP = "topology"
