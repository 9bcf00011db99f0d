"""Job "export" {out}: the redacted session log, written beside the other work."""

import asyncio
from pathlib import Path
from typing import Any

from tui.engine.work import Work
from tui.session.export import export
from tui.session.store import Store
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Gives the archive's path."""
    desk = work.desk
    out = Path(work.arguments["out"]) if work.arguments.get("out") else None
    path = await asyncio.to_thread(_export, work, out)
    work.progress(say("Exported to {path}; it holds no secret.", path=path))
    desk.store.tell("job", say("Session log exported to {path}", path=path))
    return {"path": str(path)}


def _export(work: Work, out: Path | None) -> Path:
    store = Store(work.desk.directory.database)
    try:
        return export(work.desk.directory, store, out)
    finally:
        store.close()
