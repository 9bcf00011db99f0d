"""Job "confirm" {id, node, unit}: asks the plan's own endpoints whether a hint is right."""

from typing import Any

from msgspec.structs import replace

from tui import checks
from tui.engine.work import Refused, Work
from tui.hints.model import Hint
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives the verdict (confirmed, refuted or unknown) and the evidence; the hint keeps the verdict."""
    desk = work.desk
    key = "|".join(str(work.arguments.get(part, "")) for part in ("id", "node", "unit"))
    hint = desk.store.fact(Hint, key)
    if hint is None:
        raise Refused(say("That hint is no longer there."))
    if not hint.check:
        raise Refused(say("Nothing can be asked about this from here: its card says how to see for yourself."))
    verdict, evidence = await checks.confirm(desk.plan, hint.check, desk.secrets.read)
    desk.store.put(replace(desk.store.fact(Hint, key) or hint, confirmed=verdict))
    told = say("{title}: {verdict}. {evidence}", title=hint.title, verdict=verdict, evidence=evidence)
    work.progress(told)
    desk.store.tell("hint", desk.redact(told), id=hint.id, node=hint.node, confirmed=verdict)
    return {"verdict": verdict, "evidence": desk.redact(evidence)}
