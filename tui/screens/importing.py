"""Existing files taken over on screen: what would be taken, what not and why, before anything is changed."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from typing_extensions import override

from tui.lines import clean
from tui.screens.client import Client
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words

if TYPE_CHECKING:
    from tui.plan.importers import Taken
    from tui.plan.importers.paths import File

MOST = 64 * 1024 * 1024
MOST_LINES = 500
"""Lines shown of one file; the rest is counted."""
UNMISTAKABLE = {"install-config", "mirrors", "release-mirror", "dhcpd", "haproxy", "zone", "dnsmasq"}
"""Kinds that are imported wherever they are pasted, as no field takes such a text."""


def pasted(text: str) -> "File":
    """A pasted text as a file."""
    from tui.plan.importers import recognise
    from tui.plan.importers.paths import File

    data = text.encode("utf-8", "replace")
    return File(name="", kind=recognise("", data), data=data)


def is_path(text: str) -> bool:
    """Whether a text names a file: one line that begins as a path does."""
    line = text.strip()
    return "\n" not in line and line.startswith(("/", "~/", "./", "../"))


def read(path: str) -> "list[File]":
    """The files of a path, in the order they are taken over. Raises NotReadable."""
    from tui.plan.importers import paths

    files: list[File] = []
    for one in paths.in_order([str(Path(path.strip()).expanduser())]):
        files.append(paths.read(one))
        if sum(len(file.data) for file in files) > MOST:
            raise paths.NotReadable(say("The files of {path} are larger than 64 MB together: name one.", path=path))
    return files


def preview(client: Client, files: "Sequence[File]", *, replace: bool) -> "list[Taken]":
    """What would become of each file, one after the other; nothing is changed."""
    from tui.plan.importers import take_over
    from tui.session.store import now

    plan, secrets, told = client.session.plan, dict[str, bytes](), []

    def secret(name: str) -> bytes:
        return secrets.get(name) or client.session.secrets.read(name)

    for file in files:
        taken = take_over(plan, file.kind, file.data, name=file.name, replace=replace, secret=secret, now=now())
        plan = taken.plan
        secrets.update(taken.secrets)
        told.append(taken)
    return told


class ImportPage(Screen[bool]):
    """Enter takes over what is shown, `r` lets the file win over what is decided, Esc leaves all as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", show=False),
        Binding("enter", "take", show=False),
        Binding("r", "replace", show=False),
    ]

    def __init__(self, client: Client, files: "Sequence[File] | str") -> None:
        """`files`: the files themselves, or the path to read them from."""
        super().__init__()
        self._client = client
        self._path = files if isinstance(files, str) else ""
        self._files: Sequence[File] = [] if isinstance(files, str) else files
        self._taken: list[Taken] = []
        self._replace = False
        self._title, self._words, self._keys = Title(id="title"), Words(), KeyBar(id="keys")

    @override
    def compose(self) -> ComposeResult:
        self._title.say((say("Import: nothing is changed before you say so"), "bold"))
        yield self._title
        yield Rule()
        yield VerticalScroll(self._words, id="page")
        yield self._keys

    def on_mount(self) -> None:
        """Reads and judges off the screen's own thread."""
        self._words.say(marks.drawn(say("Reading…")))
        self.run_worker(self._look(), exclusive=True)

    async def _look(self) -> None:
        from tui.plan.importers.paths import NotReadable

        try:
            if self._path:
                self._files = await asyncio.to_thread(read, self._path)
        except NotReadable as error:
            self._words.say((f"{marks.mark('failed')} {marks.drawn(clean(str(error)))}", ""))
            self._keys.show((("Esc", say("back")),))
            return
        self._taken = await asyncio.to_thread(preview, self._client, self._files, replace=self._replace)
        self._show()

    def _show(self) -> None:
        parts: list[str | tuple[str, str]] = []
        for file, taken in zip(self._files, self._taken, strict=True):
            parts += self._told(file, taken)
        self._words.say(*parts)
        take = (("Enter", say("take it over")),) if self._changes() else ()
        again = say("keep what is decided") if self._replace else say("let the file win")
        replace = (("r", again),) if self._replace or any(taken.conflicts for taken in self._taken) else ()
        scroll = (marks.drawn("↑") + marks.drawn("↓"), say("scroll"))
        self._keys.show((*take, *replace, scroll, ("Esc", say("leave all as it is"))))

    def _told(self, file: "File", taken: "Taken") -> list[str | tuple[str, str]]:
        from tui.plan.importers import KINDS
        from tui.plan.importers.telling import counted, told

        name = file.name or say("What was pasted")
        kind = say(KINDS[file.kind]) if file.kind else say("not recognised")
        parts: list[str | tuple[str, str]] = [(f"{marks.drawn(clean(name))}: {kind}\n", "bold"), f"{counted(taken)}\n"]
        lines = list(told(taken))
        for state, sentence in lines[:MOST_LINES]:
            parts += [(f" {marks.mark(state)} ", marks.style(state)), f"{marks.drawn(clean(sentence))}\n"]
        if len(lines) > MOST_LINES:
            parts.append(say("   and {count} more lines", count=len(lines) - MOST_LINES))
        return [*parts, "\n"]

    def _changes(self) -> int:
        return sum(len(taken.changes) for taken in self._taken)

    def action_replace(self) -> None:
        """`r`: the other answer to what is decided already; shown before it counts."""
        self._replace = not self._replace
        self.run_worker(self._look(), exclusive=True)

    def action_take(self) -> None:
        """Enter: takes over what is shown."""
        if self._changes():
            for file in self._files:
                self._client.take_over(file, replace=self._replace)
            _ = self.dismiss(True)  # awaiting it here would wait for this very handler
