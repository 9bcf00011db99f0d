"""Job "power" {node, action}: not built yet, and says so."""

from typing import Any

from tui.engine.work import Refused, Work
from tui.text import say


async def run(work: Work) -> dict[str, Any]:  # noqa: ARG001 - a runner like any other
    """Raises Refused."""
    raise Refused(say("Switching machines through their controllers is not built yet: use the machine's own console."))
