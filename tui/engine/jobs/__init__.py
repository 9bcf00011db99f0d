"""One module a kind of job: `async def run(work) -> result`. Each begins anew safely after the engine's death."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from tui.engine.work import JobRunner, Work

KINDS = (
    "check",
    "artifacts",
    "fetch-ca",
    "generate",
    "serve",
    "power",
    "watch",
    "approve",
    "confirm",
    "forget-host",
    "export",
)


def _runner(kind: str) -> JobRunner:
    async def run(work: Work) -> dict[str, Any]:
        # Imported when first asked for: an engine that only exports need not load an SSH library.
        result: dict[str, Any] = await import_module(f"tui.engine.jobs.{kind.replace('-', '_')}").run(work)
        return result

    return run


RUNNERS: Mapping[str, JobRunner] = {kind: _runner(kind) for kind in KINDS}
