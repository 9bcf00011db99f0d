"""Machines out of what a person types or pastes: one a line, in any order, with ranges such as worker-[01-20].

The seam for the plan's own importers: whatever understands more of a pasted text belongs there, not here.
"""

import csv
import io
import ipaddress
import re
from itertools import repeat

from tui.plan.model import Bmc, Node, Plan, Role
from tui.text import say

MOST = 500
_RANGE = re.compile(r"\[(\d+)-(\d+)\]")
_MAC = re.compile(r"(?i)[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}")
_INTERFACE = re.compile(r"(?:en|eth|ib|bond)[a-z0-9.]*\d[a-z0-9.]*")
_ROLES: dict[str, Role] = {
    "bootstrap": "bootstrap",
    "master": "master",
    "control-plane": "master",
    "controlplane": "master",
    "worker": "worker",
    "compute": "worker",
}


class NotMachines(ValueError):
    """The text names no machines. Its text says what would."""


def machines(text: str) -> list[Node]:
    """The machines that a text names: words in any order, told apart by how they look. Raises NotMachines."""
    found = [node for line in text.splitlines() if _says_something(line) for node in _of_line(_words(line))]
    if not found:
        raise NotMachines(
            say("No machine is named here. One a line: worker-[1-3], or name, address, MAC address and disk.")
        )
    if len(found) > MOST:
        raise NotMachines(say("That would be {count} machines; {most} are the most.", count=len(found), most=MOST))
    return found


def taken_in(plan: Plan, more: list[Node]) -> list[Node]:
    """The plan's machines and more: one of the same name takes over what the new one knows."""
    nodes = list(plan.topology.nodes)
    places = {node.name: number for number, node in enumerate(nodes)}
    for node in more:
        if node.name in places:
            old = nodes[places[node.name]]
            known = {name: getattr(node, name) for name in node.__struct_fields__ if getattr(node, name) != Bmc()}
            nodes[places[node.name]] = Node(
                **{name: known.get(name) or getattr(old, name) for name in old.__struct_fields__}
            )
        else:
            nodes.append(node)
    return nodes


def usual(plan: Plan) -> list[Node]:
    """The machines that the plan's shape usually has, by their usual names."""
    masters = 1 if plan.topology.shape == "sno" else 3
    workers = 2 if plan.topology.shape == "ha" else 0
    return [
        *([] if plan.topology.shape == "sno" else [Node(role="bootstrap", name="bootstrap")]),
        *(Node(role="master", name=f"master-{number}") for number in range(1, masters + 1)),
        *(Node(role="worker", name=f"worker-{number}") for number in range(1, workers + 1)),
    ]


def role_of(name: str) -> Role:
    """The role that a name suggests."""
    lowered = name.lower()
    for beginning, role in (("boot", "bootstrap"), ("master", "master"), ("control", "master"), ("cp", "master")):
        if lowered.startswith(beginning):
            return role  # type: ignore[return-value]
    return "worker"


def _says_something(line: str) -> bool:
    bare = line.strip()
    heading = {word.lower() for word in _words(bare)} & {"name", "hostname", "mac", "address", "ip", "role"}
    return bool(bare) and not bare.startswith("#") and len(heading) < 2


def _words(line: str) -> list[str]:
    if "," in line or "\t" in line:
        cells = next(csv.reader(io.StringIO(line), delimiter="," if "," in line else "\t"), [])
        return [cell.strip() for cell in cells if cell.strip()]
    return line.split()


def _of_line(words: list[str]) -> list[Node]:
    lines = [_expanded(word) for word in words]
    count = max(len(line) for line in lines)
    if any(len(line) not in {1, count} for line in lines):
        raise NotMachines(say("The ranges on a line have to be equally long."))
    return [_node([line[number] if len(line) > 1 else line[0] for line in lines]) for number in range(count)]


def _expanded(word: str) -> list[str]:
    match = _RANGE.search(word)
    if match is None:
        return [word]
    first, last = match.groups()
    if not int(first) <= int(last) < int(first) + MOST:
        raise NotMachines(say("{word} is no range: write it as worker-[01-20].", word=word))
    width = len(first) if first.startswith("0") else 0
    numbers = range(int(first), int(last) + 1)
    return [f"{word[: match.start()]}{number:0{width}}{word[match.end() :]}" for number in numbers]


def _node(words: list[str]) -> Node:
    known: dict[str, str] = {}
    for word, kind in zip(words, map(_kind, words, repeat(known)), strict=True):
        known.setdefault(kind, word)
    name = known.get("name", "")
    if not name:
        raise NotMachines(say("“{line}” has no name in it.", line=" ".join(words)))
    return Node(
        role=_ROLES.get(known.get("role", "").lower(), role_of(name)),
        name=name,
        address=known.get("address", ""),
        mac=known.get("mac", ""),
        interface=known.get("interface", ""),
        disk=known.get("disk", ""),
        bmc=Bmc(address=known.get("bmc", "")),
    )


def _kind(word: str, known: dict[str, str]) -> str:
    if _MAC.fullmatch(word):
        return "mac"
    if word.startswith("/dev/"):
        return "disk"
    if "://" in word:
        return "bmc"
    if _is_address(word):
        return "address" if "address" not in known else "bmc"
    return _kind_of_word(word, named="name" in known)


def _kind_of_word(word: str, *, named: bool) -> str:
    if not named:
        return "name"
    if word.lower() in _ROLES:
        return "role"
    return "interface" if _INTERFACE.fullmatch(word) else "rest"


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word.partition("/")[0])
    except ValueError:
        return False
    return True
