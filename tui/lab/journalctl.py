"""`journalctl` as a lab machine's shell knows it: the options that follow an installation."""

import argparse
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from typing_extensions import override

from tui.lab.journal import Entry, Journal

ALWAYS = ("__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "_BOOT_ID")


class Refused(Exception):
    """What journalctl says to standard error before it ends with status 1."""


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> None:  # type: ignore[override]
        raise Refused(f"journalctl: {message}")


def _parser() -> _Parser:
    parser = _Parser(prog="journalctl", add_help=False)
    parser.add_argument("-f", "--follow", action="store_true")
    parser.add_argument("-b", "--boot", nargs="?", const="0", default=None)
    parser.add_argument("-n", "--lines", nargs="?", const="10", default=None)
    parser.add_argument("-o", "--output", default="short")
    parser.add_argument("-u", "--unit", action="append", default=[])
    parser.add_argument("-t", "--identifier", action="append", default=[])
    parser.add_argument("-p", "--priority", type=int, default=7)
    parser.add_argument("--after-cursor", "--cursor", default="")
    parser.add_argument("--output-fields", default="")
    for short, long in (("-m", "--merge"), ("-a", "--all"), ("-q", "--quiet"), ("-e", "--pager-end")):
        parser.add_argument(short, long, action="store_true")
    for flag in ("--no-tail", "--no-pager", "--no-full", "--utc", "--no-hostname"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("matches", nargs="*")
    return parser


async def output(journal: Journal, words: list[str]) -> AsyncIterator[str]:
    """What `journalctl WORDS` prints, in pieces; with -f without end. Raises Refused."""
    options = _parser().parse_args(words)
    try:
        position = journal.after(options.after_cursor) if options.after_cursor else 0
    except (ValueError, KeyError):
        raise Refused("Failed to seek to cursor: Invalid argument") from None
    wanted = [entry for entry in journal.entries[position:] if _matches(entry, options, journal)]
    end = len(journal.entries)
    most = _most(options)
    if most is not None:
        wanted = wanted[len(wanted) - min(most, len(wanted)) :]
    for start in range(0, len(wanted), 500):
        yield _printed(journal, wanted[start : start + 500], options)
    if options.follow:
        async for fresh in journal.follow(end):
            kept = [entry for entry in fresh if _matches(entry, options, journal)]
            if kept:
                yield _printed(journal, kept, options)


def _most(options: argparse.Namespace) -> int | None:
    if options.lines is not None:
        return None if options.lines in {"all", "+all"} else int(options.lines)
    return 10 if options.follow and not options.no_tail and not options.after_cursor else None


def _matches(entry: Entry, options: argparse.Namespace, journal: Journal) -> bool:
    units = [unit.removesuffix(".service") for unit in options.unit]
    units += [m.split("=", 1)[1].removesuffix(".service") for m in options.matches if m.startswith("_SYSTEMD_UNIT=")]
    return (
        (not units or entry.unit in units)
        and (not options.identifier or entry.identifier in options.identifier)
        and entry.priority <= options.priority
        and (options.boot is None or entry.boot == (journal.boot if options.boot == "0" else options.boot))
    )


def _printed(journal: Journal, entries: list[Entry], options: argparse.Namespace) -> str:
    if not options.output.startswith("json"):
        return "".join(f"{_short(entry)}\n" for entry in entries)
    names = set(options.output_fields.split(",")) if options.output_fields else None
    lines = []
    for entry in entries:
        fields = journal.fields(entry)
        if names is not None:
            fields = {name: text for name, text in fields.items() if name in names or name in ALWAYS}
        lines.append(f"{json.dumps(fields)}\n")
    return "".join(lines)


def _short(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.time / 1e6, UTC).strftime("%b %d %H:%M:%S")
    program = entry.identifier if entry.identifier == "kernel" else f"{entry.identifier}[{entry.pid}]"
    return f"{when} {entry.host} {program}: {entry.message}"
