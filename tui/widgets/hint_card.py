"""A hint as text: what happened, since when, why, what to do, how to know that it worked."""

from collections.abc import Iterator
from textwrap import wrap

from rich.cells import cell_len

from tui.hints.model import Hint
from tui.text import say

Row = tuple[str, str]
"""A text and the name of its style: title, fact, cause, step, evidence or key."""

WORDS = {
    "fatal": say("fatal"),
    "error": say("error"),
    "warning": say("warning"),
    "transient": say("normal for now"),
    "info": say("note"),
}


def short(hint: Hint) -> str:
    """The hint in one line."""
    return f"{hint.title} ({fact(hint)})"


def fact(hint: Hint) -> str:
    """How bad, how often, since when, and whether it was confirmed."""
    parts = [WORDS[hint.severity]]
    if hint.state != "active":
        parts = [{"cleared": say("cleared"), "muted": say("muted"), "folded": say("part of another")}[hint.state]]
    if hint.count > 1:
        parts.append(say("{count} times since {time}", count=hint.count, time=of_day(hint.first)))
    elif hint.first is not None:
        parts.append(say("at {time}", time=of_day(hint.first)))
    if hint.severity == "transient" and hint.until is not None and hint.until.time is not None:
        parts.append(say("until {time}", time=of_day(hint.until.time)))
    if hint.confirmed:
        parts.append(hint.confirmed)
    return ", ".join(parts)


def outlook(hint: Hint) -> str:
    """What a hint that is normal for now becomes if it goes on; "" of any other."""
    if hint.becomes is None or hint.state != "active":
        return ""
    return say("If it goes on, it is {severity} and this is the cause.", severity=WORDS[hint.becomes])


def of_day(time: int | None) -> str:
    """The time of day of an instant, UTC, as HH:MM:SS; dashes where there is none."""
    if time is None:
        return "--:--:--"
    seconds = time // 1_000_000 % 86_400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def card(hint: Hint, width: int, mark: str, *, whole: bool = False) -> list[Row]:
    """The rows of a card no wider than `width`; the whole one adds the evidence and how to confirm."""
    rows = [(text, "title") for text in _wrapped(f"{mark} {hint.title}", width, 2)]
    rows.append((fact(hint)[:width], "fact"))
    rows += [(text, "cause") for text in _wrapped(hint.cause, width)]
    if whole:
        rows += _section(say("Evidence"), [evidence.text for evidence in hint.evidence[-5:]], width, "evidence")
        rows += _section(say("What to do"), _numbered(hint.remedy), width, "step")
        rows += _section(say("How to know that it worked"), hint.confirm, width, "step")
        return rows
    for step in _numbered(hint.remedy[:3]):
        rows += [(text, "step") for text in _wrapped(step, width, 3)[:2]]
    return rows


def _section(title: str, texts: list[str], width: int, style: str) -> Iterator[Row]:
    if not texts:
        return
    yield "", "fact"
    yield title, "title"
    for text in texts:
        yield from ((row, style) for row in _wrapped(text, width, 3))


def _numbered(steps: list[str]) -> list[str]:
    return [f"{number}  {step}" for number, step in enumerate(steps, 1)]


def _wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    if not text:
        return []
    if cell_len(text) <= width:
        return [text]
    return wrap(text, max(width, 20), subsequent_indent=" " * indent, break_on_hyphens=False)
