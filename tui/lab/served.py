"""What the session says: where the machines find their Ignition files now, and how they are to be booted."""

import sqlite3
from pathlib import Path

from tui.plan.files import PlanUnreadable, load
from tui.plan.model import Plan
from tui.session import served
from tui.session.store import Store


def base_url(store: Store, plan: Plan) -> str:
    """The address below which the file server answers while a `serve` job runs; "" where none serves."""
    try:
        jobs = [job for job in store.unfinished() if job.kind == "serve" and job.state == "running" and job.message]
        return served.base_url(store, plan, str(jobs[0].arguments.get("listen") or "")) if jobs else ""
    except sqlite3.Error:
        return ""


def plan_now(session: Path, otherwise: Plan) -> Plan:
    """The plan as the person has it now; the lab's own where it cannot be read."""
    try:
        return load(session / "plan.yaml")
    except (OSError, PlanUnreadable):
        return otherwise
