"""The whole way in the rehearsal lab, with the engine killed on it: real processes, real SSH, nothing lost."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.engine.rehearsal import Rehearsal
from tui.checks.model import Result
from tui.hints.model import Hint
from tui.plan.endpoints import endpoint, full_name
from tui.plan.model import Node, Plan


@pytest.fixture
def rehearsal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path / "session", request.param, 60)
    yield rehearsal
    rehearsal.end()


async def printed(plan: Plan, node: Node) -> list[tuple[str, str]]:
    """What the node's own journalctl prints: (time, text) of every entry, by another client than ours."""
    host, port = endpoint(plan, node.address, 22)
    async with asyncssh.connect(
        host, port, username="core", known_hosts=None, client_keys=[plan.pull_secret.ssh_private_key], config=None
    ) as connection:
        result = await connection.run("journalctl -m --no-pager -o json --all", check=True)
    entries = [json.loads(line) for line in str(result.stdout).splitlines()]
    return [(entry["__REALTIME_TIMESTAMP"], str(entry["MESSAGE"])) for entry in entries]


@pytest.mark.parametrize("rehearsal", ["dns-refused"], indirect=True)
def test_a_refused_name_server_is_found_repaired_and_the_installation_completes_although_the_engine_is_killed_twice(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.prepare()
    results = rehearsal.session.store.facts(Result)
    assert [r.id for r in results if r.state == "failed"] == [], "preflight is green at first"

    rehearsal.boot()
    rehearsal.until(lambda: _severity(rehearsal, "bootstrap-dns-refused") == "fatal")
    hint = _hint(rehearsal, "bootstrap-dns-refused")
    assert "127.31.0.160" in hint.cause
    assert rehearsal.do("confirm", id=hint.id, node=hint.node, unit=hint.unit).result is not None
    assert _hint(rehearsal, "bootstrap-dns-refused").confirmed == "confirmed"

    rehearsal.kill_engine()
    rehearsal.session.store.request_repair("start-dns")
    rehearsal.until(lambda: _hint(rehearsal, "bootstrap-dns-refused").state == "cleared")
    rehearsal.until(lambda: rehearsal.stage("mco-bootstrap") == "done", 90)

    rehearsal.kill_engine()
    rehearsal.until(lambda: rehearsal.stage("bootstrap-complete") == "done", 120)
    rehearsal.until(lambda: rehearsal.stage("install-complete") == "done", 240)

    for node in rehearsal.session.plan.topology.nodes:
        _every_line_once(rehearsal, node)
    _one_clock(rehearsal)


def _every_line_once(rehearsal: Rehearsal, node: Node) -> None:
    """Held against what the node's own journalctl prints, up to the last line that was followed."""
    plan = rehearsal.session.plan
    lines = rehearsal.session.store.lines([full_name(plan, node)], most=1_000_000)
    last = max(line.time or 0 for line in lines)
    truth = Counter(entry for entry in asyncio.run(printed(plan, node)) if int(entry[0]) <= last)
    assert Counter(str(line.time) for line in lines) == Counter(time for time, _ in truth.elements()), node.name


def _one_clock(rehearsal: Rehearsal) -> None:
    """The timeline goes forward, in the time of the journals: an end is told after the lines that it is read from."""
    store = rehearsal.session.store
    times = [event.time for event in store.events()]
    assert times == sorted(times)
    told = {event.data.get("id"): event.time for event in store.events() if event.kind == "stage"}
    fetched = [line.time or 0 for line in store.lines(["file server"], most=1000)]
    first = min(line.time or 0 for line in store.lines(["bootstrap.ocp4.lab.example"], most=1_000_000))
    assert max(fetched) - min(fetched) < 3600 * 1_000_000
    assert min(fetched) < first < told["bootstrap-complete"] < told["install-complete"]


def _key(rehearsal: Rehearsal, id_: str) -> str:
    hints = [hint for hint in rehearsal.session.store.facts(Hint) if hint.id == id_]
    return "|".join(hints[0].key) if hints else ""


def _severity(rehearsal: Rehearsal, id_: str) -> str:
    hint = rehearsal.session.store.fact(Hint, _key(rehearsal, id_))
    return hint.severity if hint is not None else ""


def _hint(rehearsal: Rehearsal, id_: str) -> Hint:
    hint = rehearsal.session.store.fact(Hint, _key(rehearsal, id_))
    assert hint is not None
    return hint
