"""Step 7 (a placeholder until the monitor's own screen lands)."""

from tui.screens.step import StepScreen


class MonitorScreen(StepScreen):
    """Follows the bootstrap."""

    STEP = "monitor"
