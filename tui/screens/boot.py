"""Placeholder."""

from tui.screens.form_screen import FormScreen


class BootScreen(FormScreen):
    """Step."""

    STEP = "boot"
