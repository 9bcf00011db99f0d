"""Step 5: from the plan to files: install-config, helper configurations, manifests, Ignition."""

from typing_extensions import override

from tui.plan.model import Plan
from tui.screens import preview
from tui.screens.client import clock
from tui.screens.form_screen import FormScreen
from tui.screens.jobs import job_row
from tui.screens.spec import Field, Table
from tui.text import say
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Note, Row

ALL, CONFIGS, CANCEL, FILE = "generate-all", "generate-configs", "generate-cancel", "file:"

TABLE: Table = (
    Field(
        path="generate.fips",
        label="FIPS",
        widget="yes",
        what=say("Validated cryptography on every node. From 4.16 the bastion has to be in FIPS mode too."),
        leads=say("The SSH key has to be rsa or ecdsa then. It cannot be changed later."),
        shows=("install-config.yaml", "^fips"),
    ),
    Field(
        path="generate.cpu_partitioning",
        label=say("CPU partitioning"),
        widget="choice",
        what=say("AllNodes prepares every node for reserved processors. It cannot be undone. From 4.13."),
        shows=("install-config.yaml", "^cpuPartitioning"),
    ),
    Field(
        path="generate.capability_set",
        label=say("Capabilities"),
        width=16,
        empty=say("all of this version's"),
        what=say("Which optional parts are installed: None, vCurrent, v4.11 … v4.18. None can be removed later."),
        example="vCurrent",
        shows=("install-config.yaml", "^capabilities"),
    ),
    Field(
        path="generate.additional_capabilities",
        label=say("   and also"),
        widget="list",
        width=30,
        empty=say("none"),
        what=say("Single capabilities besides that set."),
        example="Ingress, Console",
        shows=("install-config.yaml", "^capabilities"),
    ),
)


class GenerateScreen(FormScreen):
    """Decisions, two actions, the certificate clock, and every file with its preview."""

    STEP = "generate"
    TABLE = TABLE

    @override
    def rows(self) -> list[Row]:
        standing = self.client.standing
        job = standing.job("generate")
        if job is not None and not job.finished:
            actions: tuple[Cell, ...] = (Cell(key=CANCEL, text=say("end it"), kind="action"),)
        else:
            actions = (
                Cell(key=ALL, text=say("generate everything"), kind="action", width=27),
                Cell(key=CONFIGS, text=say("only the configs"), kind="action", width=24),
            )
        stale = (Note("stale", say("made from an older plan")),) if "generate" in standing.stale else ()
        state, words = clock(standing, self.client.session.store.clock())
        return [
            *super().rows(),
            Row(),
            Row(label="", cells=actions, notes=stale, wide=True),
            job_row(job, say("Last run"), say("nothing generated yet")),
            Row(label=say("Certificates"), notes=(Note(state or "info", words), *self._until())),
            Row(),
            Row(label=say("Files  (Enter shows one)"), style="bold", wide=True),
            *self._files(),
        ]

    def _until(self) -> tuple[Note, ...]:
        if self.client.standing.expires is None:
            return (Note("", say("made with the Ignition files, good for 24 hours")),)
        return ()

    def _files(self) -> list[Row]:
        plan = self.client.session.plan
        if self._listed_for is not plan:
            self._listed_for = plan
            self._names = preview.names(plan)
        return [
            Row(label=" ", cells=(Cell(key=f"{FILE}{name}", text=name, kind="item", width=0),), wide=True)
            for name in self._names
        ]

    _listed_for: Plan | None = None
    _names: tuple[str, ...] = ()

    @override
    async def entered(self, event: Form.Entered) -> bool:
        key = event.cell.key
        if key in {ALL, CONFIGS}:
            self.client.request("generate", configs_only=key == CONFIGS)
        elif key == CANCEL:
            job = self.client.standing.job("generate")
            if job is not None:
                self.client.cancel(job.id)
        elif key.startswith(FILE):
            await self._open(key.removeprefix(FILE))
        else:
            return False
        self.refresh_rows()
        return True

    async def _open(self, name: str) -> None:
        from tui.screens.page import Page

        text = preview.whole(self.client.session.plan, name)
        await self.app.push_screen(Page(name, [("", text)], copy=text))

    @override
    def preview(self, plan: Plan) -> str:
        here = self.form.here
        if here is not None and here.key.startswith(FILE):
            return preview.excerpt(plan, here.key.removeprefix(FILE), "", lines=60)
        return super().preview(plan)

    @override
    def about_here(self) -> str:
        return say(
            "Everything goes to a new directory each time: certificates are made anew and last 24 hours. "
            "Start the machines within 12."
        )

    @override
    def ask_again(self) -> None:
        """Generates anew: what came out of the last run may be stale."""
        self.client.request("generate", configs_only=False)
        self.refresh_rows()
