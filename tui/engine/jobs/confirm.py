"""Job "confirm" {id, node, unit}: asks the plan's own endpoints whether a hint is right."""

from typing import Any

from msgspec.structs import replace

from tui import checks
from tui.engine.work import Refused, Work
from tui.hints.advice import fill, plan_values
from tui.hints.model import Hint
from tui.plan.model import Plan
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives the verdict (confirmed, refuted or unknown) and the evidence; the hint keeps the verdict."""
    desk = work.desk
    key = "|".join(str(work.arguments.get(part, "")) for part in ("id", "node", "unit"))
    hint = desk.store.fact(Hint, key)
    if hint is None:
        raise Refused(say("That hint is no longer there."))
    rule = next((rule for rule in desk.rules() if rule.id == hint.id), None)
    question = _question(desk.plan, rule.check, hint) if rule is not None else {}
    if not question:
        raise Refused(say("Nothing can be asked about this from here: its card says how to see for yourself."))
    verdict, evidence = await checks.confirm(desk.plan, question, desk.secrets.read)
    desk.store.put(replace(desk.store.fact(Hint, key) or hint, confirmed=verdict))
    told = say("{title}: {verdict}. {evidence}", title=hint.title, verdict=verdict, evidence=evidence)
    work.progress(told)
    desk.store.tell("hint", desk.redact(told), id=hint.id, node=hint.node, confirmed=verdict)
    return {"verdict": verdict, "evidence": desk.redact(evidence)}


def _question(plan: Plan, check: dict[str, str], hint: Hint) -> dict[str, str]:
    """The rule's check with what the hint captured and the plan says; what neither knows is left out."""
    values = {**plan_values(plan), **hint.captured, "node": hint.node}
    filled = {name: fill(text, values) for name, text in check.items()}
    return {name: text for name, text in filled.items() if not text.startswith("<")}
