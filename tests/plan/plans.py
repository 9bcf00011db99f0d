"""Plans for the tests: one good plan by hand, and a strategy that generates good ones."""

import ipaddress
import random

from hypothesis import strategies as st

from tui.plan.model import (
    ClusterNetwork,
    Generate,
    LoadBalancer,
    MirrorSource,
    Network,
    Node,
    Plan,
    Proxy,
    PullSecret,
    Topology,
)
from tui.plan.rules.options import capability_sets
from tui.plan.versions import KNOWN, Line

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINqzht/Ue0of7nn/EiPLzsHjfhDDhqvGTVJBEJwPYV0X core@example.com"
ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOU"
    "XYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU= core@example.com"
)
BUNDLE = """\
-----BEGIN CERTIFICATE-----
MIIDTTCCAjWgAwIBAgIUJkbncXtoDei334ymlXamzDdwanowDQYJKoZIhvcNAQEL
BQAwNjEUMBIGA1UECgwLRXhhbXBsZSBMYWIxHjAcBgNVBAMMFUV4YW1wbGUgTGFi
IE1pcnJvciBDQTAeFw0yNjExMjIxNTM1MzVaFw0zNjExMTkxNTM1MzVaMDYxFDAS
BgNVBAoMC0V4YW1wbGUgTGFiMR4wHAYDVQQDDBVFeGFtcGxlIExhYiBNaXJyb3Ig
Q0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDFo11Tz/517Sm+KUES
vv5JF6Sw4lseiqvK0IbB0UtW6jm8wUv2MpToxJ5KWmur9AstSOSMA+/30qEoe7Xj
Sl5mo3Nrn4rzlkYegNq0SV/A7ADu6cP8LvnK+bC+XuPmFfw08q3Lvp0BCosHV/UA
R+5iv72NMWU+HAs+yk+clcPK70GVj1LZRzFTvRcbduKcmGMxGRlUndfxiYI9LlBG
//dHZCFr5r7Hpy7PEceb1aI4gwiRdaeblkBJ3+HG5YZhn0qDIxuPPYH9hV2yqwWT
AnVhWIsd6rqwj94ijHfW18WpOW2dPg+rDoXutwN/JEs3w5nltYjV48dpPfyldDHy
29UhAgMBAAGjUzBRMB0GA1UdDgQWBBTJrNrryW4XsDUbsvE8pj3/k2thBjAfBgNV
HSMEGDAWgBTJrNrryW4XsDUbsvE8pj3/k2thBjAPBgNVHRMBAf8EBTADAQH/MA0G
CSqGSIb3DQEBCwUAA4IBAQAG7cwYyT6hlcFiTrFrJsLdFvIDpvWtlNYub1sFzGRl
iYqOD1JpkbQjNuynGu4nxuJbDynj83C93SsV6wQVNjtIW3yoBzET49PpzA2YroCR
bUSeIVkjCqjj01yr1NgL7uyL/V3fYdflVIKJ/XN0sZv+unY+zaJgKh2/B24gyWey
FHZ4hwGHpf0CEDNwV8AinAFYTe3zXiJeQItuKNoVK1UA+QOuSBB6/fJWicaZddsf
aR3MM8vLwM/LpFK8leOzrKlI9/+BKH7xt9h9/E036Gl0iqtg9K6lKzYO1fbdfSYS
/k8R1ZoBBDXihmsRl1b8ed+inpk+BBH6PnPJBIkGHtt1
-----END CERTIFICATE-----
"""
SECRET = '{"auths":{"mirror.example.com:5000":{"auth":"dXNlcjpwYXNz"}}}'

GOOD = Plan(
    topology=Topology(
        cluster_name="ocp4",
        base_domain="example.com",
        version="4.15.23",
        nodes=[
            Node(role="bootstrap", name="bootstrap", address="192.168.31.200", disk="/dev/vda"),
            *(Node(role="master", name=f"master-{n}", address=f"192.168.31.1{n}", disk="/dev/vda") for n in range(3)),
            *(Node(role="worker", name=f"worker-{n}", address=f"192.168.31.2{n}", disk="/dev/vda") for n in range(2)),
        ],
    ),
    network=Network(
        machine_networks=["192.168.31.0/24"],
        gateway="192.168.31.1",
        name_servers=["192.168.31.5"],
        ntp_servers=["192.168.31.5"],
        load_balancer=LoadBalancer(api="192.168.31.6", api_int="192.168.31.6", ingress="192.168.31.6"),
        mirrors=[
            MirrorSource(source=f"quay.io/openshift-release-dev/{name}", mirrors=["mirror.example.com:5000/ocp4"])
            for name in ("ocp-release", "ocp-v4.0-art-dev")
        ],
    ),
    pull_secret=PullSecret(pull_secret="pull-secret.json", ssh_key=ED25519, ssh_private_key="~/.ssh/id_ed25519"),
)
"""Nothing is wrong with this one, not even a warning."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
label = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda s: s != "localhost")
domain = st.lists(label, min_size=2, max_size=3).map(".".join).filter(lambda s: not s.endswith(".local"))


class Chance(random.Random):
    """Names by chance: much faster than a strategy for each, and as good where their letters decide nothing."""

    def label(self) -> str:
        """One to twelve characters, without a dash at either end."""
        inner = "".join(self.choices(LETTERS + "0123456789-", k=self.randint(0, 10)))
        return self.choice(LETTERS) + inner + self.choice(LETTERS)

    def domain(self) -> str:
        """Two to four labels."""
        return ".".join(self.label() for _ in range(self.randint(2, 4)))

    def repository(self) -> str:
        """A repository on a host with a dot in its name; two dashes in a row are fine there."""
        return f"{self.domain()}/{self.label()}"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A good plan of any known version, as wide as the model allows."""
    line = draw(st.sampled_from(KNOWN))
    shape = draw(st.sampled_from(["ha", "compact", *(["sno"] if line >= (4, 8) else [])]))
    machine = draw(st.sampled_from(["192.168.31.0/24", "10.20.0.0/16", "172.20.4.0/22"]))
    chance = Chance(draw(st.integers(0, 2**32)))
    addresses = [str(ipaddress.ip_network(machine)[host]) for host in chance.sample(range(10, 250), 40)]
    nodes = _nodes(chance, shape, addresses)
    arches = ["x86_64", "ppc64le", "s390x", *(["aarch64"] if line >= (4, 9) else [])]
    topology = Topology(
        cluster_name=draw(label),
        base_domain=draw(domain),
        version=f"{line[0]}.{line[1]}{draw(st.sampled_from(['', '.0', '.23', '.0-rc.1']))}",
        architecture=draw(st.sampled_from(arches)),
        shape=shape,  # type: ignore[arg-type]
        nodes=nodes,
    )
    balancer = nodes[0].address if shape == "sno" else addresses[-1]
    network = _network(chance, line, machine, balancer, addresses[-2])
    bundle = draw(st.sampled_from(["", BUNDLE]))
    fips = draw(st.booleans()) if line < (4, 16) else False
    return Plan(
        topology=topology,
        network=network,
        pull_secret=PullSecret(
            pull_secret="pull-secret.json",
            ssh_key=ECDSA if fips else draw(st.sampled_from([ED25519, ECDSA, ""])),
            trust_bundle=bundle,
            trust_bundle_policy=draw(
                st.sampled_from(["Proxyonly", *(["Always"] if line >= (4, 12) and bundle else [])])
            ),
        ),
        generate=draw(_options(line, fips)),
    )


def _nodes(chance: Chance, shape: str, addresses: list[str]) -> list[Node]:
    control = 1 if shape == "sno" else 3
    workers = chance.randint(0, 12) if shape == "ha" else 0
    roles = ["master"] * control + ["worker"] * workers + ([] if shape == "sno" else ["bootstrap"])
    return [
        Node(
            role=role,  # type: ignore[arg-type]
            name=f"{chance.label()}{index}",
            address=address,
            mac=chance.choice(["", f"52:54:00:00:00:{index:02x}"]),
            interface=chance.choice(["", "eno1"]),
            disk=chance.choice(["/dev/sda", "/dev/disk/by-id/wwn-0x5000"]),
        )
        for index, (role, address) in enumerate(zip(roles, addresses, strict=False))
    ]


def _network(chance: Chance, line: Line, machine: str, balancer: str, server: str) -> Network:
    four = ClusterNetwork(cidr="10.128.0.0/14", host_prefix=chance.randint(20, 26))
    six = ClusterNetwork(cidr="fd01::/48", host_prefix=64)
    dual, proxied = chance.random() < 0.4, chance.random() < 0.5
    bypass = [chance.domain(), f".{chance.domain()}", "10.0.0.0/8"][: chance.randint(0, 3)]
    repositories = [[chance.repository() for _ in range(chance.randint(2, 4))] for _ in range(chance.randint(0, 3))]
    return Network(
        machine_networks=[machine, *(["fd00:10::/64"] if dual else [])],
        cluster_networks=[four, six] if dual else [four],
        service_networks=["172.30.0.0/16", *(["fd02::/112"] if dual else [])],
        network_type="OpenShiftSDN" if line < (4, 11) and not dual and chance.random() < 0.5 else "OVNKubernetes",
        gateway=str(ipaddress.ip_network(machine)[1]),
        name_servers=[server],
        ntp_servers=[chance.domain()][: chance.randint(0, 1)],
        vlan=chance.choice([None, 1, 4094]),
        proxy=Proxy(
            http=f"http://{chance.domain()}:{chance.randint(1, 65535)}" if proxied else "",
            https=f"{chance.choice(['http', 'https'])}://{chance.domain()}" if proxied else "",
            no_proxy=bypass if proxied else [],
        ),
        load_balancer=LoadBalancer(api=balancer, api_int=balancer, ingress=balancer),
        mirrors=[MirrorSource(source=first, mirrors=rest) for first, *rest in repositories],
    )


@st.composite
def _options(draw: st.DrawFn, line: Line, fips: bool) -> Generate:
    chosen: list[str] = []
    name = ""
    if line >= (4, 11) and draw(st.booleans()):
        sets = capability_sets(line)
        name = draw(st.sampled_from(sorted(sets)))
        chosen = draw(st.lists(st.sampled_from(sorted(sets["vCurrent"])), unique=True, max_size=4))
        needed = [n for n in ("Ingress", "OperatorLifecycleManager", "MachineAPI") if n in sets["vCurrent"]]
        chosen = list(dict.fromkeys([*needed, *chosen]))
    partitioning = draw(st.sampled_from(["None", "AllNodes"])) if line >= (4, 13) else "None"
    return Generate(
        fips=fips,
        cpu_partitioning=partitioning,  # type: ignore[arg-type]
        capability_set=name,
        additional_capabilities=chosen,
    )
