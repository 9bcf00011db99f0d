"""The readable part of the session log: what a colleague reads first."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tui import __version__
from tui.checks.model import Result
from tui.hints.model import Hint
from tui.monitor.model import Stage
from tui.plan.endpoints import cluster_domain, full_name
from tui.plan.model import Plan
from tui.session.directory import SessionDirectory
from tui.session.plan_file import PlanFile
from tui.session.rows import NodeRow
from tui.session.store import Store, now
from tui.text import say

_WORST_FIRST = {"failed": 0, "unknown": 1, "warning": 2, "ok": 3}
_SEVERITY = {"fatal": 0, "error": 1, "warning": 2, "transient": 3, "info": 4}


def report(directory: SessionDirectory, store: Store) -> str:
    """The session in one page of Markdown: the plan in short, how far it got, what failed, what was asked."""
    plan = PlanFile(directory.plan).plan
    parts = [_head(plan, store), _hints(store), _stages(store), _checks(store), _nodes(plan, store)]
    return "\n".join(parts)


def timeline(store: Store) -> Iterator[str]:
    """One line a moment."""
    for event in store.events():
        yield f"{clock(event.time)}  {event.kind:<8} {event.text}\n"


def clock(time: int | None) -> str:
    """An instant as ISO 8601 UTC with milliseconds; a dash where there is none."""
    if time is None:
        return "-"
    return datetime.fromtimestamp(time / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _head(plan: Plan, store: Store) -> str:
    topology = plan.topology
    lab = _lab(store) if plan.lab else ""
    return say(
        "# {cluster}, OpenShift {version}\n{lab}\nWritten {when} by ocp-tui {ours}. "
        "{count} machines planned; network {network}. Secrets are replaced by [redacted].\n",
        cluster=cluster_domain(plan) or say("(no name yet)"),
        version=topology.version or "?",
        lab=lab,
        when=clock(now()),
        ours=__version__,
        count=len(topology.nodes),
        network=", ".join(plan.network.machine_networks) or "?",
    )


def _lab(store: Store) -> str:
    return say(
        "\n**A rehearsal in the lab: no real machine was touched.** Journals, stages, hints and the timeline carry the "
        "lab's time, which runs faster: it is {time} there. Checks carry this machine's.\n",
        time=clock(store.clock()),
    )


def _hints(store: Store) -> str:
    hints = sorted(store.facts(Hint), key=lambda h: (h.state != "active", _SEVERITY[h.severity], h.first or 0))
    if not hints:
        return say("## What failed\n\nNo hint was raised.\n")
    return say("## What failed\n\n") + "\n".join(map(_hint, hints))


def _hint(hint: Hint) -> str:
    where = " ".join(filter(None, (hint.node, hint.unit)))
    lines = [
        f"### {hint.title}",
        "",
        f"{hint.id}, {hint.severity}, {hint.state}; {where}; {hint.count}x, {clock(hint.first)} – {clock(hint.last)}"
        + (f"; {hint.confirmed}" if hint.confirmed else ""),
        "",
        hint.cause,
        "",
        *(f"{number}. {step}" for number, step in enumerate(hint.remedy, 1)),
        "",
        *(f"    {evidence.text}" for evidence in hint.evidence[:5]),
        "",
    ]
    return "\n".join(lines)


def _stages(store: Store) -> str:
    rows = [stage for stage in store.facts(Stage) if stage.state not in ("waiting", "skipped")]
    rows.sort(key=lambda stage: stage.started or stage.ended or 0)
    table = [f"- {clock(s.started)} – {clock(s.ended)}  {s.title} {s.node}: {s.state}" for s in rows]
    return "\n".join([say("## How far it got\n"), *(table or [say("Nothing has started yet.")]), ""])


def _checks(store: Store) -> str:
    rows = sorted(store.facts(Result), key=lambda result: (_WORST_FIRST[result.state], result.id, result.subject))
    table = [
        f"- {r.state}: {r.id} {r.subject} ({r.asked_from}, {clock(r.asked_at)}): {r.evidence}"
        + (say(" — overridden: {why}", why=r.overridden) if r.overridden else "")
        for r in rows
    ]
    return "\n".join([say("## Checks\n"), *(table or [say("Nothing has been asked yet.")]), ""])


def _nodes(plan: Plan, store: Store) -> str:
    known = {row.name: row for row in store.facts(NodeRow)}
    table = []
    for node in plan.topology.nodes:
        row = known.get(full_name(plan, node), NodeRow(name=node.name))
        table.append(
            f"- {full_name(plan, node)} {node.role} {node.address}: {row.boot}, SSH {row.link}, {row.lines} lines"
        )
    return "\n".join([say("## Machines\n"), *(table or [say("None planned yet.")]), ""])
