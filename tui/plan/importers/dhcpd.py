"""dhcpd.conf of ISC's server: hosts, subnets, ranges and options, through groups and shared networks.

An option counts for a machine where it is written nearest to it. Conditions and classes are passed over.
"""

import re
from typing import NamedTuple

from msgspec import Struct, field

from tui.plan import machine_words as words
from tui.plan.importers.dhcp_facts import DhcpFacts, Lease, Subnet, found
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.texts import decoded
from tui.text import say

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|#[^\n]*|[{};]|,|[^\s{};,"#]+|\s+')
MOST_DEPTH = 50
MOST_WORDS = 400_000
_SCOPES = {"subnet", "subnet6", "shared-network", "group", "pool", "pool6", "host"}


class Statement(Struct, frozen=True):
    """Words up to a semicolon, or up to a block and what is in it. Commas are left out, quotes too."""

    words: list[str]
    line: int
    block: list["Statement"] | None = None


class _Scope(NamedTuple):
    """What holds around a statement: options by name, and the subnet it is in."""

    options: dict[str, list[str]]
    subnet: Subnet | None


class _Facts(Struct, kw_only=True):
    subnets: list[Subnet] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(source: Source) -> Found:
    """What a DHCP server's configuration says. Raises Unreadable."""
    statements = parse(decoded(source.data))
    facts = _Facts()
    _walk(statements, _Scope({}, None), facts)
    return found(
        DhcpFacts(subnets=facts.subnets, leases=facts.leases, notes=list(dict.fromkeys(facts.notes))), source.plan
    )


def parse(text: str) -> list[Statement]:
    """The statements of a configuration. Raises Unreadable where blocks do not close, or close too often."""
    levels: list[list[Statement]] = [[]]
    opened: list[tuple[list[str], int]] = []
    current: list[str] = []
    line = begun = 1
    for count, match in enumerate(_TOKEN.finditer(text)):
        word = match[0]
        if count > MOST_WORDS:
            raise Unreadable(say("There are more than {most} words.", most=MOST_WORDS), line)
        match word:
            case "{":
                opened.append((current, begun))
                levels.append([])
                current = []
                if len(levels) > MOST_DEPTH:
                    raise Unreadable(say("Blocks are nested more than {most} deep.", most=MOST_DEPTH), line)
            case "}":
                if not opened:
                    raise Unreadable(say("A block is closed that was never opened."), line)
                inner = levels.pop()
                levels[-1].append(Statement(*opened.pop(), inner))
                current = []
            case ";":
                if current:
                    levels[-1].append(Statement(current, begun))
                current = []
            case _ if word != "," and not word.startswith("#") and not word.isspace():
                begun = begun if current else line
                current.append(word.strip('"') if word.startswith('"') else word)
        line += word.count("\n")
    if opened:
        raise Unreadable(say("The block that opens here is never closed; the file may be cut off."), opened[-1][1])
    return levels[0]


def _walk(statements: list[Statement], scope: _Scope, facts: _Facts) -> None:
    options = dict(scope.options)
    for statement in statements:
        match statement.words:
            case ["option", name, *values] if statement.block is None and values:
                options[name.lower()] = values
            case ["next-server" | "filename" as name, *values] if statement.block is None:
                options[name] = values
            case ["include", *_]:
                facts.notes.append(say("Included files are not followed: import them too."))
    if scope.subnet is not None:
        for name, values in options.items():  # the subnet's own were first; a group's only add to them
            scope.subnet.options.setdefault(name, values)
    for statement in statements:
        if statement.block is None:
            _range(statement.words, scope)
        elif statement.words and statement.words[0].lower() in _SCOPES:
            _block(statement, _Scope(options, scope.subnet), facts)
        elif statement.words and statement.words[0].lower() in {"if", "elsif", "else", "class", "subclass"}:
            facts.notes.append(say("Conditions and classes are passed over."))


def _block(statement: Statement, scope: _Scope, facts: _Facts) -> None:
    block = statement.block or []
    match [statement.words[0].lower(), *statement.words[1:]]:
        case ["subnet", base, "netmask", mask]:
            _subnet(words.network(base, mask), block, scope, facts)
        case ["subnet6", whole, *_]:
            _subnet(words.network(whole), block, scope, facts)
        case ["host", name, *_]:
            facts.leases.append(_host(name, block, scope))
        case ["shared-network" | "group" | "pool" | "pool6", *_]:
            _walk(block, scope, facts)


def _subnet(network: str, block: list[Statement], scope: _Scope, facts: _Facts) -> None:
    if network:
        facts.subnets.append(Subnet(network=network))
        _walk(block, _Scope(scope.options, facts.subnets[-1]), facts)


def _range(statement: list[str], scope: _Scope) -> None:
    if scope.subnet is None or not statement or statement[0] not in {"range", "range6"}:
        return
    ends = [words.address(word) for word in statement[1:] if words.is_ip(word)]
    if ends:
        scope.subnet.ranges.append((ends[0], ends[-1]))


def _host(label: str, block: list[Statement], scope: _Scope) -> Lease:
    options = dict(scope.options)
    mac, addresses, named = "", [], ""
    for statement in block:
        match [word.lower() for word in statement.words[:2]]:
            case ["hardware", _] if len(statement.words) > 2:
                mac = words.mac(statement.words[2])
            case ["fixed-address" | "fixed-address6", _]:
                addresses += statement.words[1:]
            case ["option", "host-name"] if len(statement.words) > 2:
                named = words.name(statement.words[2])
            case ["option", name]:
                options[name] = statement.words[2:]
    by_name = next((words.name(one) for one in addresses if not words.is_ip(one) and words.name(one)), "")
    return Lease(
        name=named or by_name or words.name(label),
        mac=mac,
        addresses=[one for one in map(words.address, addresses) if one],
        options=options,
    )
