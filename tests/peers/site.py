"""A site for one cluster made of real servers on loopback, healthy until a test breaks something for real."""

import base64
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.peers import servers as real
from tests.peers.pki import Authority
from tests.peers.servers import HOST, HOST6, Pusher, Servers, free_port
from tui import checks
from tui.checks.model import Phase, Result
from tui.plan.endpoints import addresses, authority
from tui.plan.model import Artifacts, Bmc, LoadBalancer, MirrorSource, Network, Node, Plan, PullSecret, Topology

DOMAIN = "ocp4.peers.test"
BALANCER, FIRST, SECOND, TIME = "10.99.0.5", "10.99.0.2", "10.99.0.3", "10.99.0.4"
MIRROR = "mirror.peers.test:5000"
REPOSITORY = "ocp4/openshift4"
USER, PASSWORD = "puller", "correct horse battery"
RELEASE, COMPONENTS = "quay.io/openshift-release-dev/ocp-release", "quay.io/openshift-release-dev/ocp-v4.0-art-dev"
NODES = [
    Node(role="bootstrap", name="bootstrap", address="10.99.0.20"),
    *(Node(role="master", name=f"master-{n}", address=f"10.99.0.{30 + n}") for n in range(3)),
    *(Node(role="worker", name=f"worker-{n}", address=f"10.99.0.{40 + n}") for n in range(2)),
]


class Site:
    """The plan, and the servers that a test starts for it, rightly or wrongly set up."""

    def __init__(self, servers: Servers) -> None:
        self.servers, self.ca = servers, Authority()
        self.phase: Phase = "before-boot"
        self.secrets: dict[str, bytes] = {}
        self.plan = Plan(
            topology=Topology(cluster_name="ocp4", base_domain="peers.test", version="4.15.3", nodes=NODES),
            network=Network(
                machine_networks=["10.99.0.0/24"],
                gateway="10.99.0.1",
                name_servers=[FIRST],
                ntp_servers=[TIME],
                load_balancer=LoadBalancer(api=BALANCER, api_int=BALANCER, ingress=BALANCER),
                mirrors=[MirrorSource(source=s, mirrors=[f"{MIRROR}/{REPOSITORY}"]) for s in (RELEASE, COMPONENTS)],
            ),
            pull_secret=PullSecret(pull_secret="pull-secret", trust_bundle=self.ca.pem),
        )

    def override(self, host: str, port: int, real_port: int) -> None:
        """Says where a host and port of the plan really answer: on loopback, IPv6's for an IPv6 address."""
        real_host = HOST6 if ":" in host else HOST
        endpoints = {**self.plan.endpoints, authority(host, port): authority(real_host, real_port)}
        self.plan = replace(self.plan, endpoints=endpoints)

    def network(self, **changes: object) -> None:
        """Changes the plan's network section."""
        self.plan = replace(self.plan, network=replace(self.plan.network, **changes))

    async def ask(self, *only: str) -> list[Result]:
        """Runs these checks against the servers."""
        run = checks.run(self.plan, phase=self.phase, secret=self.secret, only=only, session_directory=Path.cwd())
        return [result async for result in run]

    async def one(self, id_: str, subject: str = "") -> Result:
        """The one result of this check whose subject contains the text."""
        found = [result for result in await self.ask(id_) if subject in result.subject]
        assert len(found) == 1, found
        return found[0]

    def secret(self, name: str) -> bytes:
        """A secret file of the session."""
        return self.secrets[name]

    # Name servers

    def name_server(self, address: str = FIRST, *, without: str = "", **changed: str) -> int:
        """dnsmasq with all records of the plan; `without` leaves a name out, `extra` adds lines, others replace."""
        port = real.dnsmasq(self.servers, *records(self.plan, without, changed))
        self.override(address, 53, port)
        return port

    def servers_of_names(self, *addresses: str) -> None:
        """The name servers that the plan names."""
        self.network(name_servers=list(addresses))

    # Load balancer

    def balancer(
        self,
        *,
        backend: int | None = None,
        mode: str = "tcp",
        stats: str = "",
        ports: str = "all",
        families: str = "4",
    ) -> None:
        """haproxy with the four frontends, on IPv6 too where `families` says 46; their one backend listens on port
        `backend`, or nothing does."""
        dead, planned = free_port(), addresses(self.plan.network.load_balancer.api_int) or [BALANCER]
        sections, listening = stats, []
        for number in (6443, 22623, 443, 80):
            if ports not in ("all", str(number)):
                continue
            port = free_port()
            listening.append(port)
            for address in planned:
                self.override(address, number, port)
            served = HOST if families == "4" else f"{HOST}:{port},[{HOST6}]"
            sections += f"listen p{number}\n  bind {served}:{port}\n  mode {mode}\n"
            sections += f"  server one {HOST}:{backend or dead} check inter 100ms\n"
        real.haproxy(self.servers, sections, *listening)

    def machine(self, *names: str, directory: str = "machine") -> int:
        """A backend that answers TLS with a certificate for these names (haproxy again, as a web server)."""
        certificate, key = self.ca.issue(self.servers.directory / directory, *names)
        both = certificate.with_suffix(".pem")
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        port = free_port()
        bind = f"  bind {HOST}:{port} ssl crt {both}\n"
        real.haproxy(self.servers, f"frontend f\n  mode http\n{bind}  http-request return status 200\n", port)
        return port

    # Registry

    def registry(
        self, pair: tuple[Path, Path] | None = None, *, password: str = PASSWORD, auth: str | None = None
    ) -> int:
        """docker-registry with TLS and one account; the pull secret's password may be another one."""
        host, _, number = MIRROR.partition(":")
        pair = pair or self.ca.issue(self.servers.directory / "pki", host, HOST)
        auth = real.htpasswd(self.servers, USER, PASSWORD) if auth is None else auth
        port, which = real.registry(self.servers, pair, auth=auth)
        self.override(host, int(number), port)
        self.credentials({MIRROR: (USER, password)})
        return which

    def credentials(self, accounts: dict[str, tuple[str, str]]) -> None:
        """The session's pull secret."""
        self.secrets["pull-secret"] = pull_secret(accounts)

    def push(self, *components: str) -> None:
        """Puts a release of these components into the registry and its digest into the plan."""
        host, _, number = MIRROR.partition(":")
        place = self.plan.endpoints[f"{host}:{number}"].rpartition(":")[2]
        ca = self.servers.file("pki/ca.pem", self.ca.pem)
        pusher = Pusher(f"https://{HOST}:{place}", ca, (USER, PASSWORD))
        listed = {}
        for name in ("machine-config-operator", "etcd", "cluster-bootstrap", "pod", "rhel-coreos"):
            digest = "sha256:" + "0" * 64
            if name in components:
                digest = pusher.image(REPOSITORY, real.release_layer({}), name.encode())
            listed[name] = f"{COMPONENTS}@{digest}"
        release = pusher.image(REPOSITORY, b"operating system", real.release_layer(listed))
        self.plan = replace(self.plan, artifacts=Artifacts(release_image=f"{RELEASE}@{release}"))
        self.pusher = pusher

    # Time and controllers

    def time_server(self, address: str = TIME, **how: bool | int) -> None:
        """chronyd at this address of the plan."""
        self.override(address, 123, real.chronyd(self.servers, **how))  # type: ignore[arg-type]

    def controller(self, password: str, *, given: str, verify: bool = False) -> None:
        """sushy-emulator as the BMC of master-0, which wants `password` and is `given` another one, or the same."""
        pair = self.ca.issue(self.servers.directory / "bmc", "10.99.1.30")
        self.override("10.99.1.30", 443, real.sushy(self.servers, "admin", password, pair))
        self.secrets["bmc"] = given.encode()
        bmc = Bmc(address="10.99.1.30", user="admin", password="bmc", verify_tls=verify)
        nodes = [replace(node, bmc=bmc) if node.name == "master-0" else node for node in NODES]
        self.plan = replace(self.plan, topology=replace(self.plan.topology, nodes=nodes))


@pytest.fixture(name="site")
def site_fixture(servers: Servers) -> Site:
    """A site without any server yet."""
    return Site(servers)


def records(plan: Plan, without: str, changed: dict[str, str]) -> list[str]:
    """dnsmasq's lines for the plan. `changed` maps a name (underscores for dots and dashes) to other addresses."""
    balancer = plan.network.load_balancer.api_int
    wanted = {"api": balancer, "api-int": balancer} | {node.name: node.address for node in plan.topology.nodes}
    lines = [f"local=/{DOMAIN}/", "local=/peers.test/", "local=/10.in-addr.arpa/", "local=/ip6.arpa/"]
    for name, right in wanted.items():
        found = addresses(changed.get(name.replace("-", "_"), right))
        if name != without and name.startswith("api"):
            lines += [f"address=/{name}.{DOMAIN}/{address}" for address in found]
        elif name != without:
            lines.append(f"host-record={name}.{DOMAIN},{','.join(found)}")
    if without != "apps":
        ingress = changed.get("apps", plan.network.load_balancer.ingress)
        lines += [f"address=/apps.{DOMAIN}/{address}" for address in addresses(ingress)]
    if without != "mirror":
        lines.append(f"host-record=mirror.peers.test,{changed.get('mirror', '10.99.0.6')}")
    return lines + [line for line in changed.get("extra", "").splitlines() if line]


def pull_secret(accounts: dict[str, tuple[str, str]]) -> bytes:
    """A pull secret with these accounts, as the registries' vendors hand it out."""
    auths = {
        host: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
        for host, (user, password) in accounts.items()
    }
    return json.dumps({"auths": auths}).encode()
