"""The lab as a whole: its servers, its machines and its world, started and stopped together."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tui.lab import api, machine_config, mirror, ntp, redfish
from tui.lab.balancer import Balancer
from tui.lab.clock import Clock
from tui.lab.dns import NameServer, Zone
from tui.lab.ignition import Bundle
from tui.lab.machine import Ground, Node
from tui.lab.objects import Objects
from tui.lab.plan import BMC_PASSWORD, MIRROR_PAIR, mirror_password
from tui.lab.settings import (
    API,
    BMC_OFFSET,
    DNS,
    DOMAIN,
    HTTP,
    HTTPS,
    MACHINES,
    MCS,
    NTP,
    REGISTRY,
    SERVICES,
    Settings,
    lab_directory,
)
from tui.lab.world import World
from tui.plan.model import Plan


class Lab:
    """Everything that runs. The story (tui.lab.story) decides when."""

    def __init__(self, session: Path, settings: Settings, plan: Plan, clock: Clock, world: World) -> None:
        self.session = session
        self.folder = lab_directory(session)
        self.settings = settings
        self.plan = plan
        self.clock = clock
        self.world = world
        self.zone = Zone(settings)
        self.name_server = NameServer(self.zone, settings.place(SERVICES, DNS))
        self.balancer = Balancer(settings)
        self.objects = Objects(clock.now)
        ground = Ground(settings, clock, self.folder, plan.pull_secret.ssh_key, self.resolve)
        self.nodes = {machine.name: Node(machine, ground) for machine in MACHINES}
        self.bundle: Bundle | None = None
        self._sites: dict[tuple[str, int], web.AppRunner] = {}
        self._closing: list[Callable[[], Any]] = []
        self._controllers: list[redfish.Controller] = []

    @property
    def bootstrap(self) -> Node:
        """The bootstrap machine."""
        return self.nodes["bootstrap"]

    def of(self, role: str) -> list[Node]:
        """The machines of one role."""
        return [node for node in self.nodes.values() if node.role == role]

    def resolve(self, name: str) -> str | None:
        """What a machine's resolver gives: nothing while the name server is stopped."""
        full = name if name.endswith(".") else f"{name}." if "." in name else f"{name}.{DOMAIN}."
        return self.zone.address(full) if self.world.well("dns") else None

    async def start(self) -> None:
        """Starts what runs before any machine does."""
        self.world.on("dns", self._name_server)
        self.world.on("record", self._record)
        self.world.on("load-balancer", self._load_balancer)
        self.world.on("bootstrap-backend", self._bootstrap_backend)
        self.world.on("power", self._power)
        await self.name_server.start()
        await self.balancer.start()
        times = await ntp.serve(self.settings.place(SERVICES, NTP))
        self._closing.append(times.close)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.folder / f"{MIRROR_PAIR}.crt", self.folder / f"{MIRROR_PAIR}.key")
        await self.serve(mirror.application(mirror_password(self.folder)), SERVICES, REGISTRY, tls)
        await self._serve_controllers(tls)
        self.world.row("mirror", "Mirror registry", "answering", f"mirror.{DOMAIN.partition('.')[2]}:{REGISTRY}")
        self.world.row("ntp", "Time server", "answering")

    async def _serve_controllers(self, tls: ssl.SSLContext) -> None:
        password = (self.session / "secrets" / BMC_PASSWORD).read_text("ascii")

        async def power_on(_image: str) -> None:
            await self.world.turn("power", "on")

        for node in self.plan.topology.nodes:
            octet = next(machine.octet for machine in MACHINES if machine.name == node.name)
            controller = redfish.Controller(node.name, node.mac, password, power_on)
            self._controllers.append(controller)
            await self.serve(controller.application(), octet + BMC_OFFSET, HTTPS, tls)

    async def serve(self, app: web.Application, octet: int, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Has `app` answer on an address and port of the lab."""
        place = self.settings.place(octet, port)
        if place in self._sites:
            return
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, *place, ssl_context=tls, shutdown_timeout=0.2).start()
        self._sites[place] = runner

    async def withdraw(self, octet: int, port: int) -> None:
        """Closes that place again."""
        runner = self._sites.pop(self.settings.place(octet, port), None)
        if runner is not None:
            await runner.cleanup()

    async def serve_api(self, node: Node, approved: Callable[[str], None]) -> None:
        """A kube-apiserver on this machine, with the certificates of the Ignition files."""
        assert self.bundle is not None, "the bootstrap fetched its Ignition first"
        tls = api.context(*self.bundle.serving(self.folder))
        await self.serve(api.application(self.objects, approved), node.machine.octet, API, tls)

    async def serve_machine_configs(self, node: Node, pools: set[str]) -> None:
        """A machine-config server on this machine, for these pools."""
        assert self.bundle is not None, "the bootstrap fetched its Ignition first"
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.bundle.machine_config(self.folder))
        await self.serve(machine_config.application(pools, _unheard), node.machine.octet, MCS, tls)

    async def serve_routes(self, node: Node) -> None:
        """A router on this machine: it says that it is one."""
        app = web.Application()
        app.router.add_get("/{path:.*}", _route)
        assert self.bundle is not None, "the bootstrap fetched its Ignition first"
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.bundle.router(self.folder))
        await self.serve(app, node.machine.octet, HTTPS, tls)
        plain = web.Application()
        plain.router.add_get("/{path:.*}", _route)
        await self.serve(plain, node.machine.octet, HTTP)

    async def stop(self) -> None:
        """Closes every port."""
        for node in self.nodes.values():
            await node.ssh.stop()
        for runner in list(self._sites.values()):
            await runner.cleanup()
        self._sites.clear()
        await self.balancer.stop()
        await self.name_server.stop()
        for close in self._closing:
            close()

    async def _name_server(self, state: str) -> None:
        await (self.name_server.stop() if state == "stopped" else self.name_server.start())

    async def _record(self, state: str) -> None:
        self.zone.wrong = state == "wrong"

    async def _load_balancer(self, state: str) -> None:
        await (self.balancer.stop() if state == "stopped" else self.balancer.start())

    async def _power(self, state: str) -> None:
        for controller in self._controllers:
            controller.power = "On" if state == "on" else "Off"

    async def _bootstrap_backend(self, state: str) -> None:
        if state == "removed":
            self.balancer.remove("bootstrap")


def _unheard(_pool: str, _address: str) -> None:
    """Nobody asks who came yet."""


async def _route(_request: web.Request) -> web.Response:
    return web.Response(text="A route of the ocp-tui rehearsal lab: there is no console behind it.\n")
