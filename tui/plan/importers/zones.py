"""BIND zone files, forward and reverse, read by dnspython within limits; nothing is included or generated."""

import re
from typing import TYPE_CHECKING, Any

from tui.plan import machine_words as words
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.names import Names, of_cluster
from tui.plan.importers.texts import decoded
from tui.text import say

if TYPE_CHECKING:
    import dns.zone

MOST_BYTES = 512 * 1024
MOST_LINES = 20_000
_ORIGIN = re.compile(rb"(?mi)^\$ORIGIN[ \t]+(\S+)\.[ \t]*(?:;.*)?\r?$")
_SOA = re.compile(rb"(?mi)^(\S*)[ \t]+(?:\d\w*[ \t]+)?(?:IN[ \t]+)?(?:\d\w*[ \t]+)?SOA[ \t]+(\S+)[ \t]+(\S+)")
_AFFIXES = re.compile(
    r"^(?:db|named|zone|pri|master|fwd|forward|rev|reverse)[._-]|[._-](?:db|zone|fwd|rev|hosts|txt|conf)$"
)
_AT_LINE = re.compile(r":(\d{1,7}):")
_REVERSE_DIGITS = re.compile(r"(?:\d{1,3}\.){1,2}\d{1,3}")


def read(source: Source) -> Found:
    """The cluster that a zone's names make. Raises Unreadable."""
    data = source.data
    if len(data) > MOST_BYTES or data.count(b"\n") > MOST_LINES:
        raise Unreadable(say("The zone is larger than is taken: half a megabyte, {most} lines.", most=MOST_LINES))
    origin, notes = _origin(data, source.name)
    names, astray = _names(_zone(decoded(data), origin))
    if astray:
        notes.append(
            say("PTR records outside an in-addr.arpa zone are left out ({count}): add its $ORIGIN.", count=astray)
        )
    found = of_cluster(names, source.plan)
    return Found(values=found.values, machines=found.machines, notes=[*notes, *found.notes])


def _zone(text: str, origin: str) -> "dns.zone.Zone":
    import dns.exception

    try:
        return _parsed(text, origin)
    except dns.exception.SyntaxError as error:
        if re.search(r"(?mi)^\$(INCLUDE|GENERATE)\b", text):
            raise Unreadable(say("$INCLUDE and $GENERATE are not followed: write their records out.")) from None
        line = _line_of(error, text, origin)
        raise Unreadable(say("This line is no record that can be read."), line) from None
    except _ANYTHING_ELSE:
        raise Unreadable(say("This is no zone file that can be read.")) from None


def _parsed(text: str, origin: str) -> "dns.zone.Zone":
    import dns.exception
    import dns.zone

    try:
        return dns.zone.from_text(
            text,
            origin=origin,
            relativize=False,
            check_origin=False,
            filename="zone",
            allow_include=False,
            allow_directives=("$ORIGIN", "$TTL"),
        )
    except dns.exception.SyntaxError:
        raise
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from None


_ANYTHING_ELSE = (ValueError, LookupError, OverflowError, AttributeError, TypeError)
"""What dnspython raises for texts that nobody would call a zone."""


def _line_of(error: Exception, text: str, origin: str) -> int:
    """dnspython has often read the line's end already, and then tells the next line's number."""
    told = _AT_LINE.search(str(error))
    line = int(told[1]) if told else 0
    try:
        _parsed("\n".join(text.split("\n")[: line - 1]) + "\n", origin)
    except Exception:  # noqa: BLE001 (whatever it is, it stands before that line)
        return max(line - 1, 1)
    return line


def _origin(data: bytes, file_name: str) -> tuple[str, list[str]]:
    """The zone's name: its own $ORIGIN, its SOA record, or the file's name; whoever named it in named.conf knows."""
    own = _ORIGIN.search(data)
    soa = _SOA.search(data)
    if soa and soa[1].endswith(b".") and len(soa[1]) > 1:
        return _text(soa[1]), []
    if own and (soa is None or own.start() < soa.start()):
        return f"{_text(own[1])}.", []
    by_file = _by_file(file_name)
    if by_file:
        return by_file, [say("The zone does not say its name; by the file's name it is {name}", name=by_file)]
    mother = _text(soa[2]).partition(".")[2] if soa and soa[2].endswith(b".") else ""
    if mother and words.name(mother):
        note = say("The zone does not say its name; by its name server it is {name} Else add $ORIGIN.", name=mother)
        return mother, [note]
    raise Unreadable(say("The zone does not say its name: add a first line such as $ORIGIN ocp4.example.com."))


def _text(word: bytes) -> str:
    return word.decode("ascii", "replace")


def _by_file(file_name: str) -> str:
    bare = file_name.lower()
    for _ in range(4):
        bare = _AFFIXES.sub("", bare)
    if bare.endswith(".arpa") and words.name(bare):
        return f"{bare}."
    if _REVERSE_DIGITS.fullmatch(bare):
        return f"{_reversed(bare)}.in-addr.arpa."
    return f"{bare}." if "." in bare and words.name(bare) and not bare[-1].isdigit() else ""


def _reversed(digits: str) -> str:
    """`1.168.192` for a file called by either order: a private network shows which it is."""
    parts = digits.split(".")
    is_backwards = parts[-2:] == ["168", "192"] or (parts[-1] == "10" and parts[0] != "10") or parts[-1] == "172"
    return digits if is_backwards else ".".join(reversed(parts))


def _names(zone: "dns.zone.Zone") -> tuple[Names, int]:
    """What the zone says, and how many of its PTR records stand for no address."""
    import dns.exception
    import dns.rdatatype
    import dns.reversename

    names, astray = Names(), 0
    data: Any  # dnspython makes a class for each type as it reads
    for name, _, data in zone.iterate_rdatas():
        whole = _plain(name)
        if data.rdtype in {dns.rdatatype.A, dns.rdatatype.AAAA}:
            names.addresses.setdefault(whole, []).append(words.address(data.address))
        elif data.rdtype == dns.rdatatype.CNAME:
            names.aliases[whole] = _plain(data.target)
        elif data.rdtype == dns.rdatatype.PTR:
            try:
                names.reverse.setdefault(dns.reversename.to_address(name), _plain(data.target))
            except (dns.exception.DNSException, ValueError):
                astray += 1
    return names, astray


def _plain(name: object) -> str:
    return str(name).lower().rstrip(".")
