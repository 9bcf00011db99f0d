"""Placeholder."""

from tui.screens.form_screen import FormScreen


class GenerateScreen(FormScreen):
    """Step."""

    STEP = "generate"
