"""One machine of the lab while it runs: its journal, its sshd, and the means to make things happen on it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tui.lab import images
from tui.lab.clock import SECOND, Clock
from tui.lab.journal import Journal, Program
from tui.lab.records import Records
from tui.lab.segments import filled, load
from tui.lab.settings import BASE, CLUSTER, DOMAIN, INSIDE, MIRROR, REGISTRY, SERVICES, SSH, Machine, Settings
from tui.lab.shell import Shell
from tui.lab.ssh import SshNode

_SHORTEST_WAIT = 0.05
"""Seconds of the wall clock: lines that fall due within it come together."""


class Ground(NamedTuple):
    """What every machine stands on: `folder` is SESSION/lab, `key` the public SSH key, `resolve` the name server."""

    settings: Settings
    clock: Clock
    folder: Path
    key: str
    resolve: Callable[[str], str | None]


class Node:
    """A machine with power, a journal and a shell. Everything it says, it says in lab time."""

    def __init__(self, machine: Machine, ground: Ground) -> None:
        settings = ground.settings
        self.machine = machine
        self.name = machine.name
        self.role = machine.role
        self.address = settings.address(machine.octet)
        self.host = f"{machine.name}.{DOMAIN}"
        self.clock = ground.clock
        self.journal = Journal(settings.machine_ids[machine.name])
        self.records = Records()
        services = settings.address(SERVICES)
        self.tokens = {
            "DOMAIN": DOMAIN,
            "BASE": BASE,
            "CLUSTER": CLUSTER,
            "HOST": self.host,
            "ADDRESS": self.address,
            "GATEWAY": settings.address(1),
            "NAMESERVER": services,
            "INSIDE": settings.address(INSIDE),
            "REGISTRY": f"{MIRROR}:{REGISTRY}",
            "REGISTRYHOST": MIRROR,
            "RELEASE": images.RELEASE_IMAGE,
            "IMAGEID": images.RELEASE.digest.removeprefix("sha256:"),
            "OSIMAGE": images.component("rhel-coreos"),
            "ROLE": machine.role,
        }
        shell = Shell(self.journal, lambda: self.host, self._files, ground.resolve, self.clock.now)
        self.ssh = SshNode(
            settings.place(machine.octet, SSH), ground.folder / f"host-{machine.name}.key", ground.key, shell
        )

    def _files(self) -> dict[str, str]:
        files = self.records.files() if self.role == "bootstrap" else {}
        return files | {"/etc/hostname": f"{self.host}\n"}

    def say(self, program: Program, message: str, *, time: int | None = None) -> None:
        """Writes one line into the journal, now or at a lab time."""
        time = self.clock.now() if time is None else time
        entry = self.journal.write(time, self.host, program, filled(message, self.tokens, time))
        self.records.see(entry.time, program, entry.message)

    async def play(self, segment: str, **tokens: str) -> None:
        """Makes a segment happen at its own pace; returns after its last line."""
        start = self.clock.now()
        self.tokens |= tokens
        for line in load(segment):
            due = start + int(line.offset * SECOND)
            if (due - self.clock.now()) / SECOND / self.clock.speed > _SHORTEST_WAIT:
                await self.clock.sleep_until(due)
            self.say(line.program, line.message, time=due)
        await self.clock.sleep_until(start + int(load(segment)[-1].offset * SECOND))

    async def reboot(self, seconds: float) -> None:
        """Goes down and comes back after so many seconds with a new boot id."""
        await self.ssh.stop()
        await self.clock.sleep(seconds)
        self.journal.new_boot(self.clock.now())
