"""Placeholder."""

from tui.screens.form_screen import FormScreen


class PullSecretScreen(FormScreen):
    """Step."""

    STEP = "pull_secret"
