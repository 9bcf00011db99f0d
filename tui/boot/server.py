"""The web server that nodes install from. An Ignition file holds the pull secret, so: listed files only, below a path
that cannot be guessed, to planned addresses only and there each node its own, and closed when nobody needs it any more.
"""

import asyncio
import errno
import hmac
import io
import ipaddress
import os
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from pathlib import Path
from typing import BinaryIO

from aiohttp import web
from msgspec import structs

from tui.boot.admission import ISO, Address, Admission
from tui.boot.model import Request, Told
from tui.plan.kernel import ignition_file
from tui.plan.model import Plan
from tui.text import say

CHUNK = 256 * 1024
SHUTDOWN_SECONDS = 0.5
TELL_SECONDS = 2.0
"""Between two words about one running transfer."""


Clock = Callable[[], int]


def _wall() -> int:
    return time.time_ns() // 1000


class CannotServe(Exception):
    """The server could not be started. Its text says why and what next."""


class FileServer:
    """Serves `files` (name to path, or to a short text) under http://LISTEN/TOKEN/NAME until it is closed."""

    def __init__(
        self, plan: Plan, files: Mapping[str, Path | str], token: str, told: Told, clock: Clock = _wall
    ) -> None:
        """`clock` gives the times that are told (µs since the epoch, UTC)."""
        self._plan, self._files, self._token, self._told, self._clock = plan, dict(files), token, told, clock
        self._admission = Admission(plan)
        self._runner: web.AppRunner | None = None
        self._count = 0
        self.url = ""

    async def start(self, listen: str = "") -> str:
        """Begins to listen on ADDRESS:PORT (default: the plan's); gives the base URL. Raises CannotServe."""
        host, port = _listen(listen or self._plan.boot.listen)
        app = web.Application()
        app.router.add_get("/{token}/{name}", self._answer)
        app.router.add_route("*", "/{rest:.*}", self._refuse)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise CannotServe(_why(host, port, error)) from error
        self._runner = runner
        name, real = runner.addresses[0][:2]
        self.url = f"http://{f'[{name}]' if ':' in name else name}:{real}/{self._token}"
        return self.url

    async def close(self) -> None:
        """Stops at once, running transfers too; a node that asks again waits and retries."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _refuse(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["rest"].rpartition("/")[2][:80]
        return self._denied(request, name, say("no such file is served, or not under this path"))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        right = hmac.compare_digest(request.match_info["token"].encode("utf-8", "replace"), self._token.encode())
        content = self._files.get(name) if right else None
        if content is None:
            return self._denied(request, name[:80], say("no such file is served, or not under this path"))
        refusal = self._admission.refusal(_peer(request), name)
        if refusal is not None:
            return self._denied(request, name, refusal)
        if isinstance(content, str):
            return await self._send(request, name, io.BytesIO(content.encode()))
        try:
            file = await asyncio.to_thread(content.open, "rb")
        except OSError:
            # Not there yet, or being made anew: 503 makes a node come again, 404 would send it to its rescue shell.
            self._tell(self._begun(request, name, 503, 0), ended=True)
            return web.Response(status=503, headers={"Retry-After": "5"}, text=say("not there yet\n"))
        with file:
            return await self._send(request, name, file)

    def _denied(self, request: web.Request, name: str, why: str) -> web.Response:
        """One answer for every reason: a stranger learns nothing, the board sees who came for what."""
        self._tell(structs.replace(self._begun(request, name, 403, 0), why=why), ended=True)
        return web.Response(status=403, text=say("not for you\n"))

    async def _send(self, request: web.Request, name: str, content: BinaryIO) -> web.StreamResponse:
        size = content.seek(0, os.SEEK_END)
        span = _span(request, size)
        if span is None:
            self._tell(self._begun(request, name, 416, 0), ended=True)
            return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        start, end, partial = span
        response = web.StreamResponse(status=206 if partial else 200, headers={"Accept-Ranges": "bytes"})
        if partial:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        response.content_type = "application/octet-stream"
        response.content_length = end - start
        heard = self._begun(request, name, response.status, end - start)
        self._tell(heard)
        content.seek(start)
        sent, spoken = 0, time.monotonic()
        try:
            await response.prepare(request)
            while request.method != "HEAD" and sent < heard.total:
                chunk = await asyncio.to_thread(content.read, min(CHUNK, heard.total - sent))
                if not chunk:  # cut short meanwhile: the node sees a broken transfer and comes again
                    break
                await response.write(chunk)
                sent += len(chunk)
                if time.monotonic() - spoken > TELL_SECONDS:
                    spoken = time.monotonic()
                    self._tell(structs.replace(heard, sent=sent))
            await response.write_eof()
        finally:  # also where the node went away: with what it really got
            self._tell(structs.replace(heard, sent=sent), ended=True)
        return response

    def _begun(self, request: web.Request, name: str, status: int, total: int) -> Request:
        self._count += 1
        peer = _peer(request)
        return Request(
            id=self._count,
            node=self._admission.who(peer),
            address=str(peer or ""),
            file=name,
            status=status,
            sent=0,
            total=total,
            started=self._clock(),
        )

    def _tell(self, request: Request, *, ended: bool = False) -> None:
        self._told(structs.replace(request, ended=self._clock()) if ended else request)


def what_to_serve(
    plan: Plan, install: Path, images: Mapping[str, Path], scripts: Mapping[str, str]
) -> dict[str, Path | str]:
    """The list of files for this plan: the Ignition files its nodes ask for, and for PXE the images and menus.

    `install` is openshift-install's directory, `images` the path of each artifact by kind ("kernel", "initramfs",
    "rootfs", "iso"), `scripts` iPXE scripts by name.
    """
    files: dict[str, Path | str] = {
        name: install / name for name in dict.fromkeys(ignition_file(plan, node) for node in plan.topology.nodes)
    }
    names = {"kernel": "kernel", "initramfs": "initramfs.img", "rootfs": "rootfs.img"}
    if plan.boot.method == "pxe":
        files.update({name: images[kind] for kind, name in names.items() if kind in images})
        files.update(scripts)
    if plan.boot.method == "redfish" and "iso" in images:
        files[ISO] = images["iso"]
    return files


def _peer(request: web.Request) -> Address | None:
    """Who really asks: the socket's other end, never a header."""
    name = request.transport.get_extra_info("peername") if request.transport is not None else None
    try:
        found = ipaddress.ip_address(str(name[0]).partition("%")[0]) if name else None
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _span(request: web.Request, size: int) -> tuple[int, int, bool] | None:
    """First byte, the one after the last, and whether that is a part; None where the range is outside the file."""
    try:
        wanted = request.http_range
    except ValueError:
        return None
    if wanted.start is None and wanted.stop is None:
        return 0, size, False
    start, end, _ = wanted.indices(size)
    return (start, end, True) if start < end else None


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise CannotServe(
            say("Where to listen is ADDRESS:PORT, as in 192.168.31.160:8080, not {text}.", text=text or "nothing")
        )
    return host.strip("[]"), int(port)


def _why(host: str, port: int, error: OSError) -> str:
    place = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return say(
            "{place} is taken by another program (ss -ltnp tells which). End that one or plan another port.",
            place=place,
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return say("{host} is no address of this machine. Plan one that the nodes can reach.", host=host)
    if error.errno == errno.EACCES:
        return say("Port {port} is for root only. Plan one above 1023.", port=port)
    return say("{place} cannot be listened on: {why}.", place=place, why=error.strerror or str(error))
