"""The lab's load balancer: plain TCP, each connection to a backend that answers, as haproxy with checks would do."""

import asyncio
import contextlib
from itertools import count

from aiohttp import web
from msgspec import Struct

from tui.lab.settings import API, HTTP, HTTPS, INSIDE, MACHINES, MCS, SERVICES, STATS, Settings

FRONTENDS = {API: "api-6443", MCS: "machine-config-22623", HTTP: "ingress-80", HTTPS: "ingress-443"}
PLACES = ((SERVICES, API), (INSIDE, API), (INSIDE, MCS), (SERVICES, HTTP), (SERVICES, HTTPS))
_CHUNK = 64 * 1024
_COLUMNS = (
    "pxname", "svname", "qcur", "qmax", "scur", "smax", "slim", "stot", "bin", "bout", "dreq", "dresp", "ereq", "econ",
    "eresp", "wretr", "wredis", "status", "weight", "act", "bck", "check_status", "addr",
)  # fmt: skip


class Backend(Struct, frozen=True, kw_only=True):
    """One server behind a frontend; `place` is where it really answers."""

    name: str
    place: tuple[str, int]


class Balancer:
    """Frontends on one address. Started and stopped at will; stopped, its ports refuse."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.backends = {port: _backends(settings, port) for port in FRONTENDS}
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._turn = count()
        self._stats: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens on every frontend and on its statistics page."""
        if self._servers:
            return
        for octet, port in PLACES:
            handler = _Handler(self, port)
            self._servers.append(await asyncio.start_server(handler.serve, *self._settings.place(octet, port)))
        app = web.Application()
        app.router.add_get("/{page:.*}", self._page)
        self._stats = web.AppRunner(app, access_log=None)
        await self._stats.setup()
        await web.TCPSite(self._stats, *self._settings.place(SERVICES, STATS), shutdown_timeout=0.1).start()

    async def stop(self) -> None:
        """Closes every port and every connection."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        for writer in list(self._open):
            writer.transport.abort()
        if self._stats is not None:
            await self._stats.cleanup()
            self._stats = None

    def remove(self, name: str) -> None:
        """Takes a server out of every backend."""
        for port, servers in self.backends.items():
            self.backends[port] = [server for server in servers if server.name != name]

    async def carry(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Takes one connection to the next backend that answers; with none it is closed at once, as haproxy does."""
        servers = self.backends[port]
        first = next(self._turn)
        self._open.add(writer)
        try:
            for n in range(len(servers)):
                try:
                    there = await asyncio.open_connection(*servers[(first + n) % len(servers)].place)
                except OSError:
                    continue
                await self._join(reader, writer, *there)
                break
        finally:
            self._open.discard(writer)
            writer.close()

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back_reader: asyncio.StreamReader,
        back_writer: asyncio.StreamWriter,
    ) -> None:
        """Carries bytes both ways until both sides are done."""
        self._open.add(back_writer)
        try:
            await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))
        finally:
            self._open.discard(back_writer)
            back_writer.close()

    async def _page(self, request: web.Request) -> web.Response:
        rows = []
        for port, name in FRONTENDS.items():
            rows.append(_row(pxname=name, svname="FRONTEND", status="OPEN"))
            states = [(server, await _answers(server.place)) for server in self.backends[port]]
            for server, up in states:
                told = {"status": "UP", "check_status": "L4OK"} if up else {"status": "DOWN", "check_status": "L4CON"}
                rows.append(_row(pxname=name, svname=server.name, addr=f"{server.place[0]}:{port}", **told))
            rows.append(_row(pxname=name, svname="BACKEND", status="UP" if any(up for _, up in states) else "DOWN"))
        text = f"# {','.join(_COLUMNS)},\n" + "".join(rows)
        if ";csv" in request.path:
            return web.Response(text=text, content_type="text/plain")
        return web.Response(
            text=f"<title>Statistics of the rehearsal's balancer</title><pre>{text}</pre>", content_type="text/html"
        )


class _Handler:
    def __init__(self, balancer: Balancer, port: int) -> None:
        self._balancer = balancer
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await self._balancer.carry(self._port, reader, writer)


def _backends(settings: Settings, port: int) -> list[Backend]:
    roles = {"bootstrap", "master"} if port in {API, MCS} else {"worker"}
    return [Backend(name=m.name, place=settings.place(m.octet, port)) for m in MACHINES if m.role in roles]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _answers(place: tuple[str, int]) -> bool:
    try:
        _, writer = await asyncio.open_connection(*place)
    except OSError:
        return False
    writer.close()
    return True


def _row(**columns: str) -> str:
    return ",".join(columns.get(name, "") for name in _COLUMNS) + ",\n"
