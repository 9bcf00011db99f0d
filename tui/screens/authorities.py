"""The trust bundle as rows: each certificate with what is wrong with it, and one fetched from a server to compare."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tui.plan.endpoints import mirror_hosts
from tui.plan.model import Plan
from tui.plan.trust import Analysis, analyse
from tui.session.rows import Job
from tui.session.store import now
from tui.text import say
from tui.widgets import marks
from tui.widgets.form_rows import Cell, Note, Row, fit

FETCH, TAKE = "fetch-ca", "take-ca"
"""Keys of the line that asks for HOST:PORT and of the one that compares what came. The first is the job's kind too."""
_MOST = 8
_DAY = 86_400_000_000


def rows(text: str) -> list[Row]:
    """A row a certificate of the bundle, its worst fault beside it."""
    if not text:
        return []
    told = _analysed(text, now() // _DAY)
    made = []
    for certificate in told.certificates[:_MOST]:
        faults = [fault for fault in told.faults if fault.block == certificate.block]
        words = f"{fit(certificate.subject, 18)} {say('until')} {day(certificate.not_after)}"
        told_of = [Note(_STATES[faults[0].severity], ", ".join(fault.id for fault in faults))] if faults else []
        made.append(Row(label="", notes=(Note("", words), *told_of)))
    if len(told.certificates) > _MOST:
        more = say("and {count} more", count=len(told.certificates) - _MOST)
        made.append(Row(label="", notes=(Note("", more),)))
    return made


def topics(told: Analysis) -> list[tuple[str, str]]:
    """Every block and all that was found of it, for the help page: what it is, why it matters, what to do."""
    made = []
    for number in sorted({one.block for one in told.certificates} | {fault.block for fault in told.faults}):
        lines = [
            f"{one.subject}\n{say('until')} {day(one.not_after)}, SHA-256\n" + "\n".join(halves(one.fingerprint))
            for one in told.certificates
            if one.block == number
        ]
        lines += [
            f"{marks.mark(_STATES[fault.severity])} {fault.id}: {fault.message} {fault.fix}"
            for fault in told.faults
            if fault.block == number
        ]
        made.append((say("Block {number}", number=number) if number else say("The whole text"), "\n".join(lines)))
    return made


def analysed(text: str) -> Analysis:
    """What there is to say of a bundle today."""
    return _analysed(text, now() // _DAY)


_STATES = {"error": "failed", "warning": "warning", "info": "info"}


@lru_cache(maxsize=2)
def _analysed(text: str, today: int) -> Analysis:
    """Once a day and bundle: a screen draws its rows at every key."""
    return analyse(text, today * _DAY)


def fetching(plan: Plan, job: Job | None) -> list[Row]:
    """The line that asks where to fetch from, and below it what came."""
    asked = Cell(FETCH, width=26, empty=first_mirror(plan) or say("HOST:PORT"), before=say("or fetch from"))
    made = [Row(label="", cells=(asked,), notes=_state(job))]
    told = fetched(plan, job)
    if told is not None:
        made.append(Row(label="", cells=(Cell(TAKE, say("compare what {host} shows", host=told["host"]), "action"),)))
    return made


def _state(job: Job | None) -> tuple[Note, ...]:
    if job is None or job.finished:
        return (Note("failed", say("not fetched")),) if job is not None and job.state == "failed" else ()
    return (Note("running", say("asking")),)


def about(key: str, job: Job | None) -> str:
    """Help for the two lines."""
    if key == TAKE:
        return say("Enter shows its fingerprint beside what to compare it with; only then you may trust it.")
    if key == FETCH and job is not None and job.state == "failed":
        return job.message
    return say("HOST:PORT of a server: Enter asks which authority it shows. Nothing is trusted by asking.")


def fetched(plan: Plan, job: Job | None) -> dict[str, Any] | None:
    """What the newest fetch brought, unless it is in the bundle already."""
    told = job.result if job is not None and job.state == "done" else None
    return told if told and told["pem"].strip() not in plan.pull_secret.trust_bundle else None


def first_mirror(plan: Plan) -> str:
    """The first mirror's HOST:PORT; "" where there is none."""
    return next(iter(mirror_hosts(plan)), "")


def halves(fingerprint: str) -> list[str]:
    """A fingerprint on two lines, as it is easiest read out."""
    middle = len(fingerprint) // 2
    return [f"  {fingerprint[:middle]}", f"  {fingerprint[middle + 1 :]}"]


def day(time: int) -> str:
    """A day, from microseconds since the epoch."""
    return datetime.fromtimestamp(time / 1_000_000, UTC).strftime("%Y-%m-%d")
