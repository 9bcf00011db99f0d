"""This machine: room, ports, firewall, SELinux, the key pair, the tools."""

import asyncio
import errno
import os
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path

import psutil

from tui.checks.keys import judge_pair
from tui.checks.model import Finding, Phase
from tui.checks.world import Question, World, single
from tui.links.arp import own_addresses
from tui.plan.endpoints import addresses
from tui.plan.model import Plan
from tui.text import say

SECONDS = 8.0
GIGABYTE = 10**9
ARTIFACTS = 3 * GIGABYTE
"""Installer, client and RHCOS images of one version, unpacked, rounded up."""
ISO = int(1.3 * GIGABYTE)
TOOLS = {"openshift-install": ["version"], "oc": ["version", "--client"], "coreos-installer": ["--version"]}


def questions(_plan: Plan, _phase: Phase) -> list[Question]:
    """All questions about the bastion; never more than one a matter."""
    here = socket.gethostname()
    return [
        single("bastion.disk", here, _disk, SECONDS),
        single("bastion.noexec", here, _noexec, SECONDS),
        single("bastion.ports", here, _ports, SECONDS),
        single("bastion.firewall", here, _firewall, SECONDS),
        single("bastion.selinux", here, _selinux, SECONDS),
        single("bastion.ssh-key", here, judge_pair, SECONDS),
        single("bastion.tools", here, _tools, SECONDS),
    ]


async def _disk(world: World) -> Finding:
    directory = _directory(world)
    free = shutil.disk_usage(directory).free
    isos = len(world.plan.topology.nodes) if world.plan.boot.method in ("iso", "redfish") else 0
    wanted = ARTIFACTS + isos * ISO
    evidence = say(
        "{directory} has {free:.1f} GB free; artifacts and {isos} ISOs take about {wanted:.1f} GB.",
        directory=directory,
        free=free / GIGABYTE,
        isos=isos,
        wanted=wanted / GIGABYTE,
    )
    if free >= wanted:
        return Finding("ok", evidence)
    fix = say("Make room on that file system, or use a session directory elsewhere.")
    return Finding("warning" if free >= ARTIFACTS else "failed", evidence, fix)


async def _noexec(world: World) -> Finding:
    directory = _directory(world)
    if os.statvfs(directory).f_flag & os.ST_NOEXEC:
        fix = say("Use a session directory on a file system that is not mounted noexec.")
        return Finding("failed", say("{directory} is mounted noexec.", directory=directory), fix)
    return Finding("ok", say("Programs in {directory} may be run.", directory=directory))


async def _ports(world: World) -> Finding:
    listen = world.plan.boot.listen
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        return Finding(
            "unknown",
            say("The plan does not say yet where Ignition is served."),
            say("Enter the serving address in step Boot."),
        )
    host = host.strip("[]") or "0.0.0.0"  # noqa: S104 - an empty host means every address, as in the plan
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except (OSError, OverflowError) as error:
        return _busy(listen, int(port), getattr(error, "errno", 0) or 0)
    return Finding("ok", say("{listen} can be listened on.", listen=listen))


def _busy(listen: str, port: int, number: int) -> Finding:
    if number == errno.EADDRINUSE:
        owner = _owner(port)
        if owner and owner[0] in (os.getpid(), os.getppid()):
            return Finding("ok", say("{listen} is being served by ocp-tui itself.", listen=listen))
        who = say("{name}, process {pid}", name=owner[1], pid=owner[0]) if owner else say("another process")
        return Finding(
            "failed",
            say("{listen} is taken by {who}.", listen=listen, who=who),
            say("Stop it, or serve on another port."),
        )
    if number == errno.EADDRNOTAVAIL:
        return Finding(
            "failed",
            say("{listen} is not an address of this machine.", listen=listen),
            say("Serve on an address of this machine that the nodes can reach."),
        )
    why = os.strerror(number) if number else say("not a port")
    return Finding(
        "failed",
        say("{listen} cannot be listened on: {why}.", listen=listen, why=why),
        say("Serve on another port, above 1023 unless you are root."),
    )


def _owner(port: int) -> tuple[int, str] | None:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return connection.pid, psutil.Process(connection.pid).name()
    return None


async def _firewall(world: World) -> Finding:
    if shutil.which("firewall-cmd") is None:
        return Finding("ok", say("firewalld is not installed here; other packet filters are not looked at."))
    code, state = await output("firewall-cmd", "--state")
    if code != 0 or "running" not in state or "not" in state:
        return Finding("ok", say("firewalld does not run; other packet filters are not looked at."))
    code, listed = await output("firewall-cmd", "--list-all")
    if code != 0:
        return Finding(
            "unknown", say("firewalld runs, but does not tell this user its rules."), say("Run the check as root.")
        )
    return judge_firewall(_served_here(world.plan), listed)


def judge_firewall(needed: list[tuple[str, str]], listed: str) -> Finding:
    """`needed` are (port/protocol, firewalld's service name or ""); `listed` is what `--list-all` printed."""
    fields = dict(re.findall(r"^\s*(services|ports|target):[ \t]*(.*)$", listed, re.MULTILINE))
    open_ports, services = fields.get("ports", "").split(), fields.get("services", "").split()
    if fields.get("target", "") == "ACCEPT":
        return Finding("ok", say("firewalld's zone accepts everything."))
    shut = [port for port, service in needed if not _opened(port, open_ports) and service not in services]
    evidence = say(
        "firewalld opens services {services} and ports {ports}.",
        services=" ".join(services) or "-",
        ports=" ".join(open_ports) or "-",
    )
    if not shut:
        return Finding("ok", evidence)
    options = " ".join(f"--add-port={port}" for port in shut)
    fix = say("firewall-cmd --permanent {options} && firewall-cmd --reload", options=options)
    return Finding("failed", say("{evidence} Shut: {shut}.", evidence=evidence, shut=", ".join(shut)), fix)


def _opened(port: str, ranges: list[str]) -> bool:
    number, _, protocol = port.partition("/")
    for entry in ranges:
        span, _, kind = entry.partition("/")
        first, _, last = span.partition("-")
        if kind == protocol and first.isdigit() and int(first) <= int(number) <= int(last or first):
            return True
    return False


def _served_here(plan: Plan) -> list[tuple[str, str]]:
    mine, network = own_addresses(), plan.network
    needed = [(f"{port}/tcp", "") for port in [plan.boot.listen.rpartition(":")[2]] if port.isdigit()]
    if mine.intersection(network.name_servers):
        needed += [("53/udp", "dns"), ("53/tcp", "dns")]
    balancer = network.load_balancer
    if mine.intersection(addresses(balancer.api)):
        needed += [("6443/tcp", "")]
    if mine.intersection(addresses(balancer.api_int or balancer.api)):
        needed += [("22623/tcp", "")]
    if mine.intersection(addresses(balancer.ingress)):
        needed += [("443/tcp", "https"), ("80/tcp", "http")]
    if mine.intersection(network.ntp_servers):
        needed += [("123/udp", "ntp")]
    return needed


async def _selinux(world: World) -> Finding:
    mode = _selinux_mode()
    if mode is None:
        return Finding("ok", say("SELinux is not active on this machine."))
    if mode != "1":
        return Finding("ok", say("SELinux is permissive."))
    balancer = world.plan.network.load_balancer
    balanced = {address for text in (balancer.api, balancer.api_int, balancer.ingress) for address in addresses(text)}
    if not own_addresses().intersection(balanced):
        return Finding("ok", say("SELinux is enforcing; no load balancer of the plan is on this machine."))
    code, value = await output("getsebool", "haproxy_connect_any")
    if code != 0:
        return Finding(
            "unknown",
            say("SELinux is enforcing, and getsebool could not be run."),
            say("See that haproxy_connect_any is on."),
        )
    if value.strip().endswith("on"):
        return Finding("ok", say("SELinux is enforcing; haproxy_connect_any is on."))
    return Finding(
        "failed",
        say("SELinux is enforcing and haproxy_connect_any is off: haproxy may not use 6443."),
        say("setsebool -P haproxy_connect_any=1"),
    )


def _selinux_mode() -> str | None:
    try:
        return Path("/sys/fs/selinux/enforce").read_text(encoding="ascii").strip()
    except OSError:
        return None


async def _tools(world: World) -> Finding:
    found = await asyncio.gather(*(_tool(world, name, arguments) for name, arguments in TOOLS.items()))
    versions = dict(zip(TOOLS, found, strict=True))
    evidence = "; ".join(f"{name}: {text or say('not found')}" for name, text in versions.items()) + "."
    missing = [name for name in ("openshift-install", "oc") if not versions[name]]
    if missing:
        return Finding("warning", evidence, say("Step Artifacts finds or fetches {names}.", names=", ".join(missing)))
    wanted, installer = world.plan.topology.version, versions["openshift-install"]
    if wanted and not re.search(rf"(?<![\d.]){re.escape(wanted)}(?![\d])", installer):
        fix = say("Use openshift-install of {version}: it installs its own version and no other.", version=wanted)
        return Finding("failed", evidence, fix)
    return Finding("ok", evidence)


async def _tool(world: World, name: str, arguments: list[str]) -> str:
    """The version a tool prints; "" where it is not at hand or does not run."""
    places = [str(path) for path in (world.directory or Path("/nonexistent")).glob(f"artifacts/**/{name}")]
    program = next((place for place in places if os.access(place, os.X_OK)), None) or shutil.which(name)
    if program is None:
        return ""
    code, text = await output(program, *arguments)
    lines = text.strip().splitlines()
    return lines[0].rpartition(" ")[2] if code == 0 and lines else say("does not run here")


async def output(*command: str) -> tuple[int, str]:
    """Exit code and output of a short command; 127 where it cannot be started. Ended where the question runs out."""
    try:
        child = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError:
        return 127, ""
    try:
        text, _ = await child.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        raise
    return child.returncode or 0, text.decode("utf-8", "replace")


def _directory(world: World) -> Path:
    return world.directory or Path.cwd()
