"""One session as a client holds it: its directory, plan, secrets and database."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.plan import fields
from tui.plan.model import Plan
from tui.session import stale
from tui.session.directory import SessionDirectory, open_directory
from tui.session.errors import NotSaved
from tui.session.plan_file import PlanFile
from tui.session.rows import Draft, Edited
from tui.session.secret_files import SecretFiles
from tui.session.store import Store, now
from tui.text import say

if TYPE_CHECKING:
    from tui.plan.importers import Taken
    from tui.plan.importers.paths import File


class Session:
    """What screens and commands work on. Editing saves at once; everything else is asked of the engine."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the session. Raises SessionUnusable."""
        self.directory: SessionDirectory = open_directory(path)
        self.secrets = SecretFiles(self.directory.secrets)
        self.plan_file = PlanFile(self.directory.plan)
        self.store = Store(self.directory.database)
        self.client = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._mine: dict[str, Any] = {}
        self._unsaved: dict[str, Draft] = {}
        self._draft_trouble = ""

    @property
    def plan(self) -> Plan:
        """The plan as this client knows it; `refresh` brings what others did."""
        return self.plan_file.plan

    @property
    def trouble(self) -> str:
        """Why edits are not on disk right now; empty where they are."""
        return self.plan_file.trouble or self._draft_trouble

    def edit(self, field: str, text: str) -> str:
        """Takes what a person typed into a field. Gives the sentence for the field where it does not fit, else "".

        Text that does not fit is kept as a draft, so that it is there again after a restart.
        """
        try:
            value = fields.parse(field, text)
        except fields.NotThatType as error:
            self._keep(Draft(field=field, text=text, why=str(error)))
            return str(error)
        self.decide(field, value)
        return ""

    def decide(self, field: str, value: Any) -> None:
        """Decides a field."""
        self._mine = {mine: kept for mine, kept in self._mine.items() if not _overlap(mine, field)}
        self._mine[field] = value
        if fields.get(self.plan, field) != value:
            self.plan_file.change(lambda plan: fields.replace(plan, field, value))
            with suppress(NotSaved):  # who edited last; where the plan itself could not be saved, `trouble` says so
                self.store.put(Edited(field=field, client=self.client, time=now()))
        self._settle(field)

    def replace(self, plan: Plan) -> None:
        """Takes over a whole plan (an import, the lab's)."""
        self.plan_file.change(lambda _: plan)

    def take_over(self, file: "File", *, replace: bool = False) -> "Taken":
        """Takes a file over into the newest plan and saves it; its secrets first, so that none is missing.

        `replace` lets the file win over what is decided. Raises NotSaved where a secret cannot be kept.
        """
        from tui.plan.importers import take_over

        done: list[Taken] = []

        def change(plan: Plan) -> Plan:
            taken = take_over(
                plan, file.kind, file.data, name=file.name, replace=replace, secret=self.secrets.read, now=now()
            )
            for name, content in taken.secrets.items():
                self.secrets.write(name, content)
            done.append(taken)
            return taken.plan

        self.plan_file.change(change)
        for path in (changed.path for changed in done[-1].changes):
            self._mine = {mine: kept for mine, kept in self._mine.items() if not _overlap(mine, path)}
            self._settle(path)
            with suppress(NotSaved):
                self.store.put(Edited(field=path, client=self.client, time=now()))
        return done[-1]

    def refresh(self) -> list[str]:
        """Takes in what other terminals did. Gives the fields this one had decided and another decided otherwise;
        this terminal's text is kept as a draft. What could not be saved is tried again."""
        if self._unsaved:
            self._keep()
        if not self.plan_file.refresh():
            return []
        lost = [field for field, value in self._mine.items() if _differs(self.plan, field, value)]
        for field in lost:
            text = fields.text(self._mine.pop(field))
            self._keep(Draft(field=field, text=text, why=say("Another terminal changed this field after you did.")))
        return lost

    def drafts(self) -> dict[str, Draft]:
        """Texts that wait at their fields."""
        return {draft.field: draft for draft in self.store.facts(Draft)} | self._unsaved

    def _keep(self, *drafts: Draft) -> None:
        """Stores drafts; where the disk refuses they are kept in memory and stored later."""
        self._unsaved |= {draft.field: draft for draft in drafts}
        try:
            self.store.put(*self._unsaved.values())
        except NotSaved as error:
            self._draft_trouble = say("Not saved: {why} What you typed is kept in memory: free the disk.", why=error)
        else:
            self._unsaved, self._draft_trouble = {}, ""

    def _settle(self, field: str) -> None:
        if self._unsaved.pop(field, None) and not self._unsaved:
            self._draft_trouble = ""
        with suppress(NotSaved):
            if self.store.fact(Draft, field):
                self.store.forget(Draft, field)

    def stale(self) -> set[str]:
        """What was made from an older plan: names of tui.session.stale.DEPENDS."""
        return stale.stale(self.store, self.plan)

    def close(self) -> None:
        """Lets go of the session; the engine goes on. A client that cannot say so is forgotten by itself."""
        self.plan_file.refresh()
        with suppress(NotSaved, sqlite3.Error):
            self.store.leave(self.client)
        self.store.close()


def _overlap(one: str, other: str) -> bool:
    """Whether one field lies in the other: topology.nodes holds topology.nodes[2].address."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :][:1] in ("", ".", "[")


def _differs(plan: Plan, field: str, value: Any) -> bool:
    try:
        return bool(fields.get(plan, field) != value)
    except fields.NoSuchField:
        return False
