"""Preflight: the world asked before it is too late.

The functions here are the room's door; what they need is imported when they are called.
"""

from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

from tui.checks.model import Phase, Result
from tui.plan.model import Plan


def catalogue() -> list[tuple[str, str, str, str]]:
    """Every check: (id, step that owns it, title, what it asks)."""
    from tui.checks.known import CHECKS

    return [(check.id, check.step, check.title, check.asks) for check in CHECKS]


async def run(
    plan: Plan,
    *,
    phase: Phase,
    secret: Callable[[str], bytes],
    only: Collection[str] | None = None,
    session_directory: Path | None = None,
) -> AsyncIterator[Result]:
    """Asks the world all questions of this plan and phase at once; yields results as they come.

    `secret` gives a secret file's bytes by its name in the plan. `only` are check ids or rooms ("dns"). Never raises
    for what the world does: what could not be asked is a result with state `unknown`.
    """
    from tui.checks.asking import run as ask

    async for result in ask(plan, phase=phase, secret=secret, only=only, session_directory=session_directory):
        yield result
