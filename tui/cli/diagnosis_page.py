"""The diagnosis and the rule catalogue as pages of text for a person."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tui.engine.diagnosis import Diagnosis
from tui.hints.model import Evidence, Hint
from tui.hints.rules import Rule, Step
from tui.monitor.model import Stage
from tui.monitor.readers import Source
from tui.text import say

_WIDTH = 118
_LONGEST_LINE = 600


def diagnosis_page(diagnosis: Diagnosis) -> str:
    """Sources, how far it got, and the hints: active ones in full, the others in a line each."""
    lines = [*_sources(diagnosis.sources), "", *_progress(diagnosis.stages), ""]
    active = [hint for hint in diagnosis.hints if hint.state == "active"]
    if not active:
        lines.append(say("Nothing in it explains a failure."))
    for hint in active:
        lines += [*_card(hint, diagnosis.hints), ""]
    over = [hint for hint in diagnosis.hints if hint.state == "cleared"]
    if over:
        lines.append(say("Over by itself or repaired:"))
        lines += [f"  {hint.title}{_on(hint)}, {_clock(hint.cleared)}" for hint in over]
    return "\n".join(lines).rstrip("\n") + "\n"


def catalogue_page(rules: Sequence[Rule]) -> str:
    """Every rule as documentation, by phase."""
    lines = [say("{count} rules.", count=len(rules)), ""]
    for phase in dict.fromkeys(rule.phase for rule in rules):
        lines += [phase, "=" * len(phase), ""]
        for rule in rules:
            if rule.phase == phase:
                lines += [*_documented(rule), ""]
    return "\n".join(lines)


def _sources(sources: list[Source]) -> Iterator[str]:
    yield say("Read:")
    for source in sources:
        span = f"{_clock(source.first)} … {_clock(source.last)}" if source.first is not None else ""
        parts = [source.path, source.kind, source.node, say("{count} lines", count=source.lines), span, source.note]
        yield "  " + "  ".join(part for part in parts if part)


def _progress(stages: list[Stage]) -> Iterator[str]:
    known = [stage for stage in stages if stage.state not in ("waiting", "skipped", "unknown")]
    yield say("How far it got:") if known else say("How far it got: nothing in it tells.")
    for stage in known:
        when = _clock(stage.ended if stage.state in ("done", "failed") else stage.started)
        tries = say(", {count} attempts", count=stage.attempts) if stage.attempts > 1 else ""
        where = f" ({stage.node})" if stage.node else ""
        yield f"  {stage.state:<8} {when:<20} {stage.title}{where}{tries}"


def _card(hint: Hint, hints: list[Hint]) -> Iterator[str]:
    yield f"[{hint.severity}] {hint.title}  ({hint.id}){_on(hint)}"
    seen = say("{count} times", count=hint.count) if hint.count > 1 else say("once")
    span = "" if hint.first is None else f", {_clock(hint.first)} … {_clock(hint.last)}"
    yield f"  {seen}{span}{say(' (the year is assumed)') if hint.assumed_year else ''}"
    if hint.until:
        yield from _wrapped(_until(hint), "  ")
    for piece in hint.evidence:
        yield f"  > {_place(piece)} {piece.text[:_LONGEST_LINE]}"
    yield from _wrapped(hint.cause, "  ")
    for heading, steps in ((say("What to do:"), hint.remedy), (say("To make sure:"), hint.confirm)):
        if steps:
            yield f"  {heading}"
            yield from (f"    - {step}" for step in steps)
    folded = [other for other in hints if other.state == "folded" and other.root == hint.id]
    if folded:
        titles = "; ".join(dict.fromkeys(f"{other.title}{_on(other)}" for other in folded))
        yield from _wrapped(say("Follows from it: {titles}", titles=titles), "  ")


def _until(hint: Hint) -> str:
    """How long it may be normal, and what it is if it goes on: a single pasted line cannot tell which it was."""
    time, stage = (hint.until.time, hint.until.stage) if hint.until else (None, None)
    said = []
    if time or stage:
        said.append(say("May be normal until {end}.", end=_clock(time) if time else say("stage {stage}", stage=stage)))
    elif hint.becomes:
        said.append(say("Seen so seldom it may be normal."))
    if hint.becomes:
        said.append(say("If it goes on, it is {severity} and this is the cause.", severity=hint.becomes))
    return " ".join(said)


def _documented(rule: Rule) -> Iterator[str]:
    yield f"{rule.id}  [{rule.severity}]"
    yield f"  {rule.title}"
    yield from _wrapped(rule.cause, "  ")
    where = [*rule.where.roles, *rule.where.units, *rule.where.sources]
    if where:
        yield "  " + say("Where: {where}", where=", ".join(where))
    if rule.persistence:
        count, within = rule.persistence.count, rule.persistence.within
        yield "  " + say("Transient until seen {count} times within {within} s.", count=count, within=within)
    if rule.normal:
        ends = [f"{rule.normal.seconds} s"] if rule.normal.seconds else []
        ends += [say("stage {stage}", stage=rule.normal.until_stage)] if rule.normal.until_stage else []
        yield "  " + say("May be normal until: {ends}.", ends=", ".join(ends))
    if rule.outranks:
        yield from _wrapped(say("Explains: {ids}", ids=", ".join(rule.outranks)), "  ")
    yield from (f"  / {match.pattern}" for match in rule.match)
    yield from (f"  - {_step(step)}" for step in rule.remedy)
    yield from (f"  ? {_step(step)}" for step in rule.confirm)


def _step(step: str | Step) -> str:
    if isinstance(step, str):
        return step
    when: list[str] = [step.when] if isinstance(step.when, str) else [*step.when]
    when += [say("from {version}", version=step.since)] if step.since else []
    when += [say("before {version}", version=step.before)] if step.before else []
    return f"({', '.join(when)}) {step.text}" if when else step.text


def _on(hint: Hint) -> str:
    where = ", ".join(part for part in (hint.node, hint.unit) if part)
    return say(" on {where}", where=where) if where else ""


def _place(piece: Evidence) -> str:
    return f"{piece.source}:{piece.line_number}:"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _clock(microseconds: int | None) -> str:
    if microseconds is None:
        return ""
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d %H:%M:%S}"
