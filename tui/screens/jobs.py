"""A job as rows of a form: what it does now, how far it is, what came of it."""

from tui.screens.client import lasting
from tui.session.rows import Job
from tui.session.store import now
from tui.text import say
from tui.widgets.form_rows import Note, Row, fit

_WORDS = {
    "queued": say("waits for the engine"),
    "running": say("running"),
    "cancelling": say("ending"),
    "done": say("done"),
    "failed": say("failed"),
    "cancelled": say("ended"),
}


def job_row(job: Job | None, label: str, nothing: str) -> Row:
    """One line about the newest job of a kind."""
    if job is None:
        return Row(label=label, notes=(Note("todo", nothing),))
    words = [_WORDS[job.state], progress(job), job.message]
    return Row(label=label, notes=(Note(job.state, "  ".join(word for word in words if word)),))


def progress(job: Job) -> str:
    """How far, in numbers that line up: per cent where the total is known, and for how long it has been running."""
    parts = []
    if job.total:
        parts.append(f"{min(100, int(100 * (job.done or 0) / job.total)):3d} %")
    if job.started is not None:
        parts.append(lasting((job.ended or now()) - job.started))
    return " ".join(parts)


def listed(rows: list[tuple[str, str, str]], width: int = 24) -> list[Row]:
    """Lines of (state, name, words) with the names in a column."""
    return [
        Row(label=" ", notes=(Note(state, f"{fit(name, width)} {words}"),), wide=True) for state, name, words in rows
    ]
