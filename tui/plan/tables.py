"""Pasted and filed tables of machines: one a line, as CSV, TSV or aligned text, with or without a heading.

Columns come in any order. A heading says what they are; without one each cell is recognised by how it looks. Ranges
inside cells stand for several machines. No message repeats a cell: a password may stand in one.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tui.plan import machine_words as words
from tui.plan.machine_words import Machine
from tui.plan.model import Node
from tui.plan.ranges import MOST, NotARange, in_step
from tui.text import say

_HEADINGS = {
    "role": ("role", "type", "kind", "rolle"),
    "name": ("name", "hostname", "host", "node", "nodename", "machine", "server", "servername", "fqdn", "vm"),
    "address": ("address", "ip", "ipaddress", "ipaddr", "ipv4", "ipv4address", "ipv6", "ipv6address", "nodeip", "addr"),
    "mac": ("mac", "macaddress", "macaddr", "hwaddr", "hwaddress", "hardwareaddress", "ethernet", "bootmac",
            "bootmacaddress", "pxemac"),
    "interface": ("interface", "nic", "iface", "ifname", "networkinterface", "port"),
    "disk": ("disk", "installdisk", "installationdisk", "rootdisk", "rootdevice", "drive", "device", "bootdisk"),
    "bmc": ("bmc", "bmcaddress", "bmcip", "ipmi", "ipmiip", "ipmiaddress", "ilo", "idrac", "redfish", "bmcurl", "oob"),
    "bmc_user": ("bmcuser", "bmcusername", "ipmiuser", "username", "user", "login"),
    "bmc_password": ("bmcpassword", "bmcpass", "ipmipassword", "password", "pass"),
}  # fmt: skip
_FIELD_OF = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
MOST_LINES = 20_000
MOST_CELLS = 60
MOST_PROBLEMS = 100
_EMPTY = {"", "-", "--", "—", "n/a", "none", "null", "tbd", "?"}
_READERS: dict[str, Callable[[str], str]] = {
    "role": words.role,
    "name": words.name,
    "address": words.address,
    "mac": words.mac,
    "interface": lambda text: text if re.fullmatch(r"[A-Za-z0-9_.@-]{1,15}", text) else "",
    "disk": words.disk,
    "bmc": words.bmc,
    "bmc_user": lambda text: text if text.isprintable() and len(text) <= 100 else "",
    "bmc_password": lambda text: text,
}
_CALLED = {
    "role": say("role"), "name": say("name"), "address": say("address"), "mac": say("MAC address"),
    "interface": say("interface"), "disk": say("disk"), "bmc": say("BMC address"), "bmc_user": say("BMC user"),
}  # fmt: skip


class LineProblem(Struct, frozen=True):
    """What is wrong with a line (from 1; 0: with the whole), in a sentence."""

    line: int
    message: str


class Table(Struct, frozen=True, kw_only=True):
    """The machines of a table, and what of it could not be taken."""

    machines: list[Machine] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        """The machines as a plan holds them; passwords are left out."""
        return [machine.node() for machine in self.machines]


class _Line(NamedTuple):
    number: int
    cells: list[str]


class _Misfit(ValueError):
    """A line that gives no machine. Its text is the sentence."""


def read(text: str) -> Table:
    """The machines that a text names, in its order, and a problem for each line that could not be taken whole."""
    if text.count("\n") > MOST_LINES:
        return Table(problems=[LineProblem(0, say("There are more than {most} lines.", most=MOST_LINES))])
    lines = _lines(text)
    heading = _heading(lines[0].cells) if lines else None
    machines: list[Machine] = []
    problems: list[LineProblem] = []
    first: dict[str, int] = {}
    for line in lines[1:] if heading else lines:
        if len(problems) >= MOST_PROBLEMS:
            problems.append(LineProblem(line.number, say("The lines from here on were not looked at.")))
            break
        try:
            found, missed = _of_line(line.cells, heading)
        except (_Misfit, NotARange) as error:
            problems.append(LineProblem(line.number, str(error)))
            continue
        if len(machines) + len(found) > MOST:
            problems.append(LineProblem(line.number, say("There are more than {most} machines.", most=MOST)))
            break
        machines += found
        problems += [LineProblem(line.number, message) for message in [*missed, *_again(found, line.number, first)]]
    if not machines and not problems:
        problems.append(LineProblem(0, say("No machine is named here: one a line, with its name or its address.")))
    return Table(machines=machines, problems=problems)


def _again(found: list[Machine], number: int, first: dict[str, int]) -> list[str]:
    """A sentence where a line's machine has a name that was given before; `first` is where each name came first."""
    told = {}
    for machine in found:
        if machine.name and first.setdefault(machine.name, number) != number:
            told[say("A machine of line {first} has the same name.", first=first[machine.name])] = True
    names = [machine.name for machine in found if machine.name]
    if len(set(names)) < len(names):
        told[say("Several machines of this line have the same name.")] = True
    return list(told)


def _lines(text: str) -> list[_Line]:
    numbered = [
        (number, line.strip().strip("\ufeff"))
        for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
    ]
    numbered = [(n, line) for n, line in numbered if line and not line.startswith(("#", "//")) and not _is_rule(line)]
    delimiter = _delimiter([line for _, line in numbered])
    return [_Line(number, cells) for number, line in numbered if any(cells := _cells(line, delimiter))]


def _is_rule(line: str) -> bool:
    """Whether a line only underlines: `-----`, `|---|---|`, `+====+`."""
    return len(line) > 1 and set(line) <= set("-=+| :") and "-" * 2 in line.replace("=", "-")


def _delimiter(lines: list[str]) -> str:
    """What parts the cells of most lines; white space where nothing does. A comma within a range parts nothing."""
    counts: Counter[str] = Counter()
    for line in lines[:50]:
        bare = re.sub(r"\[[^\[\]]*\]", "", line)
        counts.update(mark for mark in "\t;|," if mark in bare)
    most = max(counts.values(), default=0)
    return next((mark for mark in "\t;|," if counts[mark] == most and most * 2 > min(len(lines), 50)), " ")


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    if delimiter == "|":
        return [cell.strip() for cell in line.strip("|").split("|")]
    brackets = re.compile(r"\[[^\[\]]*\]")
    guarded = brackets.sub(lambda match: match[0].replace(",", "\x1f"), line)
    try:
        cells = next(csv.reader([guarded], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split()
    return [cell.replace("\x1f", ",").strip() for cell in cells]


def _heading(cells: list[str]) -> list[str] | None:
    """What each column holds ("" where its heading says nothing known); None where the line is no heading."""
    names = [_FIELD_OF.get(re.sub(r"[^a-z0-9]", "", cell.lower()), "") for cell in cells]
    known = [name for name in names if name]
    if len(known) < 2 or any(words.is_ip(cell) or words.mac(cell) or "[" in cell for cell in cells):
        return None
    return [name if name not in names[:at] else "" for at, name in enumerate(names)]


def _of_line(cells: list[str], heading: list[str] | None) -> tuple[list[Machine], list[str]]:
    """The machines of a line, and sentences for what of it is not taken. A sentence is said once a line."""
    if len(cells) > MOST_CELLS:
        raise _Misfit(say("There are more than {most} cells in this line.", most=MOST_CELLS))
    machines, missed = [], {}
    for row in in_step(cells):
        fits = heading is not None and len(row) <= len(heading)
        values, left = _by_heading(row, heading) if fits and heading else _by_looks(row)
        if not _is_machine(values, alone=len(row) == 1 or heading is not None):
            raise _Misfit(say("No machine is told here: its name, and its address, MAC address or role."))
        if heading is not None and not fits:
            left = [*left, say("The line has more cells than the heading; they are told apart by how they look.")]
        machine = Machine(**values)
        machines.append(machine if machine.role else replace(machine, role=words.role_of_name(machine.name)))
        missed.update(dict.fromkeys(left))
    return machines, list(missed)


def _is_machine(values: dict[str, str], *, alone: bool) -> bool:
    """Whether these cells tell a machine: a sentence of prose has words that could be names, and nothing else."""
    if values.get("address") or values.get("mac"):
        return True
    name = values.get("name", "")
    return bool(name and (alone or values.get("role") or words.role_of_name(name)))


def _by_heading(row: list[str], heading: list[str]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    left = []
    shifted = False
    for cell, column in zip(row, heading, strict=False):
        if not column or cell.lower() in _EMPTY:
            continue
        value = _READERS[column](cell)
        if value:
            values[column] = value
        elif column == "role" and not words.role(cell):
            left.append(say("The role is none of bootstrap, master and worker; the name decides."))
        else:
            left.append(say("What stands for the {column} is none; it is left out.", column=_CALLED[column]))
            shifted = True
    # A password may stand a column too far to the left, and an account is shown.
    if shifted and {values.pop(column, None) for column in ("bmc_user", "bmc_password")} != {None}:
        left.append(say("The line may be shifted against its heading: the BMC's account is left out."))
    return values, left


def _by_looks(row: list[str]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    unknown = 0
    for cell in row:
        if cell.lower() in _EMPTY:
            continue
        column, value = _kind(cell, values)
        if column:
            values[column] = value
        else:
            unknown += 1
    if "name" not in values and values.get("role_word"):
        values["name"] = values["role_word"]
    values.pop("role_word", None)
    left = [say("Cells that are not understood are left out: {count}.", count=unknown)] if unknown else []
    return values, left


def _kind(cell: str, taken: dict[str, str]) -> tuple[str, str]:
    """The column a cell belongs to and its value there; ("", "") where none is left for it."""
    if (value := words.role(cell)) and "role" not in taken:
        taken["role_word"] = words.name(cell)
        return "role", value
    looks = (
        ("mac", words.mac(cell)),
        ("disk", words.disk(cell)),
        ("address", words.address(cell)),
        ("bmc", words.bmc(cell) if "://" in cell or words.is_ip(cell) or re.search(r":\d+\Z", cell) else ""),
        ("interface", words.interface(cell)),
        ("name", words.name(cell)),
    )
    return next(((column, value) for column, value in looks if value and column not in taken), ("", ""))
