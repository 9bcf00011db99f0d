"""Registry faults made for real with docker-registry, each named rightly."""

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from tests.peers import servers as real
from tests.peers.pki import Authority
from tests.peers.servers import servers_fixture  # noqa: F401
from tests.peers.site import (  # noqa: F401
    COMPONENTS,
    MIRROR,
    PASSWORD,
    RELEASE,
    REPOSITORY,
    USER,
    Site,
    pull_secret,
    site_fixture,
)
from tests.peers.tokens import token_service
from tui import checks
from tui.checks.registries import Account, Repository, account_for, accounts
from tui.generate.install_config import install_config
from tui.plan.model import MirrorSource, Proxy

pytestmark = pytest.mark.peers
Fault = Callable[[Site], Awaitable[None]]
HOST_NAME = MIRROR.partition(":")[0]
SAMPLE = ("machine-config-operator", "etcd", "cluster-bootstrap", "pod", "rhel-coreos")


async def everything_right(site: Site) -> None:
    site.registry()
    site.push(*SAMPLE)
    results = await site.ask("registry")
    assert {result.state for result in results} == {"ok"}, [r for r in results if r.state != "ok"]
    components = {result.subject for result in results if result.id == "registry.components"}
    assert components == set(SAMPLE)


async def wrong_authority(site: Site) -> None:
    site.registry(Authority("Another CA").issue(site.servers.directory / "other", HOST_NAME))
    result = await site.one("registry.trust")
    assert (result.state, "CN=Another CA" in result.evidence) == ("failed", True)
    assert "trust bundle" in result.fix
    login = await site.one("registry.credentials")
    assert (login.state, "not trusted" in login.evidence) == ("failed", True)
    assert (await checks.confirm(site.plan, {"id": "registry.trust"}, site.secret))[0] == "confirmed"


async def same_name_other_key(site: Site) -> None:
    """The authority was made anew: same name, another key."""
    site.registry(Authority("Site CA").issue(site.servers.directory / "other", HOST_NAME))
    result = await site.one("registry.trust")
    assert (result.state, "same name" in result.fix) == ("failed", True), result


async def expired_certificate(site: Site) -> None:
    site.registry(site.ca.issue(site.servers.directory / "old", HOST_NAME, valid_days=-2))
    result = await site.one("registry.trust")
    assert (result.state, "expired" in result.fix) == ("failed", True), result


async def soon_to_expire(site: Site) -> None:
    site.registry(site.ca.issue(site.servers.directory / "old", HOST_NAME, valid_days=10))
    assert (await site.one("registry.trust")).state == "warning"


async def other_name(site: Site) -> None:
    site.registry(site.ca.issue(site.servers.directory / "other", "registry.peers.test"))
    result = await site.one("registry.trust")
    assert (result.state, "registry.peers.test" in result.fix, HOST_NAME in result.fix) == ("failed", True, True)


async def common_name_only(site: Site) -> None:
    site.registry(site.ca.issue(site.servers.directory / "cn", common_name=HOST_NAME))
    result = await site.one("registry.trust")
    assert (result.state, "subject alternative name" in result.fix) == ("failed", True), result


async def version_1_root(site: Site) -> None:
    root, pair = _version_1(site.servers.directory)
    site.plan = replace(site.plan, pull_secret=replace(site.plan.pull_secret, trust_bundle=root))
    site.registry(pair)
    result = await site.one("registry.trust")
    assert (result.state, "version 1" in result.fix) == ("failed", True), result


async def empty_bundle(site: Site) -> None:
    site.plan = replace(site.plan, pull_secret=replace(site.plan.pull_secret, trust_bundle=""))
    site.registry()
    result = await site.one("registry.trust")
    assert (result.state, "CN=Site CA" in result.fix) == ("failed", True)


async def plain_http(site: Site) -> None:
    port, _ = real.registry(site.servers, (Path(), Path()), plain=True)
    host, _, number = MIRROR.partition(":")
    site.override(host, int(number), port)
    result = await site.one("registry.trust")
    assert (result.state, "plain HTTP" in result.evidence) == ("failed", True), result


async def wrong_password(site: Site) -> None:
    site.registry(password="not it at all")
    result = await site.one("registry.credentials")
    assert (result.state, "401" in result.evidence, MIRROR in result.fix) == ("failed", True, True)
    assert "not it at all" not in result.evidence + result.fix


async def mirrors_own_credentials(site: Site) -> None:
    """Given apart from a pull secret that knows Red Hat's registries alone; install-config has what the check used."""
    site.registry()
    site.credentials({"quay.io": ("me", "another password")})
    own = replace(site.plan.pull_secret, mirror_credentials="mirror")
    for text in (pull_secret({MIRROR: (USER, PASSWORD)}), f"{USER}:{PASSWORD}\n".encode()):
        site.plan = replace(site.plan, pull_secret=replace(own, mirror_credentials=""))
        result = await site.one("registry.credentials")
        assert (result.state, f"Add an entry for {MIRROR}" in result.fix) == ("failed", True), result
        site.plan, site.secrets["mirror"] = replace(site.plan, pull_secret=own), text
        result = await site.one("registry.credentials")
        assert (result.state, f"as {USER}" in result.evidence) == ("ok", True), result
        config = yaml.safe_load(install_config(site.plan, lambda name: site.secrets[name].decode() if name else ""))
        assert account_for(accounts(config["pullSecret"]), Repository(MIRROR, "")) == Account(USER, PASSWORD)


async def mirrors_own_credentials_wrong(site: Site) -> None:
    """They win over the pull secret's good ones, on the nodes as here."""
    site.registry()
    site.plan = replace(site.plan, pull_secret=replace(site.plan.pull_secret, mirror_credentials="mirror"))
    site.secrets["mirror"] = f"{USER}:not it at all".encode()
    result = await site.one("registry.credentials")
    assert (result.state, "401" in result.evidence) == ("failed", True), result
    assert "not it at all" not in result.evidence + result.fix


async def open_to_everyone(site: Site) -> None:
    site.registry(auth="", password="never looked at")
    result = await site.one("registry.credentials")
    assert (result.state, "open to everyone" in result.evidence) == ("ok", True), result


async def entry_for_another_port(site: Site) -> None:
    site.registry()
    site.credentials({f"{HOST_NAME}:8443": (USER, PASSWORD)})
    result = await site.one("registry.credentials")
    assert (result.state, f"{HOST_NAME}:8443" in result.fix, "same text" in result.fix) == ("failed", True, True)


async def registry_stopped(site: Site) -> None:
    site.servers.stop(site.registry())
    for result in await site.ask("registry.trust", "registry.credentials"):
        assert (result.state, "connection refused" in result.evidence) == ("failed", True), result


async def one_of_two_registries_stopped(site: Site) -> None:
    """Nodes go on to the other mirror of a source; a source that only the dead one holds is out of reach."""
    site.registry()
    site.push(*SAMPLE)
    other = "spare.peers.test:5000"
    site.override("spare.peers.test", 5000, real.free_port())
    both = [f"{other}/{REPOSITORY}", f"{MIRROR}/{REPOSITORY}"]
    site.network(mirrors=[MirrorSource(source=source, mirrors=both) for source in (RELEASE, COMPONENTS)])
    for id_ in ("registry.trust", "registry.credentials", "registry.release"):
        dead = await site.one(id_, "spare")
        assert (dead.state, "connection refused" in dead.evidence) == ("warning", True), dead
        assert (await site.one(id_, HOST_NAME)).state == "ok"
    only = [MirrorSource(source=RELEASE, mirrors=both), MirrorSource(source=COMPONENTS, mirrors=both[:1])]
    site.network(mirrors=only)
    assert (await site.one("registry.trust", "spare")).state == "failed"


async def release_not_mirrored(site: Site) -> None:
    site.registry()
    release = f"{RELEASE}@sha256:{'1' * 64}"
    site.plan = replace(site.plan, artifacts=replace(site.plan.artifacts, release_image=release))
    result = await site.one("registry.release")
    assert (result.state, "404" in result.evidence) == ("failed", True)
    assert REPOSITORY in result.fix
    assert (await checks.confirm(site.plan, {"id": "registry.release"}, site.secret))[0] == "confirmed"


async def one_of_two_mirrors_lacks_it(site: Site) -> None:
    site.registry()
    site.push()
    mirrors = [f"{MIRROR}/empty", f"{MIRROR}/{REPOSITORY}"]
    site.network(mirrors=[MirrorSource(source=RELEASE, mirrors=mirrors)])
    assert (await site.one("registry.release", "/empty")).state == "warning"
    assert (await site.one("registry.release", REPOSITORY)).state == "ok"


async def signature_missing(site: Site) -> None:
    site.plan = replace(site.plan, topology=replace(site.plan.topology, version="4.21.0"))
    site.registry()
    site.push()
    result = await site.one("registry.signature")
    assert (result.state, ".sig" in result.evidence, "oc image mirror" in result.fix) == ("failed", True, True)
    digest = site.plan.artifacts.release_image.rpartition("@")[2]
    site.pusher.image(REPOSITORY, b"signature", tag=f"{digest.replace(':', '-')}.sig")
    assert (await site.one("registry.signature")).state == "ok"


async def component_missing(site: Site) -> None:
    site.registry()
    site.push(*(name for name in SAMPLE if name != "etcd"))
    assert (await site.one("registry.components", "etcd")).state == "failed"
    assert (await site.one("registry.components", "pod")).state == "ok"


async def component_source_without_mirror(site: Site) -> None:
    site.registry()
    site.push(*SAMPLE)
    site.network(mirrors=[MirrorSource(source=RELEASE, mirrors=[f"{MIRROR}/{REPOSITORY}"])])
    digest = site.plan.artifacts.release_image
    assert digest
    result = await site.one("registry.components", "etcd")
    assert (result.state, COMPONENTS in result.fix) == ("failed", True), result


async def bearer_token(site: Site) -> None:
    async with token_service(site, USER, PASSWORD) as auth:
        site.registry(auth=auth)
        assert (await site.one("registry.credentials")).state == "ok"
        site.credentials({MIRROR: (USER, "not it at all")})
        result = await site.one("registry.credentials")
        assert (result.state, "401" in result.evidence) == ("failed", True), result


FAULTS = [
    everything_right,
    wrong_authority,
    same_name_other_key,
    expired_certificate,
    soon_to_expire,
    other_name,
    common_name_only,
    version_1_root,
    empty_bundle,
    plain_http,
    wrong_password,
    mirrors_own_credentials,
    mirrors_own_credentials_wrong,
    open_to_everyone,
    entry_for_another_port,
    registry_stopped,
    one_of_two_registries_stopped,
    release_not_mirrored,
    one_of_two_mirrors_lacks_it,
    signature_missing,
    component_missing,
    component_source_without_mirror,
    bearer_token,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_each_fault_of_the_registry_is_named_rightly(site: Site, fault: Fault) -> None:
    await fault(site)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("turn", range(100))
async def test_each_fault_of_the_registry_is_named_rightly_a_hundred_times(site: Site, fault: Fault, turn: int) -> None:
    await fault(site)


async def test_no_result_shows_a_secret(site: Site) -> None:
    site.registry(password="not it at all")
    site.push()
    shown = " ".join(result.evidence + result.fix for result in await site.ask("registry"))
    for secret in (PASSWORD, "not it at all", site.secrets["pull-secret"].decode()[30:60]):
        assert secret not in shown


def _version_1(directory: Path) -> tuple[str, tuple[Path, Path]]:
    """A root of X.509 version 1 and a certificate it signed, as old scripts with openssl make them."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=directory, capture_output=True, check=True)

    (directory / "san.ext").write_text(f"subjectAltName=DNS:{HOST_NAME}\n")
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-new", *ec, "-keyout", "v1.key", "-subj", "/CN=Old CA", "-out", "v1.csr")
    openssl("x509", "-req", "-in", "v1.csr", "-signkey", "v1.key", "-days", "30", "-out", "v1.crt")
    openssl("req", "-new", *ec, "-keyout", "leaf.key", "-subj", f"/CN={HOST_NAME}", "-out", "leaf.csr")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "v1.crt", "-CAkey", "v1.key", "-CAcreateserial", "-days", "90",
            "-extfile", "san.ext", "-out", "leaf.crt")  # fmt: skip
    return (directory / "v1.crt").read_text(), (directory / "leaf.crt", directory / "leaf.key")


async def test_a_connected_site_behind_a_proxy_asks_quay_through_it(site: Site) -> None:
    """docker-registry stands in for quay.io; a proxy that speaks CONNECT is the only way to it."""
    port, _ = real.registry(site.servers, site.ca.issue(site.servers.directory / "quay", "quay.io"))
    asked: list[str] = []
    async with connect_proxy({"quay.io:443": port}, asked) as proxy:
        site.network(mirrors=[], connected=True, proxy=Proxy(https=f"http://127.0.0.1:{proxy}", credentials="proxy"))
        site.secrets["proxy"] = b"me:p@ss/word"
        site.credentials({"quay.io": (USER, PASSWORD)})
        assert (await site.one("registry.trust", "quay.io")).state == "ok"
        assert (await site.one("registry.credentials", "quay.io")).state == "ok"
        site.plan = replace(site.plan, pull_secret=replace(site.plan.pull_secret, trust_bundle=""))
        assert (await site.one("registry.trust", "quay.io")).state == "failed"
    shown = await site.one("registry.trust", "quay.io")
    assert (shown.state, "p@ss" in shown.evidence, "p%40ss" in shown.evidence) == ("failed", False, False)
    assert all(head.startswith("CONNECT quay.io:443 ") for head in asked)
    wanted = base64.b64encode(b"me:p@ss/word").decode()
    assert all(f"Proxy-Authorization: Basic {wanted}" in head for head in asked)


@asynccontextmanager
async def connect_proxy(known: dict[str, int], asked: list[str]) -> AsyncIterator[int]:
    """A proxy that joins CONNECT HOST:PORT to a loopback port and keeps what it was asked."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head)
        there = await asyncio.open_connection("127.0.0.1", known[head.split()[1]])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
