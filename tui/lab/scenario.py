"""Scenarios: what breaks, and when. Data in scenarios/*.yaml."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, field

FOLDER = Path(__file__).parent / "scenarios"
DEFAULT = "dns-refused"


class Break(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the story comes to `at`, `thing` of the lab's world turns to `state`."""

    at: str
    thing: str
    state: str


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rehearsal. `line` is a sentence for `ocp-tui lab --list`, `teaches` what a person meets in it."""

    name: str
    line: str
    teaches: str
    breaks: list[Break] = field(default_factory=list)


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by name, the default first."""
    import yaml

    read = [
        msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Scenario) for path in sorted(FOLDER.glob("*.yaml"))
    ]
    return {scenario.name: scenario for scenario in sorted(read, key=lambda s: (s.name != DEFAULT, s.name))}
