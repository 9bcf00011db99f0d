"""DNS as a node sees it: the bastion's questions, carried by the node's own bash to its name servers.

RHCOS has neither dig nor Python. bash can open a UDP socket, so the question travels there as the bytes that go on
the wire, in base64, and the answer comes back the same way: it is read by the code that reads the bastion's.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from ipaddress import ip_address

import dns.exception
import dns.message
from msgspec.structs import replace

from tui.checks import dns as names
from tui.checks.model import Finding, Phase, Result
from tui.checks.records import Record, records
from tui.checks.world import World, is_address, probe_name, result
from tui.links.dns import Answer, read
from tui.plan.model import Plan
from tui.text import say

Shell = Callable[[str], Awaitable[bytes]]
"""Runs a command on the node and gives its standard output; raises OSError (or what is one) where it cannot."""

Key = tuple[str, str, str]
"""Name server, name, record type."""

SECONDS = 20.0
AT_ONCE = 32
IN_ONE_COMMAND = 500
"""Questions in one command: sshd hands it to the shell as one argument, of 128 KiB at most."""
_SCRIPT = r"""
export LC_ALL=C
ask() {
  for try in 1 2; do
    exec 3<>"/dev/udp/$2/53" || { echo "$1 unreachable"; return; }
    printf %s "$3" | base64 -d >&3
    got=$( { timeout 2 dd bs=4096 count=1 status=none <&3 | base64 -w0; } 2>&1 )
    case $got in
      *refused*) echo "$1 closed"; return ;;
      *" "*) echo "$1 unreachable"; return ;;
      ?*) echo "$1 $got"; return ;;
    esac
  done
  echo "$1 timeout"
}
"""


async def run(plan: Plan, node: str, shell: Shell, *, phase: Phase) -> AsyncGenerator[Result, None]:
    """The DNS results as seen from this node, each with `asked_from` the node's name. Raises what `shell` raises."""
    wanted = records(plan, phase)
    try:
        async with asyncio.timeout(SECONDS):
            told = await _told(plan, wanted, shell)
    except TimeoutError:
        text = say("{node} did not bring its answers within {seconds:.0f} s.", node=node, seconds=SECONDS)
        finding = Finding("unknown", text, say("Ask again when the node is less busy."))
        yield replace(result("dns.server", ", ".join(plan.network.name_servers), finding), asked_from=node)
        return
    world = World(plan, phase, _no_secret, told=told)
    for question in names.asked_of_servers(wanted, plan):
        for found in await question.ask(world):
            yield replace(found, asked_from=node)


async def _told(plan: Plan, needed: list[Record], shell: Shell) -> dict[Key, Answer]:
    """What every server says; those that do not answer the first question are asked no more."""
    probe, servers = probe_name(plan), plan.network.name_servers
    told = await ask_all(shell, [(server, probe, "A") for server in servers])
    kinds = {record.name: record.kinds if record.kinds == ("PTR",) else ("A", "AAAA") for record in needed}
    for server in servers:
        wanted = [(server, name, kind) for name in kinds for kind in kinds[name]]
        first = told[server, probe, "A"]
        told |= dict.fromkeys(wanted, first) if first.silent else await ask_all(shell, wanted)
    return told


async def ask_all(shell: Shell, wanted: list[Key]) -> dict[Key, Answer]:
    """Every question's answer, from a few commands on the node; what did not come back is a timeout."""
    told: dict[Key, Answer] = {}
    for start in range(0, len(wanted), IN_ONE_COMMAND):
        part = wanted[start : start + IN_ONE_COMMAND]
        started = time.monotonic()
        output = (await shell(_command(part))).decode("ascii", "replace")
        took = (time.monotonic() - started) * 1000
        said = dict(line.split(" ", 1) for line in output.splitlines() if " " in line)
        told |= {key: _answer(said.get(str(number), "timeout"), key[2], took) for number, key in enumerate(part)}
    return told


def _command(wanted: list[Key]) -> str:
    """What bash runs: only numbers, addresses and base64 of ours are put into it."""
    lines = [_SCRIPT]
    for number, (server, name, kind) in enumerate(wanted):
        wire = _wire(name, kind)
        if wire and is_address(server):
            lines.append(f"ask {number} {ip_address(server)} {wire} 2>/dev/null &")
        if number % AT_ONCE == AT_ONCE - 1:
            lines.append("wait")
    return "\n".join([*lines, "wait"])


def _wire(name: str, kind: str) -> str:
    """The question in base64; "" for a name that DNS cannot carry."""
    try:
        return base64.b64encode(dns.message.make_query(name, kind).to_wire()).decode()
    except (dns.exception.DNSException, UnicodeError, ValueError):
        return ""


def _answer(word: str, kind: str, ms: float) -> Answer:
    match word:
        case "timeout" | "closed":
            return Answer(kind=word, ms=4000.0 if word == "timeout" else ms)
        case "unreachable":
            return Answer(kind="unreachable", ms=ms, detail=say("the node cannot reach it"))
    try:
        return read(dns.message.from_wire(base64.b64decode(word), ignore_trailing=True), kind, ms)
    except (binascii.Error, dns.exception.DNSException, ValueError):
        return Answer(kind="other", ms=ms, detail=say("what came back is not DNS"))


def _no_secret(name: str) -> bytes:
    raise KeyError(name)
