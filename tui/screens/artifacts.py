"""Placeholder."""

from tui.screens.form_screen import FormScreen


class ArtifactsScreen(FormScreen):
    """Step."""

    STEP = "artifacts"
