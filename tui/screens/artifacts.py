"""Step 4: what this version needs from outside, and what was found of it."""

from typing import Any

from typing_extensions import override

from tui.screens.form_screen import FormScreen
from tui.screens.jobs import job_row, listed
from tui.screens.spec import Field, Table
from tui.text import say
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

FETCH, CANCEL = "artifacts-fetch", "artifacts-cancel"
STATES = {"verified": "done", "found": "warning", "missing": "todo", "wrong": "failed", "unknown": "unknown"}

TABLE: Table = (
    Field(
        path="artifacts.sources",
        label=say("Look in"),
        widget="list",
        width=52,
        empty=say("the session's own artifacts/ only"),
        what=say("Directories or URLs that you name; nothing is fetched from anywhere else."),
        example="/srv/ocp  https://mirror.example.com/pub",
        where=say("An air gap's carrier: a directory with the files as mirror.openshift.com publishes them."),
    ),
    Field(
        path="artifacts.release_image",
        label=say("Release image"),
        width=52,
        empty=say("as openshift-install names it"),
        what=say("By digest, where the nodes can pull it. Usually what openshift-install version says."),
        example="quay.io/openshift-release-dev/ocp-release@sha256:…",
        checks=("registry.release", "registry.signature"),
    ),
)


class ArtifactsScreen(FormScreen):
    """Sources, one action, and a line for each thing needed."""

    STEP = "artifacts"
    TABLE = TABLE

    @override
    def rows(self) -> list[Row]:
        job = self.client.standing.job("artifacts")
        running = job is not None and not job.finished
        action = (
            Cell(key=CANCEL, text=say("end it"), kind="action")
            if running
            else Cell(key=FETCH, text=say("find, fetch and verify"), kind="action", width=30)
        )
        status = job_row(job, say("Last run"), say("nothing looked for yet"))
        made = [*super().rows(), Row(), Row(label="", cells=(action,), wide=True), status, Row()]
        return [*made, Row(label=say("What is needed"), style="bold", wide=True), *self._needs()]

    def _needs(self) -> list[Row]:
        known = {item.get("kind"): item for item in self._found()}
        lines = []
        for need in needed(self.client.session.plan):
            item = known.get(need["kind"], {})
            state = STATES.get(str(item.get("state", "missing")), "unknown")
            if not need["required"] and state == "todo":
                state = "info"
            words = str(item.get("detail") or item.get("path") or need["why"] or need["names"])
            lines.append((state, need["title"], f"{item.get('state', say('to do'))}  {words}"))
        return listed(lines, 22) or [Row(label=say("Choose a version first (F2)."), style="dim", wide=True)]

    def _found(self) -> list[dict[str, Any]]:
        job = self.client.standing.job("artifacts")
        found = (job.result or {}).get("found", []) if job is not None else []
        return [item for item in found if isinstance(item, dict)]

    @override
    async def entered(self, event: Form.Entered) -> bool:
        key = event.cell.key
        if key == FETCH:
            self.ask_again()
        elif key == CANCEL:
            job = self.client.standing.job("artifacts")
            if job is not None:
                self.client.cancel(job.id)
        else:
            return False
        self.refresh_rows()
        return True

    @override
    def ask_again(self) -> None:
        """Looks again in every source that the person named."""
        self.client.request("artifacts", source="")
        self.notice(say("Looking in the places you named…"))
        self.refresh_rows()

    @override
    def about_here(self) -> str:
        return say("Files are held against their published checksums; what has none is never called verified.")


def needed(plan: Any) -> list[dict[str, Any]]:
    """What this plan needs; empty while its version is undecided."""
    from tui import artifacts

    ask = getattr(artifacts, "needed", None)
    if ask is None or not plan.topology.version:
        return []
    return [
        {"kind": n.kind, "title": n.title, "names": ", ".join(n.names[:1]), "required": n.required, "why": n.why}
        for n in ask(plan)
    ]
