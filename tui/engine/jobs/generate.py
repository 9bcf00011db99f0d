"""Job "generate" {configs_only}: helper files from templates, then manifests and Ignition by openshift-install."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from tui.engine.installer import end_leftover, find_installer
from tui.engine.work import Desk, Refused, Work
from tui.generate import InstallerFailed, render, run_installer
from tui.generate.install_config import pull_secret
from tui.generate.model import Secret
from tui.plan.host import in_fips_mode
from tui.plan.model import Plan
from tui.plan.rules import judge
from tui.session import stale
from tui.session.served import base_url
from tui.session.store import now
from tui.text import say

_WRITTEN = "generated-files"
"""The name under which the session keeps which helper files are its own."""


async def run(work: Work) -> dict[str, Any]:
    """Gives the files written and, where openshift-install ran, what it made and when its certificates end."""
    desk, plan = work.desk, work.desk.plan
    if desk.plan_file.trouble:
        raise Refused(desk.plan_file.trouble)
    problems = judge(plan, _pull_secret(desk, plan), host_fips=in_fips_mode())
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise Refused(
            say(
                "The plan has {count} errors; the first: {what} {fix}",
                count=len(errors),
                what=first.message,
                fix=first.fix,
            )
        )
    serial = now() // 1_000_000
    files = render(plan, _reader(desk), base_url=base_url(desk.store, plan), serial=serial)
    _replace_all(desk, files)
    work.progress(say("{count} helper files written below {place}.", count=len(files), place=desk.directory.generated))
    if work.arguments.get("configs_only"):
        return {"files": sorted(files), "directory": str(desk.directory.generated)}
    made = await _install(work)
    stale.made(desk.store, plan, "generate")
    return {"files": sorted(files), **made}


async def _install(work: Work) -> dict[str, Any]:
    desk = work.desk
    installer = find_installer(desk.store)
    await end_leftover(desk.directory.install.with_name("install.new"))
    try:
        generated = await run_installer(desk.plan, _reader(desk), installer, desk.directory.install, work.progress)
    except InstallerFailed as error:
        raise Refused(str(error)) from error
    desk.learn()
    work.progress(say("Ignition files are in {place}.", place=generated.directory))
    desk.store.tell("job", say("Ignition files made in {place}", place=generated.directory))
    result: dict[str, Any] = msgspec.to_builtins(generated)
    # The names of the helper files are the job's own "files"; the installer's are told apart.
    result["ignition"] = result.pop("files")
    return result


def _pull_secret(desk: Desk, plan: Plan) -> str | None:
    try:
        return pull_secret(plan, _reader(desk))
    except (OSError, ValueError):
        return None  # a rule says what is wrong with the name


def _reader(desk: Desk) -> Secret:
    return lambda name: desk.secrets.read(name).decode("utf-8", "replace")


def _replace_all(desk: Desk, files: Mapping[str, str]) -> None:
    """Writes the helper files and takes away those of an earlier plan. What the person put beside them stays."""
    below = desk.directory.generated
    earlier = set(json.loads(desk.store.kept(_WRITTEN) or b"[]"))
    desk.store.keep(_WRITTEN, json.dumps(sorted(earlier | files.keys())).encode())
    for name, text in files.items():
        _write(below / name, text)
    for name in earlier - files.keys():
        (below / name).unlink(missing_ok=True)
        with suppress(OSError):  # not empty, or gone
            (below / name).parent.rmdir()
    desk.store.keep(_WRITTEN, json.dumps(sorted(files)).encode())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)
    part.replace(path)
