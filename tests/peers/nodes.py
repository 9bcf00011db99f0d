"""Real hosts for the tests: each a network namespace with OpenSSH's sshd and a journal in systemd's own files.

A host has an address on a bridge of its own, a user `core` who may read the journal, a machine id, a host name and a
boot id. Its journal is written by systemd-journal-remote while `journalctl -f` reads it, so units, boots and times are
those of the lines that a test writes. Everything lives below one directory and in namespaces: nothing of the machine
that runs the tests is changed. Root is needed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from msgspec import Struct

from tui.links.ssh import Target

JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
_TOOLS = ("ip", "nsenter", "unshare", "mount", "sshd", "ssh-keygen", "journalctl")

# One shell that becomes the host: its own mounts and host name, then sshd. $1: the host's directory, $2: its name,
# $3: sshd.
_INIT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run && mkdir -p /run/sshd /run/log/journal && chmod 755 /run/sshd
mount -t tmpfs tmpfs /var/log && mkdir /var/log/journal && mount --bind "$1/journal" /var/log/journal
mkdir /var/log/openshift && mount --bind "$1/openshift" /var/log/openshift
for file in passwd shadow group machine-id; do mount --bind "$1/$file" /etc/$file; done
hostname "$2"
exec "$3" -D -e -f "$1/sshd_config"
"""


class Entry(Struct, frozen=True, kw_only=True):
    """One journal entry to write. `time`: microseconds since the epoch."""

    message: str | bytes
    time: int
    identifier: str = ""
    unit: str = ""
    pid: int = 1
    priority: int = 6


def missing() -> str:
    """Why real hosts cannot be made here, "" where they can."""
    if os.geteuid() != 0:
        return "real hosts need root"
    absent = [tool for tool in _TOOLS if not shutil.which(tool, path=_path())]
    absent += [] if Path(JOURNAL_REMOTE).exists() else ["systemd-journal-remote"]
    if absent:
        return f"real hosts need {', '.join(absent)}"
    probe = subprocess.run(["unshare", "-n", "-m", "-u", "true"], check=False, capture_output=True)
    return "" if probe.returncode == 0 else "real hosts need network namespaces, which this machine does not allow"


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _run(*arguments: str) -> None:
    subprocess.run(arguments, check=True, capture_output=True, env={**os.environ, "PATH": _path()})


class Host:
    """One host. `address`, `port`, `user` and `key` are how SSH reaches it."""

    port = 22
    user = "core"

    def __init__(self, directory: Path, name: str, address: str, namespace: str, key: Path) -> None:
        self.name, self.address, self.key = name, address, key
        self._directory, self._namespace = directory, namespace
        self._machine = uuid.uuid4().hex
        self._sshd: subprocess.Popen[bytes] | None = None
        self._writer: subprocess.Popen[bytes] | None = None
        self._boots = 0
        self.boot = ""
        _furnish(directory, address, self._machine, key)

    def target(self, known_hosts: Path) -> Target:
        """How the program under test reaches this host."""
        return Target(
            node=self.name,
            host=self.address,
            port=self.port,
            user=self.user,
            key=str(self.key),
            known_hosts=str(known_hosts),
        )

    def start(self) -> None:
        """Boots: a new boot id, sshd listening, the journal open for writing."""
        self.boot = uuid.uuid4().hex
        self._boots += 1
        journal = self._directory / "journal" / self._machine
        journal.mkdir(exist_ok=True)
        # A journal of several files, as rotation leaves it.
        output = journal / f"system{'' if self._boots == 1 else f'@{self._boots}'}.journal"
        self._writer = subprocess.Popen(
            [JOURNAL_REMOTE, f"--output={output}", "-"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        sshd = shutil.which("sshd", path=_path()) or "sshd"
        shell = ["unshare", "-m", "-u", "sh", "-c", _INIT, "init", str(self._directory), self.name, sshd]
        with (self._directory / "sshd.log").open("ab") as log:
            self._sshd = subprocess.Popen(
                [
                    "nsenter",
                    f"--net=/run/netns/{self._namespace}",
                    *shell,
                    shutil.which("sshd", path=_path()) or "sshd",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._await_sshd()

    def write(self, entries: Iterable[Entry]) -> None:
        """Appends to the journal; may be called while the host cannot be reached."""
        assert self._writer is not None
        assert self._writer.stdin is not None
        data = b"".join(_exported(entry, self.boot, self._machine, self.name) for entry in entries)
        self._writer.stdin.write(data)
        self._writer.stdin.flush()

    def record(self, service: str, records: str) -> None:
        """Puts a service's records where a bootstrap keeps them: /var/log/openshift/SERVICE.json."""
        (self._directory / "openshift" / f"{service}.json").write_text(records)

    def cut(self) -> int:
        """Ends every SSH session at once, as a lost network does; gives how many processes that were."""
        assert self._sshd is not None
        sessions = psutil.Process(self._sshd.pid).children(recursive=True)
        for process in sessions:
            with suppress(psutil.Error):
                process.kill()
        return len(sessions)

    def unplug(self) -> None:
        """Takes the cable out: packets vanish, nobody is told."""
        _run("ip", "link", "set", f"v{self._namespace}", "down")

    def plug(self) -> None:
        """Puts the cable back."""
        _run("ip", "link", "set", f"v{self._namespace}", "up")

    def stop(self) -> None:
        """Switches off."""
        if self._sshd is not None:
            self.cut()
            self._sshd.send_signal(signal.SIGKILL)
            self._sshd.wait()
        if self._writer is not None:
            assert self._writer.stdin is not None
            self._writer.stdin.close()
            self._writer.wait()

    def reboot(self, *, seconds: float = 0.5) -> None:
        """Off, and on again with a new boot id; the journal stays."""
        self.stop()
        time.sleep(seconds)
        self.start()

    def new_host_key(self) -> None:
        """As after an installation from scratch; holds from the next start on."""
        for part in ("host_key", "host_key.pub"):
            (self._directory / part).unlink()
        _keygen(self._directory / "host_key")

    def _await_sshd(self) -> None:
        log = self._directory / "sshd.log"
        started = log.read_bytes().count(b"Server listening")
        deadline = time.monotonic() + 10
        while log.read_bytes().count(b"Server listening") < max(started, self._boots):
            if time.monotonic() > deadline:
                raise RuntimeError(f"sshd of {self.name} did not start: {log.read_text()[-500:]}")
            time.sleep(0.02)


def _furnish(directory: Path, address: str, machine: str, key: Path) -> None:
    """The host's files: who may log in, its keys, its sshd's configuration, an empty journal."""
    journal, home = directory / "journal", directory / "home"
    journal.mkdir(parents=True)
    home.mkdir()
    (directory / "openshift").mkdir()
    group = next(line for line in Path("/etc/group").read_text().splitlines() if line.startswith("systemd-journal:"))
    group_id = int(group.split(":")[2])
    os.chown(journal, 0, group_id)
    journal.chmod(0o2755)
    (directory / "passwd").write_text(f"{Path('/etc/passwd').read_text()}core:x:4200:4200::{home}:/bin/sh\n")
    (directory / "shadow").write_text("root:*:1::::::\nsshd:*:1::::::\ncore:*:1::::::\n")
    groups = Path("/etc/group").read_text().replace(f"{group}\n", f"{group.rstrip()}{_comma(group)}core\n")
    (directory / "group").write_text(f"{groups}core:x:4200:\n")
    (directory / "machine-id").write_text(f"{machine}\n")
    _keygen(directory / "host_key")
    (directory / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    (directory / "sshd_config").write_text(
        f"Port 22\nListenAddress {address}\nHostKey {directory}/host_key\n"
        f"AuthorizedKeysFile {directory}/authorized_keys\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
        "PidFile none\nPrintMotd no\nUseDNS no\nMaxStartups 100\n"
    )


def _comma(group: str) -> str:
    return "" if group.endswith(":") else ","


def _keygen(path: Path, *options: str) -> None:
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path), *options)


def _exported(entry: Entry, boot: str, machine: str, host: str) -> bytes:
    """The entry in journald's export format, with the trusted fields that journald itself would have added."""
    message = entry.message.encode() if isinstance(entry.message, str) else entry.message
    about = b"UNIT" if entry.identifier == "systemd" else b"_SYSTEMD_UNIT"
    fields = [
        b"__REALTIME_TIMESTAMP=%d" % entry.time,
        b"__MONOTONIC_TIMESTAMP=%d" % (entry.time % 10**12),
        b"_BOOT_ID=%s" % boot.encode(),
        b"_MACHINE_ID=%s" % machine.encode(),
        b"_HOSTNAME=%s" % host.encode(),
        b"PRIORITY=%d" % entry.priority,
        b"SYSLOG_IDENTIFIER=%s" % entry.identifier.encode(),
        b"_PID=%d" % entry.pid,
        *([b"%s=%s.service" % (about, entry.unit.encode())] if entry.unit else []),
        b"MESSAGE\n%s%s" % (len(message).to_bytes(8, "little"), message) if message else b"MESSAGE=",
    ]
    return b"\n".join(fields) + b"\n\n"


@contextmanager
def hosts(*names: str) -> Iterator[dict[str, Host]]:
    """Running hosts by name, on a network of their own; all gone afterwards."""
    # Not pytest's tmp_path: user core has to reach its home, and pytest's directories are root's alone.
    with tempfile.TemporaryDirectory(prefix="ocp-tui-hosts-") as directory, _network(Path(directory), names) as made:
        yield made


@contextmanager
def _network(directory: Path, names: Sequence[str]) -> Iterator[dict[str, Host]]:
    tag = f"{os.getpid() % 65536:x}{uuid.uuid4().hex[:3]}"
    network = f"10.{200 + os.getpid() % 50}.{uuid.uuid4().int % 250}"
    bridge, key = f"b{tag}", directory / "key"
    directory.chmod(0o755)
    _keygen(key)
    made: dict[str, Host] = {}
    _run("ip", "link", "add", bridge, "type", "bridge")
    try:
        _run("ip", "addr", "add", f"{network}.1/24", "dev", bridge)
        _run("ip", "link", "set", bridge, "up")
        for number, name in enumerate(names):
            namespace, address = f"{tag}{number}", f"{network}.{10 + number}"
            _connect(namespace, bridge, address)
            made[name] = Host(directory / name, name, address, namespace, key)
            made[name].start()
        yield made
    finally:
        for host in made.values():
            host.stop()
        for number in range(len(names)):
            for thing in (("link", "del", f"v{tag}{number}"), ("netns", "del", f"{tag}{number}")):
                subprocess.run(["ip", *thing], check=False, capture_output=True)
        _run("ip", "link", "del", bridge)


def _connect(namespace: str, bridge: str, address: str) -> None:
    """A network namespace with one interface on the bridge."""
    _run("ip", "netns", "add", namespace)
    _run("ip", "link", "add", f"v{namespace}", "type", "veth", "peer", "name", "eth0", "netns", namespace)
    _run("ip", "link", "set", f"v{namespace}", "master", bridge, "up")
    for command in (("addr", "add", f"{address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
        _run("ip", "-n", namespace, *command)
    _run("ip", "-n", namespace, "link", "set", "lo", "up")
