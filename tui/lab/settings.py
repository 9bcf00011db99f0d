"""Where the lab's things are: one loopback network, real-looking ports, and the high ports behind them.

Everything the lab keeps lies in SESSION/lab: this settings file, keys, certificates, journals, the log.
"""

import errno
import secrets
import socket
from pathlib import Path

import msgspec
from msgspec import Struct, field

from tui.plan.model import Role
from tui.text import say

CLUSTER, BASE = "ocp4", "lab.example"
DOMAIN = f"{CLUSTER}.{BASE}"
MIRROR = f"mirror.{BASE}"
VERSION = "4.18.4"
KUBERNETES = "v1.31.6"
MIRROR_USER = "lab"

INSIDE, SERVICES, BOOTSTRAP = 159, 160, 161
"""api-int has an address of its own: machine configs are offered inside only."""
MASTERS, WORKERS = (162, 163, 164), (165, 166)
BMC_OFFSET = 20
"""A node's management controller answers at the node's address plus this."""

DNS, SSH, HTTP, HTTPS, NTP, API, MCS, REGISTRY, STATS, FILES = 53, 22, 80, 443, 123, 6443, 22623, 5000, 9000, 8080
SHIFTS = (10_000, 11_000, 12_000, 13_000)
"""What is added to a port to get the one that really answers; the next is tried where one is taken."""


class LabCannotStart(Exception):
    """The rehearsal cannot run. Its text says what, where, why and what next."""


class Machine(Struct, frozen=True, kw_only=True):
    """One machine of the lab: `name` is its host label, `octet` the last number of its address."""

    name: str
    role: Role
    octet: int


MACHINES = (
    Machine(name="bootstrap", role="bootstrap", octet=BOOTSTRAP),
    *(Machine(name=f"master-{n}", role="master", octet=octet) for n, octet in enumerate(MASTERS)),
    *(Machine(name=f"worker-{n}", role="worker", octet=octet) for n, octet in enumerate(WORKERS)),
)


class Settings(Struct, frozen=True, kw_only=True):
    """One lab's own choices. `network` is the third number of 127.31.N.0/24, `shift` what is added to every port."""

    network: int
    shift: int
    machine_ids: dict[str, str] = field(default_factory=dict)

    def address(self, octet: int) -> str:
        """The loopback address with this last number."""
        return f"127.31.{self.network}.{octet}"

    def real(self, port: int) -> int:
        """The port that really answers for `port`."""
        return port + self.shift

    def place(self, octet: int, port: int) -> tuple[str, int]:
        """Where a service is really bound."""
        return self.address(octet), self.real(port)

    def machine_network(self) -> str:
        """The machines' network."""
        return f"127.31.{self.network}.0/24"


def places() -> list[tuple[int, int]]:
    """Every (last number of the address, port) that something of the lab answers on."""
    services = [(SERVICES, port) for port in (DNS, HTTP, HTTPS, API, REGISTRY, STATS, FILES)]
    inside = [(INSIDE, port) for port in (API, MCS)]
    nodes = [(m.octet, port) for m in MACHINES for port in (SSH, API, MCS, HTTP, HTTPS)]
    controllers = [(m.octet + BMC_OFFSET, HTTPS) for m in MACHINES]
    return [*services, *inside, *nodes, *controllers]


def lab_directory(session: Path) -> Path:
    """Where this session's lab keeps its things."""
    return session / "lab"


def load(directory: Path) -> Settings | None:
    """The settings kept in a lab's directory, or None where there are none yet."""
    try:
        return msgspec.json.decode((directory / "settings.json").read_bytes(), type=Settings)
    except FileNotFoundError:
        return None


def choose(directory: Path) -> Settings:
    """The kept settings, or new ones on a network where every port is free, which are then kept."""
    kept = load(directory)
    if kept is not None:
        return kept
    network, shift = _free()
    chosen = Settings(
        network=network, shift=shift, machine_ids={machine.name: secrets.token_hex(16) for machine in MACHINES}
    )
    (directory / "settings.json").write_bytes(msgspec.json.encode(chosen))
    return chosen


def reopen(directory: Path) -> Settings:
    """The settings of a lab that does not run, with other ports where somebody has taken its own meanwhile."""
    kept = choose(directory)
    if not _all_free(kept, but=FILES):
        network, shift = _free(kept.network)
        kept = msgspec.structs.replace(kept, network=network, shift=shift)
        (directory / "settings.json").write_bytes(msgspec.json.encode(kept))
    return kept


def _free(*networks: int) -> tuple[int, int]:
    for network in networks or (0, *(1 + secrets.randbelow(254) for _ in range(5))):
        for shift in SHIFTS:
            if _all_free(Settings(network=network, shift=shift)):
                return network, shift
    raise LabCannotStart(
        say(
            "The rehearsal found no free ports on the loopback networks 127.31.0.0/24 and others (it tried {ports}). "
            "End another rehearsal, or whatever listens on all addresses, and start again.",
            ports=", ".join(f"53+{shift}" for shift in SHIFTS),
        )
    )


def _all_free(settings: Settings, but: int = 0) -> bool:
    """`but` is the file server's port, where the engine may be serving already."""
    return all(_bindable(*settings.place(octet, port)) for octet, port in places() if port != but)


def _bindable(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise LabCannotStart(
                    say(
                        "The rehearsal needs the whole of 127.0.0.0/8 on the loopback interface, and {address} is not "
                        "there. On Linux it always is; see `ip address show dev lo`.",
                        address=address,
                    )
                ) from error
            return False
    return True
