"""haproxy.cfg: who balances, for which of the four ports, and to which machines."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field

from tui.plan import machine_words as words
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.texts import decoded
from tui.plan.machine_words import Machine
from tui.plan.tables import LineProblem
from tui.text import say

_SECTIONS = ("global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers", "cache",
             "program", "mailers", "ring", "http-errors", "fcgi-app", "log-forward", "crt-store", "traces")  # fmt: skip
_LOAD_BALANCER = {6443: "api", 22623: "api_int", 443: "ingress", 80: "ingress"}
_PLACE = re.compile(r"(.*?):?(\d{1,5})(?:-\d{1,5})?")
MOST_SERVERS = 1000
MOST_LINES = 20_000


class _Section(Struct, kw_only=True):
    kind: str
    name: str
    binds: list[tuple[str, int]] = field(default_factory=list)
    servers: list["_Server"] = field(default_factory=list)
    backends: list[str] = field(default_factory=list)
    stats: str = ""
    serves_stats: bool = False


class _Server(NamedTuple):
    name: str
    host: str
    port: int
    line: int


def read(source: Source) -> Found:
    """Load balancer addresses and machines."""
    text = decoded(source.data)
    if text.count("\n") > MOST_LINES:
        raise Unreadable(say("There are more than {most} lines.", most=MOST_LINES))
    problems: list[LineProblem] = []
    sections = list(_sections(text, problems))
    backends = {section.name: section for section in sections if section.kind == "backend"}
    values: dict[str, str] = {}
    machines: dict[str, Machine] = {}
    ports: dict[str, set[int]] = {}
    servers = 0
    for section in sections:
        members = [
            *section.servers,
            *(s for name in section.backends if name in backends for s in backends[name].servers),
        ]
        for port in {port for _, port in section.binds} & _LOAD_BALANCER.keys():
            for address in _bound(section, port):
                values.setdefault(f"network.load_balancer.{_LOAD_BALANCER[port]}", address)
            for server in members:
                servers += 1
                if servers > MOST_SERVERS * 4:
                    break
                _gather(server, port, machines, ports)
    stats = next((place for place in (_stats(one, values) for one in sections) if place), "")
    if stats:
        values["network.load_balancer.stats"] = stats
    found = [_with_role(machine, ports[key]) for key, machine in machines.items()][:MOST_SERVERS]
    return Found(values=values, machines=found, notes=list(_notes(values, found)), problems=problems)


def _sections(text: str, problems: list[LineProblem]) -> Iterator[_Section]:
    current = _Section(kind="", name="")
    for number, line in enumerate(text.split("\n"), 1):
        parts = line.partition("#")[0].split()
        if not parts:
            continue
        if parts[0] in _SECTIONS and not line[0].isspace():
            yield current
            current = _Section(kind=parts[0], name=parts[1] if len(parts) > 1 else "")
            if len(parts) > 2 and (place := _place(parts[2])):
                current.binds.append(place)
        else:
            _directive(current, parts, number, problems)
    yield current


def _directive(section: _Section, parts: list[str], number: int, problems: list[LineProblem]) -> None:
    match parts:
        case ["bind", places, *_]:
            section.binds += [place for place in map(_place, places.split(",")) if place]
        case ["default_backend" | "use_backend", name, *_]:
            section.backends.append(name)
        case ["server", name, target, *_]:
            place = _place(target)
            if place is None or not (words.is_ip(place[0]) or words.name(place[0])):
                problems.append(LineProblem(number, say("This server's address is not taken: no host and port.")))
            else:
                section.servers.append(_Server(name, place[0], place[1], number))
        case ["stats", "socket", path, *_] if section.kind == "global":
            section.stats = path
        case ["stats", "uri", uri, *_]:
            section.serves_stats, section.stats = True, uri
        case ["stats", "enable", *_]:
            section.serves_stats = True


def _place(text: str) -> tuple[str, int] | None:
    """Host and port; "" as host for every address. `ipv4@`, `*:` and brackets are haproxy's own."""
    match = _PLACE.fullmatch(re.sub(r"^(ipv4|ipv6)@", "", text))
    if match is None or not 0 < int(match[2]) < 65536:
        return None
    host = match[1].strip("[]")
    return ("" if host in {"*", "0.0.0.0", "::"} else host), int(match[2])  # noqa: S104


def _bound(section: _Section, port: int) -> Iterator[str]:
    for host, bound in section.binds:
        if bound == port and words.is_ip(host) and not host.startswith("127."):
            yield words.address(host)


def _gather(server: _Server, port: int, machines: dict[str, Machine], ports: dict[str, set[int]]) -> None:
    address = words.address(server.host)
    name = words.name(server.name) if address else words.name(server.host)
    key = address or name
    machines.setdefault(key, Machine(name=name, address=address))
    ports.setdefault(key, set()).add(port)


def _with_role(machine: Machine, ports: set[int]) -> Machine:
    """By its name, else by what it answers: only control plane and bootstrap have an API."""
    by_port = "master" if ports & {6443, 22623} else "worker"
    return Machine(name=machine.name, address=machine.address, role=words.role_of_name(machine.name) or by_port)


def _stats(section: _Section, values: dict[str, str]) -> str:
    """A socket, or a page where it is known on which address it answers."""
    if section.kind == "global":
        return section.stats if re.fullmatch(r"/[A-Za-z0-9._/-]{1,107}", section.stats) else ""
    if not section.serves_stats or not section.binds:
        return ""
    bound, port = section.binds[0]
    host = bound or values.get("network.load_balancer.api", "")
    uri = section.stats or "/haproxy?stats"
    if not re.fullmatch(r"/[A-Za-z0-9._/?=;-]{0,60}", uri) or not words.is_ip(host):
        return ""
    return f"http://[{host}]:{port}{uri}" if ":" in host else f"http://{host}:{port}{uri}"


def _notes(values: dict[str, str], machines: list[Machine]) -> Iterator[str]:
    if machines and "network.load_balancer.api" not in values:
        yield say(
            "The balancer listens on every address of its machine: enter that machine's address for api and *.apps."
        )
    if not machines:
        yield say("No server for port 6443, 22623, 80 or 443 is in it.")
    if any(not machine.address for machine in machines):
        yield say("Some servers are named, not addressed: import the DNS zones too.")
