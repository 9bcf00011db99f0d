"""All questions at once: results as they come, nothing silenced, nothing told that is secret."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tui import checks
from tui.checks import asking
from tui.checks.known import CHECKS
from tui.checks.model import Finding, Result
from tui.checks.world import Question, World, single
from tui.plan.model import Bmc, LoadBalancer, MirrorSource, Network, Node, Plan, Topology

PLAN = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="example.test",
        version="4.21.0",
        nodes=[Node(role="master", name="m0", address="127.64.0.9", bmc=Bmc(address="127.64.0.8"))],
    ),
    network=Network(
        name_servers=["127.64.0.2", "127.64.0.3"],
        ntp_servers=["127.64.0.2"],
        gateway="127.64.0.1",
        machine_networks=["127.64.0.0/24"],
        load_balancer=LoadBalancer(api="127.64.0.5", ingress="127.64.0.5", stats="/nowhere/stats.sock"),
        mirrors=[
            MirrorSource(source="quay.io/openshift-release-dev/ocp-release", mirrors=["mirror.example.test:5000/ocp4"])
        ],
    ),
    endpoints={"mirror.example.test:5000": "127.64.0.6:5000"},
    lab=True,
)


def _secret(name: str) -> bytes:
    raise FileNotFoundError(name)


async def _run(plan: Plan, **how: object) -> list[Result]:
    given: dict[str, object] = {"phase": "before-boot", "secret": _secret, **how}
    return [result async for result in checks.run(plan, **given)]  # type: ignore[arg-type]


def _only(monkeypatch: pytest.MonkeyPatch, *questions: Question) -> None:
    class Room:
        @staticmethod
        def questions(_plan: Plan, _phase: str) -> list[Question]:
            return list(questions)

    monkeypatch.setattr(asking, "ROOMS", (Room,))


@pytest.mark.parametrize("phase", ["before-boot", "bootstrapping", "after-bootstrap"])
def test_every_question_is_in_the_catalogue_and_every_entry_is_asked(phase: str) -> None:
    known = {check.id for check in CHECKS}
    asked = {question.id for question in asking.questions(PLAN, phase)}  # type: ignore[arg-type]
    assert asked <= known
    if phase == "after-bootstrap":
        assert known - asked == {"dns.bootstrap"}


def test_the_catalogues_ids_are_unique_and_belong_to_steps() -> None:
    listed = checks.catalogue()
    assert len({check.id for check in listed}) == len(listed)
    steps = {"topology", "network", "pull_secret", "artifacts", "generate", "boot"}
    assert {check.step for check in listed} <= steps
    assert all(check.title and check.asks.endswith("?") for check in listed)


async def test_an_empty_plan_has_no_failure_and_asks_nobody() -> None:
    results = await _run(Plan(lab=True), only=["dns", "lb", "clock", "address", "gateway", "bmc"])
    assert {result.state for result in results} == {"unknown"}


async def test_where_nothing_listens_everything_says_so_and_nothing_is_ok_by_silence(tmp_path: Path) -> None:
    results = await _run(PLAN, session_directory=tmp_path)
    by_id = {result.id: result for result in results}
    for id_ in ("dns.server", "lb.6443", "registry.trust", "registry.credentials", "clock.ntp", "bmc.redfish"):
        assert (by_id[id_].state, "connection refused" in by_id[id_].evidence) == ("failed", True), by_id[id_]
        assert by_id[id_].fix
    for id_ in ("dns.api", "dns.node", "clock.bastion", "address.free", "gateway.answers", "lb.backends"):
        assert by_id[id_].state == "unknown", by_id[id_]
    assert all(result.fix for result in results if result.state == "failed")
    assert all(result.asked_at > 1_600_000_000_000_000 for result in results)
    assert all(result.asked_from == "bastion" for result in results)


async def test_only_takes_ids_and_whole_kinds() -> None:
    assert {result.id for result in await _run(PLAN, only=["dns.api"])} == {"dns.api"}
    kinds = {result.id.partition(".")[0] for result in await _run(PLAN, only=["clock", "bastion.disk"])}
    assert kinds == {"clock", "bastion"}


async def test_results_come_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async def after(seconds: float) -> Finding:
        await asyncio.sleep(seconds)
        return Finding("ok", str(seconds))

    slow, quick = (single(f"dns.{s}", "x", lambda _world, s=s: after(s), 5) for s in (0.3, 0.01))  # type: ignore[misc]
    _only(monkeypatch, slow, quick)
    started, run = time.monotonic(), checks.run(PLAN, phase="before-boot", secret=_secret)
    times = [(result.evidence, time.monotonic() - started) async for result in run]
    assert [evidence for evidence, _ in times] == ["0.01", "0.3"]
    assert times[0][1] < 0.2


async def test_a_question_that_trips_is_unknown_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def trips(_world: World) -> Finding:
        raise RuntimeError("password=hunter2-and-more")

    async def hangs(_world: World) -> Finding:
        await asyncio.sleep(60)
        return Finding("ok", "")

    async def works(_world: World) -> Finding:
        return Finding("ok", 'sent {"auth": "c2VjcmV0LXNlY3JldA=="}')

    _only(monkeypatch, single("a.a", "", trips), single("b.b", "", hangs, 0.05), single("c.c", "", works))
    found = {result.id: result for result in await _run(PLAN)}
    assert (found["a.a"].state, found["b.b"].state, found["c.c"].state) == ("unknown", "unknown", "ok")
    assert "hunter2" not in found["a.a"].evidence
    assert "c2VjcmV0" not in found["c.c"].evidence


async def test_what_a_hostile_peer_says_reaches_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hostile(_world: World) -> Finding:
        return Finding("failed", "it said \x1b]0;owned\x07 and\nmore", "\x9b2J")

    _only(monkeypatch, single("a.a", "", hostile))
    (found,) = await _run(PLAN)
    assert found.evidence.replace("\n", "").isprintable()
    assert found.fix.isprintable()


async def test_a_password_in_the_statistics_url_is_shown_by_no_result() -> None:
    balancer = LoadBalancer(api="127.64.0.5", stats="http://admin:hunter2hunter2@127.64.0.5:9/stats")
    plan = replace(PLAN, network=replace(PLAN.network, load_balancer=balancer))
    (found,) = await _run(plan, only=["lb.backends"])
    assert (found.state, "connection refused" in found.evidence) == ("unknown", True), found
    assert "hunter2" not in msgspec.json.encode(found).decode()


async def test_a_run_that_is_left_early_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_world: World) -> Finding:
        await asyncio.sleep(60)
        return Finding("ok", "")

    async def works(_world: World) -> Finding:
        return Finding("ok", "")

    _only(monkeypatch, single("a.a", "", hangs, 60), single("b.b", "", works))
    run = checks.run(PLAN, phase="before-boot", secret=_secret)
    async for _ in run:
        break
    await run.aclose()
    assert len(asyncio.all_tasks()) == 1


async def test_what_several_checks_need_is_asked_once_and_outlives_an_impatient_asker() -> None:
    world, asked = World(PLAN, "before-boot", _secret), []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0.05)
        return 42

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await world.once("x", ask)
    assert list(await asyncio.gather(world.once("x", ask), world.once("x", ask))) == [42, 42]
    assert len(asked) == 1
    await world.close()


@pytest.mark.parametrize(
    "id_", ["dns.answers", "lb.port", "registry.trust", "registry.release", "clock.ntp", "no.such"]
)
async def test_a_confirmation_of_an_empty_plan_is_unknown(id_: str) -> None:
    foreign = {"host": "192.0.2.7", "server": "192.0.2.7"}
    verdict, evidence = await checks.confirm(Plan(), {"id": id_, **foreign}, _secret)
    assert verdict == "unknown"
    assert evidence


async def test_a_confirmation_without_parameters_asks_all_the_plan_has() -> None:
    verdict, evidence = await checks.confirm(PLAN, {"id": "lb.port"}, _secret)
    assert verdict == "confirmed"
    assert "port 6443" in evidence
    assert "port 22623" in evidence


def test_a_result_is_json_as_promised() -> None:
    keys = {"id", "subject", "state", "asked_from", "evidence", "fix", "step", "asked_at", "stale", "overridden"}
    assert set(msgspec.to_builtins(Result(id="a", subject="b", state="ok", evidence="", step="network"))) == keys


async def test_the_bootstraps_proof_needs_a_bootstrap() -> None:
    plan = replace(PLAN, topology=replace(PLAN.topology, nodes=[]))
    found = await _run(plan, phase="after-bootstrap", only=["lb.bootstrap-removed"])
    assert [result.state for result in found] == ["unknown"]


def test_the_rooms_door_opens_without_what_only_asking_needs() -> None:
    """Screens list the checks at the first paint: no network library may come along."""
    program = "import sys, tui.checks; tui.checks.catalogue(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"dns", "aiohttp", "cryptography", "requests", "asyncssh", "ntplib", "psutil"} & set(loaded)
