"""Running the questions: all at once, each with its own time, results as they come."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from pathlib import Path

from msgspec.structs import replace

from tui.checks import addresses, balancer, bastion, bmc, clock, components, dns, registry
from tui.checks.model import Finding, Phase, Result
from tui.checks.world import Question, Secret, World, result
from tui.lines import received
from tui.plan.model import Plan
from tui.secrets import Redactor
from tui.text import say

ROOMS = (dns, balancer, registry, components, clock, addresses, bmc, bastion)


def questions(plan: Plan, phase: Phase, only: Collection[str] | None = None) -> list[Question]:
    """What is to be asked of this plan in this phase; `only` are check ids, or a room's name such as "dns"."""
    asked = [question for room in ROOMS for question in room.questions(plan, phase)]
    if only is None:
        return asked
    return [q for q in asked if q.id in only or q.id.partition(".")[0] in only]


async def run(
    plan: Plan,
    *,
    phase: Phase,
    secret: Secret,
    only: Collection[str] | None = None,
    session_directory: Path | None = None,
) -> AsyncGenerator[Result, None]:
    """Asks everything concurrently and yields results as they come. A question that fails in itself is `unknown`."""
    world = World(plan, phase, secret, session_directory)
    tasks = [asyncio.create_task(_asked(world, question)) for question in questions(plan, phase, only)]
    try:
        for done in asyncio.as_completed(tasks):
            for found in await done:
                shown = {name: presentable(getattr(found, name)) for name in ("subject", "evidence", "fix")}
                yield replace(found, **shown)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await world.close()


async def _asked(world: World, question: Question) -> list[Result]:
    try:
        async with asyncio.timeout(question.seconds):
            return await question.ask(world)
    except TimeoutError:
        text = say("No answer within {seconds:.0f} s.", seconds=question.seconds)
        return [result(question.id, question.subject, Finding("unknown", text, say("Ask again.")))]
    except Exception as error:  # noqa: BLE001 - whatever one question trips over must not silence the others
        text = say("The question itself failed here ({kind}).", kind=type(error).__name__)
        fix = say("Ask again; if it stays, export the session log and report it.")
        return [result(question.id, question.subject, Finding("unknown", text, fix))]


def presentable(text: str) -> str:
    """Without secrets, and without the control characters that a hostile peer could put into its answers."""
    return received(Redactor()(text))
