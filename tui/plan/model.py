"""The plan: every decision the person made, as data. Frozen: an edit makes a new plan (see `tui.plan.fields`).

plan.yaml holds exactly these names. Empty text, an empty list or None mean "not decided yet"; whether a plan is
right is the business of `tui.plan.rules`, never of this file. Secrets are file names below the session's `secrets/`.
"""

from typing import Literal

from msgspec import Struct, field

SCHEMA = 1

Role = Literal["bootstrap", "master", "worker"]
Shape = Literal["ha", "compact", "sno"]
Architecture = Literal["x86_64", "aarch64", "ppc64le", "s390x"]
SecretFile = str


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every part of a plan shares: immutable, and a name it does not know is an error."""


class Bmc(Section, frozen=True):
    """A node's management controller. `address` is host, host:port or a Redfish URL."""

    address: str = ""
    user: str = ""
    password: SecretFile = ""
    verify_tls: bool = True


class Node(Section, frozen=True):
    """One machine. `name` is its host label (or a full name); `disk` the device RHCOS is written to."""

    role: Role
    name: str = ""
    address: str = ""
    mac: str = ""
    interface: str = ""
    disk: str = ""
    bmc: Bmc = Bmc()


class Topology(Section, frozen=True):
    """Step 1. `version` is an OpenShift version such as 4.15, 4.7.7 or 4.20.0-ec.0."""

    cluster_name: str = ""
    base_domain: str = ""
    version: str = ""
    architecture: Architecture = "x86_64"
    shape: Shape = "ha"
    nodes: list[Node] = field(default_factory=list)


class ClusterNetwork(Section, frozen=True):
    """Pod addresses, and how many bits of them name one node's share."""

    cidr: str = "10.128.0.0/14"
    host_prefix: int = 23


class Bond(Section, frozen=True):
    """A bonded interface: kernel `bond=` argument."""

    name: str = ""
    interfaces: list[str] = field(default_factory=list)
    mode: str = "active-backup"


class Proxy(Section, frozen=True):
    """URLs without a password in them: user and password live in the secret file."""

    http: str = ""
    https: str = ""
    no_proxy: list[str] = field(default_factory=list)
    credentials: SecretFile = ""


class LoadBalancer(Section, frozen=True):
    """Addresses behind api, api-int and *.apps. `stats` is haproxy's own page or socket, where there is one."""

    api: str = ""
    api_int: str = ""
    ingress: str = ""
    stats: str = ""


class MirrorSource(Section, frozen=True):
    """One source repository and where nodes find its copies."""

    source: str = ""
    mirrors: list[str] = field(default_factory=list)


class Network(Section, frozen=True):
    """Step 2. `dhcp_range` ("FIRST-LAST") is who the file server admits where addresses come from DHCP.

    `connected` says whether this site reaches quay.io itself: nothing outside is asked before the person says yes.
    """

    machine_networks: list[str] = field(default_factory=list)
    cluster_networks: list[ClusterNetwork] = field(default_factory=lambda: [ClusterNetwork()])
    service_networks: list[str] = field(default_factory=lambda: ["172.30.0.0/16"])
    network_type: str = "OVNKubernetes"
    mtu: int | None = None
    dhcp: bool = False
    dhcp_range: str = ""
    gateway: str = ""
    name_servers: list[str] = field(default_factory=list)
    search_domain: str = ""
    ntp_servers: list[str] = field(default_factory=list)
    vlan: int | None = None
    bond: Bond = Bond()
    proxy: Proxy = Proxy()
    load_balancer: LoadBalancer = LoadBalancer()
    mirrors: list[MirrorSource] = field(default_factory=list)
    connected: bool | None = None


class PullSecret(Section, frozen=True):
    """Step 3. `ssh_key` and `trust_bundle` are public text; `ssh_private_key` is the path of the person's own key."""

    pull_secret: SecretFile = ""
    mirror_credentials: SecretFile = ""
    ssh_key: str = ""
    ssh_private_key: str = ""
    trust_bundle: str = ""
    trust_bundle_policy: Literal["Proxyonly", "Always"] = "Proxyonly"


class Artifacts(Section, frozen=True):
    """Step 4. `sources` are directories or URLs the person named; `release_image` is by digest."""

    sources: list[str] = field(default_factory=list)
    release_image: str = ""


class Generate(Section, frozen=True):
    """Step 5."""

    fips: bool = False
    cpu_partitioning: Literal["None", "AllNodes"] = "None"
    capability_set: str = ""
    additional_capabilities: list[str] = field(default_factory=list)


class Boot(Section, frozen=True):
    """Step 6. `listen` is where the file server answers, as ADDRESS:PORT nodes can reach."""

    method: Literal["iso", "pxe", "redfish"] = "iso"
    listen: str = ""
    ssh_user: str = "core"
    console: str = ""


class Plan(Section, frozen=True):
    """One installation's decisions, a section a step.

    `endpoints` overrides where a host and port really answer ("192.168.1.5:53": "127.0.0.1:15353"): for odd sites,
    and for the lab. Look every connection up through `tui.plan.endpoints.endpoint`.
    """

    schema: int = SCHEMA
    topology: Topology = field(default_factory=Topology)
    network: Network = field(default_factory=Network)
    pull_secret: PullSecret = field(default_factory=PullSecret)
    artifacts: Artifacts = field(default_factory=Artifacts)
    generate: Generate = field(default_factory=Generate)
    boot: Boot = field(default_factory=Boot)
    endpoints: dict[str, str] = field(default_factory=dict)
    lab: bool = False


class Problem(Section, frozen=True):
    """What a rule found. `path` is where in the judged file; `installer`: openshift-install itself would refuse it."""

    id: str
    severity: Literal["error", "warning", "info"]
    path: str
    message: str
    fix: str
    installer: bool = False
    line: int | None = None
    column: int | None = None
