"""openshift-install run for real: in a fresh directory, manifests mended, output watched, files looked over.

Its state file would bring old certificates into new files, so no directory is ever used twice: it works beside the
one in use, takes its place when all went well, and the one before is kept aside under its time.
"""

import asyncio
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tui.generate import certificates, ignition
from tui.generate.install_config import install_config, proxy_credentials, pull_secret
from tui.generate.model import Generated, Made, Secret, Told
from tui.generate.refusal import InstallerFailed, Scrubber, level_of, reasons
from tui.generate.render import INSTALL_CONFIG, machine_configs
from tui.links.process import CannotStart, start
from tui.plan.endpoints import cluster_domain, nodes_of
from tui.plan.model import Plan
from tui.text import say

KEPT = "kept"
"""Below the directory: what was given to openshift-install, which deletes its own copy."""

SCHEDULER = "manifests/cluster-scheduler-02-config.yml"
_SCHEDULABLE = re.compile(r"^(\s*mastersSchedulable:\s*)(?:true|false)\s*$", re.MULTILINE)
_ALWAYS = ("auth/kubeconfig", "auth/kubeadmin-password", "metadata.json")
_POOLS = {"master.ign": "master", "worker.ign": "worker"}
_ENVIRONMENT = {"OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE": ""}
"""A forgotten override would silently make the files for another release."""


async def run_installer(plan: Plan, secret: Secret, installer: Path, directory: Path, told: Told) -> Generated:
    """Manifests, then Ignition files, made by the real openshift-install at `installer` into `directory`.

    `secret` gives a secret's text by its name in the plan; `told` gets each line of output, without secrets. Raises
    InstallerFailed with openshift-install's own reasons, or with why the disk refuses. Cancelled, it ends the child it
    started. Whatever fails, `directory` stays as it was and DIRECTORY.new holds what there is.
    """
    try:
        return await _run_installer(plan, secret, installer, directory, told)
    except OSError as error:
        raise InstallerFailed(
            say(
                "{path} cannot be written or read: {why}. Free or remount the disk and generate again.",
                path=error.filename or directory,
                why=error.strerror or str(error),
            )
        ) from error


async def _run_installer(plan: Plan, secret: Secret, installer: Path, directory: Path, told: Told) -> Generated:
    fresh = _fresh(directory)
    scrub = Scrubber(*map(secret, _secrets(plan)), pull_secret(plan, secret), proxy_credentials(plan, secret))
    run = _Run(installer, fresh, scrub, told)
    configs = {Path(path).name: content for path, content in machine_configs(plan).items()}
    _keep(fresh, install_config(plan, secret), configs)

    lines = await run(["create", "manifests", "--dir", "."])
    schedulable = not nodes_of(plan, "worker")
    _set_schedulable(fresh, schedulable)
    for name, content in configs.items():
        _write(fresh / "openshift" / name, content)
    single = plan.topology.shape == "sno"
    target = "single-node-ignition-config" if single else "ignition-configs"
    lines += await run(["create", target, "--dir", "."])

    _tighten(fresh)
    _look_over(plan, fresh, single)
    aside = _set_aside(directory)
    fresh.rename(directory)
    return Generated(
        directory=str(directory),
        files=_made(directory),
        clock=certificates.clock(directory),
        kept=str(aside) if aside else "",
        warnings=_warnings(lines, schedulable),
    )


def _secrets(plan: Plan) -> list[str]:
    return [plan.pull_secret.pull_secret, plan.pull_secret.mirror_credentials, plan.network.proxy.credentials]


class _Run:
    """One openshift-install, called several times: gives the lines of both its streams, scrubbed."""

    def __init__(self, installer: Path, directory: Path, scrub: Scrubber, told: Told) -> None:
        self._installer, self._directory = installer.absolute(), directory.absolute()
        self._scrub, self._told = scrub, told

    async def __call__(self, arguments: list[str]) -> list[str]:
        lines: list[str] = []

        def hear(line: str) -> None:
            lines.append(self._scrub(line))
            self._told(lines[-1])

        code = await _child([str(self._installer), *arguments], self._directory, hear)
        if code:
            raise InstallerFailed(self._sentence(arguments, code), code, reasons(lines))
        return lines

    def _sentence(self, arguments: list[str], code: int) -> str:
        return say(
            "{command} ended with code {code} and made nothing that can be used. Mend what it names in the plan and "
            "generate again; {directory} holds what it left.",
            command=" ".join([self._installer.name, *arguments[:2]]),
            code=code,
            directory=self._directory,
        )


async def _child(arguments: list[str], place: Path, hear: Callable[[str], None]) -> int:
    """Runs a child to its end, its lines to `hear`; gives its exit code. Cancelled, it ends the child."""
    try:
        child = await start(arguments, cwd=place, env=_ENVIRONMENT)
    except CannotStart as error:
        hint = say("Is it for this machine's architecture, and on a file system that is not mounted noexec?")
        raise InstallerFailed(f"{error} {hint}") from error
    try:
        async for said in child.lines():
            hear(said.text)
        return await child.wait()
    except asyncio.CancelledError:
        await child.cancel()
        raise


def _fresh(directory: Path) -> Path:
    """An empty place to work in, beside the directory; what an attempt that failed left there goes."""
    fresh = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    return fresh


def _set_aside(directory: Path) -> Path | None:
    """Moves the run before this one away, named by its time; None where there was none."""
    if not directory.exists():
        return None
    if not any(directory.iterdir()):
        directory.rmdir()
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(directory.stat().st_mtime))
    names = (f"{directory.name}-{stamp}{suffix}" for suffix in ("", *(f"-{number}" for number in range(2, 1000))))
    aside = next(place for name in names if not (place := directory.with_name(name)).exists())
    return directory.rename(aside)


def _keep(directory: Path, text: str, configs: dict[str, str]) -> None:
    _write(directory / INSTALL_CONFIG, text)
    _write(directory / KEPT / INSTALL_CONFIG, text)
    for name, content in configs.items():
        _write(directory / KEPT / name, content)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)


def _set_schedulable(directory: Path, schedulable: bool) -> None:
    """Control plane nodes carry ordinary pods only where there are no workers; the installer goes by its own count."""
    path = directory / SCHEDULER
    word = "true" if schedulable else "false"
    try:
        text, count = _SCHEDULABLE.subn(lambda match: match[1] + word, path.read_text("utf-8"))
    except FileNotFoundError:
        count, text = 0, ""
    if count != 1:
        raise InstallerFailed(
            say("{path} has no mastersSchedulable to set: this openshift-install is not understood.", path=path)
        )
    _write(path, text)


def _tighten(directory: Path) -> None:
    """Everything in there holds secrets or tells of them: the Ignition files, the log, the state, the kubeconfig."""
    for path in [directory, *directory.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)


def _look_over(plan: Plan, directory: Path, single: bool) -> None:
    """openshift-install 4.7 ends with 0 for a command it does not know: only the files tell that it did its work."""
    expected = [*_ALWAYS, *([ignition.SINGLE_NODE] if single else [ignition.BOOTSTRAP, *_POOLS])]
    missing = [name for name in expected if not (directory / name).is_file()]
    if missing:
        raise InstallerFailed(
            say(
                "openshift-install ended well but did not write {names}. Is it of version {version}?",
                names=", ".join(missing),
                version=plan.topology.version,
            )
        )
    try:
        found = ignition.wrongs(directory, cluster_domain(plan), _POOLS)
    except ValueError as error:
        found = [str(error)]
    if found:
        raise InstallerFailed(say("What openshift-install wrote cannot be used: {what}.", what="; ".join(found)))


def _warnings(lines: list[str], schedulable: bool) -> list[str]:
    """What the installer warned of, but for what was undone: pods on the control plane beside planned workers."""
    said = [message for level, message in map(level_of, lines) if level == "warning"]
    return [message for message in said if schedulable or "MastersSchedulable" not in message]


def _made(directory: Path) -> list[Made]:
    return [
        Made(name=path.name, size=path.stat().st_size, sha512=hashlib.sha512(path.read_bytes()).hexdigest())
        for path in sorted(directory.glob("*.ign"))
    ]
