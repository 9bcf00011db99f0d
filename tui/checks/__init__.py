"""Preflight: the world asked before it is too late.

The functions here are the room's door; what they need is imported when they are called.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Literal

from tui.checks.model import Check, Phase, Result
from tui.plan.model import Plan


def catalogue() -> list[Check]:
    """Every check: its id, the step that owns it, a title, and what it asks."""
    from tui.checks.known import CHECKS

    return list(CHECKS)


async def run(
    plan: Plan,
    *,
    phase: Phase,
    secret: Callable[[str], bytes],
    only: Collection[str] | None = None,
    session_directory: Path | None = None,
) -> AsyncGenerator[Result, None]:
    """Asks the world all questions of this plan and phase at once; yields results as they come.

    `secret` gives a secret file's bytes by its name in the plan. `only` are check ids or rooms ("dns"). Never raises
    for what the world does: what could not be asked is a result with state `unknown`.
    """
    from tui.checks.asking import run as ask

    async with aclosing(
        ask(plan, phase=phase, secret=secret, only=only, session_directory=session_directory)
    ) as results:
        async for result in results:
            yield result


async def confirm(
    plan: Plan, check: Mapping[str, str], secret: Callable[[str], bytes]
) -> tuple[Literal["confirmed", "refuted", "unknown"], str]:
    """Asks again what a hint's `check` names, and gives the verdict and the evidence.

    `check` has "id" (dns.answers, lb.port, registry.trust, registry.credentials, registry.release, clock.ntp) and,
    where known, "server", "name", "host", "port"; what is missing or empty means all the plan has of that kind.
    What is not an endpoint of the plan is never asked, and is "unknown".
    """
    from tui.checks.confirming import confirm as ask

    return await ask(plan, check, secret)


async def run_from_node(
    plan: Plan, node: str, shell: Callable[[str], Awaitable[bytes]], *, phase: Phase
) -> AsyncGenerator[Result, None]:
    """The DNS checks as one node sees them: `asked_from` is its name.

    `shell` runs a bash command on the node (over its SSH connection) and gives its standard output; what it raises
    comes through. Takes 20 s at most. Not for a rehearsal, whose nodes have no shell.
    """
    from tui.checks.from_node import run as ask

    async with aclosing(ask(plan, node, shell, phase=phase)) as results:
        async for result in results:
            yield result
