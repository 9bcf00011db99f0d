"""Where the machines find their Ignition files: whatever the session says that the engine serves now."""

import re
import sqlite3
from pathlib import Path

import msgspec

from tui.plan.model import Plan
from tui.session.store import Store

_URL = r"http://{place}/[A-Za-z0-9_-]+"


def base_url(store: Store, plan: Plan) -> str:
    """The address below which the file server answers, as a running `serve` job tells it; "" where none serves."""
    form = re.compile(_URL.format(place=re.escape(plan.boot.listen)))
    try:
        jobs = [job for job in store.unfinished() if job.kind == "serve"]
    except sqlite3.Error:
        return ""
    for job in jobs:
        found = form.search(msgspec.json.encode([job.message, job.result, job.arguments]).decode())
        if found:
            return found[0]
    return ""


def plan_now(session: Path, otherwise: Plan) -> Plan:
    """The plan as the person has it now; the lab's own where it cannot be read."""
    from tui.plan.files import PlanUnreadable, load

    try:
        return load(session / "plan.yaml")
    except (OSError, PlanUnreadable):
        return otherwise
