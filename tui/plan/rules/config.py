"""The configuration in force: what the installer makes of an install-config before it judges it.

Old keys are converted and defaults filled in as the installer of that version does, so that rules see what it sees.
Paths are those the installer names in its errors.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tui.plan.golang import NOTHING, Network, parse_cidr
from tui.plan.rules.document import Decoded, decode
from tui.plan.rules.keys import PLATFORMS_AFTER_NONE, PLATFORMS_BEFORE_NONE

Target = Literal["manifests", "sno"]
OVN, SDN, KURYR = "OVNKubernetes", "OpenShiftSDN", "Kuryr"


class Entry(NamedTuple):
    """One network of a list. `host_prefix` matters for cluster networks only."""

    path: str
    network: Network
    host_prefix: int = 0


class Pool(NamedTuple):
    """A machine pool with its defaults."""

    path: str
    name: str
    replicas: int
    hyperthreading: str
    architecture: str
    platforms: tuple[str, ...]
    fencing: dict[str, Any] | None


class Source(NamedTuple):
    """One entry of imageDigestSources or imageContentSources."""

    path: str
    source: str
    mirrors: tuple[str, ...]
    policy: str


@dataclass(frozen=True, slots=True)
class Config:
    """An install-config as rules see it. `given` is the decoded document, for what was written and what was not.

    `payload` is the architecture of the release and its installer, `host_fips` whether the bastion is in FIPS mode.
    """

    line: tuple[int, int]
    target: Target
    payload: str
    host_fips: bool
    decoded: Decoded
    given: dict[str, Any]
    name: str
    base_domain: str
    machine: list[Entry]
    service: list[Entry]
    cluster: list[Entry]
    network_type: str
    join_subnet: Network
    platforms: tuple[str, ...]
    control: Pool
    compute: list[Pool]
    sources: list[Source]

    def text(self, key: str) -> str:
        """A top-level text, "" where it is not given."""
        value = self.given.get(key)
        return value if isinstance(value, str) else ""

    def section(self, key: str) -> dict[str, Any] | None:
        """A top-level map, None where it is not given."""
        value = self.given.get(key)
        return value if isinstance(value, dict) else None

    @property
    def single_node(self) -> bool:
        """Whether the installer takes it for a single node: by the key, not by the number of machines."""
        return self.section("bootstrapInPlace") is not None

    @property
    def platform(self) -> str:
        """The platform the installer goes by: the first in its own order."""
        order = (*PLATFORMS_BEFORE_NONE, "none", *PLATFORMS_AFTER_NONE)
        return next((name for name in order if name in self.platforms), "")

    @property
    def domain(self) -> str:
        """The cluster's domain."""
        return f"{self.name}.{self.base_domain.removesuffix('.')}"


def effective(
    document: object, line: tuple[int, int], target: Target, payload: str = "amd64", host_fips: bool = False
) -> Config:
    """The configuration in force for a document read from YAML."""
    decoded = decode(document, line)
    given = decoded.value
    net = given.get("networking") or {}
    ovn = (net.get("ovnKubernetesConfig") or {}).get("ipv4") or {}
    return Config(
        line=line,
        target=target,
        payload=payload,
        host_fips=host_fips,
        decoded=decoded,
        given=given,
        name=(given.get("metadata") or {}).get("name") or "",
        base_domain=given.get("baseDomain") or "",
        machine=_machine_networks(net),
        service=_service_networks(net),
        cluster=_cluster_networks(net),
        network_type=_network_type(net, line, given.get("bootstrapInPlace") is not None),
        join_subnet=ovn.get("internalJoinSubnet") or NOTHING,
        platforms=_named(given.get("platform")),
        control=_pool(given.get("controlPlane") or {}, "controlPlane", "master", payload),
        compute=_compute(given.get("compute") or [], line, payload),
        sources=[*_sources(given, "imageContentSources"), *_sources(given, "imageDigestSources")],
    )


def _named(platform: dict[str, Any] | None) -> tuple[str, ...]:
    return tuple(name for name, value in (platform or {}).items() if value is not None)


def _machine_networks(net: dict[str, Any]) -> list[Entry]:
    cidrs = [entry.get("cidr") or NOTHING for entry in net.get("machineNetwork") or []]
    old = net.get("machineCIDR") or NOTHING
    if not cidrs:
        cidrs = [old] if old.bits else [network_of("10.0.0.0/16")]
    return [Entry(f"networking.machineNetwork[{index}]", cidr) for index, cidr in enumerate(cidrs)]


def _service_networks(net: dict[str, Any]) -> list[Entry]:
    cidrs = net.get("serviceNetwork") or []
    old = net.get("serviceCIDR") or NOTHING
    if not cidrs:
        cidrs = [old] if old.bits else [network_of("172.30.0.0/16")]
    return [Entry(f"networking.serviceNetwork[{index}]", cidr) for index, cidr in enumerate(cidrs)]


def _cluster_networks(net: dict[str, Any]) -> list[Entry]:
    entries = net.get("clusterNetwork") or net.get("clusterNetworks") or []
    if not entries:
        return [Entry("networking.clusterNetwork[0]", network_of("10.128.0.0/14"), 23)]
    return [
        Entry(f"networking.clusterNetwork[{index}]", entry.get("cidr") or NOTHING, _host_prefix(entry))
        for index, entry in enumerate(entries)
    ]


def _host_prefix(entry: dict[str, Any]) -> int:
    prefix: int = entry.get("hostPrefix") or 0
    length: int = entry.get("hostSubnetLength") or 0
    bits = (entry.get("cidr") or NOTHING).bits
    return bits - length if prefix == 0 and length else prefix


def _network_type(net: dict[str, Any], line: tuple[int, int], single_node: bool) -> str:
    name: str = net.get("networkType") or net.get("type") or ""
    if not name:
        ovn_by_default = line >= (4, 12) or (line == (4, 11) and single_node)
        return OVN if ovn_by_default else SDN
    if name.lower() == SDN.lower():
        return SDN
    if line >= (4, 19) and name.lower() == OVN.lower():
        return OVN
    return name


def _pool(pool: dict[str, Any], path: str, name: str, payload: str) -> Pool:
    replicas = pool.get("replicas")
    return Pool(
        path=path,
        name=name,
        replicas=(0 if name == "edge" else 3) if replicas is None else replicas,
        hyperthreading=pool.get("hyperthreading") or "Enabled",
        architecture=pool.get("architecture") or payload,
        platforms=_named(pool.get("platform")),
        fencing=pool.get("fencing"),
    )


def _compute(pools: list[dict[str, Any]], line: tuple[int, int], payload: str) -> list[Pool]:
    names = [pool.get("name") or "" for pool in pools]
    if not pools or (line >= (4, 14) and "worker" not in names):
        pools, names = [*pools, {}], [*names, "worker"]
    return [
        _pool(pool, f"compute[{index}]", name, payload)
        for index, (pool, name) in enumerate(zip(pools, names, strict=True))
    ]


def _sources(given: dict[str, Any], key: str) -> list[Source]:
    return [
        Source(
            path=f"{key}[{index}]",
            source=entry.get("source") or "",
            mirrors=tuple(entry.get("mirrors") or ()),
            policy=entry.get("sourcePolicy") or "",
        )
        for index, entry in enumerate(given.get(key) or [])
    ]


def network_of(text: str) -> Network:
    """A network written in the program itself."""
    network = parse_cidr(text)
    assert network is not None
    return network
