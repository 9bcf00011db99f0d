"""Which registry, which repository, which account: read from the plan and the pull secret."""

import base64
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui import checks
from tui.checks.components import read_layer
from tui.checks.haproxy import judge, parse
from tui.checks.registries import (
    Account,
    Repository,
    account_for,
    accounts,
    mirrors_of,
    registries,
    registry_hosts,
    release_repositories,
    repository,
    split_host,
)
from tui.checks.registry import digest_of, signed
from tui.plan.model import Artifacts, MirrorSource, Network, Node, Plan, Proxy, Topology

RELEASE = "quay.io/openshift-release-dev/ocp-release"


@pytest.mark.parametrize(
    ("reference", "host", "path"),
    [
        (f"{RELEASE}@sha256:{'a' * 64}", "quay.io", "openshift-release-dev/ocp-release"),
        ("mirror:5000/a/b:4.15.3-x86_64", "mirror:5000", "a/b"),
        ("mirror:5000/a", "mirror:5000", "a"),
        ("mirror:5000", "mirror:5000", ""),
        ("[fd00::1]:5000/a", "[fd00::1]:5000", "a"),
    ],
)
def test_an_image_reference_has_a_host_and_a_path(reference: str, host: str, path: str) -> None:
    assert repository(reference) == Repository(host, path)


@pytest.mark.parametrize(
    ("host", "place"),
    [("quay.io", ("quay.io", 443)), ("m:5000", ("m", 5000)), ("[fd00::1]:5000", ("fd00::1", 5000))],
)
def test_a_registry_without_a_port_speaks_https(host: str, place: tuple[str, int]) -> None:
    assert split_host(host) == place


def test_a_mirror_takes_the_place_of_its_source_and_of_what_lies_below_it() -> None:
    mirrors = [MirrorSource(source="quay.io/openshift-release-dev", mirrors=["m:5000/x", "n/y"])]
    plan = Plan(network=Network(mirrors=mirrors))
    assert release_repositories(plan) == [Repository("m:5000", "x/ocp-release"), Repository("n", "y/ocp-release")]
    assert registries(plan) == ["m:5000", "n"]
    assert registry_hosts(plan) == ["m", "n"]
    other = "quay.io/openshift-release-devil/x"
    assert mirrors_of(plan, other) == []
    connected = replace(plan, network=replace(plan.network, connected=True))
    assert mirrors_of(connected, other) == [Repository("quay.io", "openshift-release-devil/x")]
    assert registries(connected) == ["m:5000", "n"]


def test_quay_is_asked_only_where_the_plan_says_so_and_behind_a_proxy_by_the_proxys_name() -> None:
    connected = Plan(network=Network(connected=True))
    assert registries(connected) == ["quay.io"]
    assert registry_hosts(connected) == ["quay.io"]
    proxy = Proxy(https="http://proxy.example.test:3128")
    assert registry_hosts(Plan(network=Network(connected=True, proxy=proxy))) == ["proxy.example.test"]
    for undecided in (Network(), Network(connected=False), Network(proxy=proxy)):
        assert registries(Plan(network=undecided)) == []
        assert "quay.io" not in registry_hosts(Plan(network=undecided))


@pytest.mark.parametrize("connected", [None, False])
@pytest.mark.parametrize("image", ["", f"{RELEASE}@sha256:{'a' * 64}", f"mirror.example.test/x@sha256:{'b' * 64}"])
async def test_nobody_outside_is_asked_before_the_plan_says_so(
    monkeypatch: pytest.MonkeyPatch, connected: bool | None, image: str
) -> None:
    asked: list[str] = []

    async def heard(*words: object, **_more: object) -> Any:
        asked.append(" ".join(map(str, words)))
        raise AssertionError(asked)

    for name in ("tui.links.http.ask", "tui.links.tls.greet", "tui.links.dns.NameServer.ask"):
        monkeypatch.setattr(name, heard)
    plan = Plan(network=Network(connected=connected), artifacts=Artifacts(release_image=image))
    run = checks.run(plan, phase="before-boot", secret=lambda _: b"", only=["registry", "dns"])
    found = {result.id: result for result in [result async for result in run]}
    assert asked == []
    wanted = "unknown" if connected is None else "failed"
    for id_ in ("registry.trust", "registry.credentials", "registry.release"):
        assert (found[id_].state, bool(found[id_].fix)) == (wanted, True)
    assert (
        "quay.io" in found["registry.release"].evidence or "mirror.example.test" in found["registry.release"].evidence
    )


def test_an_installer_taken_from_the_mirror_names_the_release_there() -> None:
    mirrors = [MirrorSource(source=RELEASE, mirrors=["m:5000/ocp4"])]
    image = f"m:5000/openshift/release-images@sha256:{'a' * 64}"
    plan = Plan(network=Network(mirrors=mirrors), artifacts=Artifacts(release_image=image))
    assert release_repositories(plan) == [Repository("m:5000", "openshift/release-images")]


async def test_a_slow_mirror_is_unknown_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.checks.registry.SECONDS", 1.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        slow = f"127.0.0.1:{silent.getsockname()[1]}"
        mirrors = [MirrorSource(source=RELEASE, mirrors=[f"{slow}/x", "127.0.0.1:9/x"])]
        run = checks.run(
            Plan(network=Network(mirrors=mirrors)), phase="before-boot", secret=lambda _: b"", only=["registry.trust"]
        )
        found = {result.subject: result async for result in run}
    assert (found[slow].state, "within" in found[slow].evidence) == ("unknown", True)
    assert (found["127.0.0.1:9"].state, "refused" in found["127.0.0.1:9"].evidence) == ("failed", True)


async def test_a_source_without_a_mirror_is_named_and_not_asked_for() -> None:
    """The release is mirrored, its components are not: an air-gapped site would find that out late."""
    mirrors = [MirrorSource(source="quay.io/openshift-release-dev/ocp-v4.0-art-dev", mirrors=["127.0.0.1:9/x"])]
    run = checks.run(
        Plan(network=Network(mirrors=mirrors)), phase="before-boot", secret=lambda _: b"", only=["registry.release"]
    )
    (found,) = [result async for result in run]
    assert (found.state, RELEASE in found.fix) == ("failed", True)


def _auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def test_the_longest_key_of_the_pull_secret_wins() -> None:
    odd = {"junk": {"auth": "%%%"}, "none": {"credsStore": "x"}, "number": {"auth": 5}, "m:5000": _auth("d:4:5")}
    text = json.dumps({"auths": {"quay.io": _auth("a:1"), "quay.io/org": _auth("b:2"), **odd}})
    found = accounts(text)
    assert account_for(found, Repository("quay.io", "org/repo")) == Account("b", "2")
    assert account_for(found, Repository("quay.io", "other")) == Account("a", "1")
    assert account_for(found, Repository("m:5000", "x")) == Account("d", "4:5")
    assert account_for(found, Repository("m:8443", "x")) is None
    assert str(found["m:5000"]) == "d"
    assert set(found) == {"quay.io", "quay.io/org", "m:5000"}


@given(st.binary(max_size=200))
def test_no_pull_secret_and_no_layer_makes_the_checks_stumble(data: bytes) -> None:
    assert accounts(data.decode(errors="replace")) == {}
    assert read_layer(data) == {}


@given(st.text(max_size=60))
def test_every_text_has_some_repository(text: str) -> None:
    assert isinstance(repository(text), Repository)
    assert split_host(text)[1] >= 0


@pytest.mark.parametrize(
    ("version", "wanted"), [("4.20.9", False), ("4.21.0-ec.1", True), ("4.21", True), ("5.0.1", True), ("", False)]
)
def test_the_signature_is_wanted_from_4_21(version: str, wanted: bool) -> None:
    assert signed(version) is wanted


def test_a_release_image_by_tag_has_no_digest() -> None:
    assert digest_of(Plan(artifacts=Artifacts(release_image=f"{RELEASE}:4.15.3-x86_64"))) == ""
    assert digest_of(Plan(artifacts=Artifacts(release_image=f"{RELEASE}@sha256:{'a' * 64}"))) == f"sha256:{'a' * 64}"


NODES = [Node(role="bootstrap", name="bootstrap"), Node(role="master", name="m0"), Node(role="worker", name="w0")]
STATISTICS = """# pxname,svname,status,addr,check_status
openshift-api-server,FRONTEND,OPEN,,
openshift-api-server,bootstrap,DOWN,,L4CON
openshift-api-server,m0,UP,,L4OK
machine-config-server,bootstrap,DOWN,,L4CON
machine-config-server,m0.ocp4.example.test,UP,,L4OK
ingress-https,w0,UP,,L4OK
ingress-http,w0,no check,,
ingress-http,BACKEND,UP,,
"""


def test_haproxys_page_without_addresses_is_read_by_its_pools_names() -> None:
    plan = Plan(topology=Topology(cluster_name="ocp4", base_domain="example.test", nodes=NODES))
    assert judge(plan, "before-boot", parse(STATISTICS)).state == "ok"
    after = judge(plan, "after-bootstrap", parse(STATISTICS))
    assert (after.state, "Take the bootstrap bootstrap out of port 22623" in after.fix) == ("failed", True)
