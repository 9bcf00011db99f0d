"""The lab's Kubernetes API: enough of it, over TLS with the certificates that the Ignition files carry.

Reading is open to whoever shows the admin's client certificate; others see /version and the health pages only.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from aiohttp import web

from tui.lab.objects import COLLECTIONS, CSRS, Objects
from tui.lab.settings import KUBERNETES

_VERSION = {"major": "1", "minor": "31", "gitVersion": KUBERNETES, "platform": "linux/amd64"}
_HEALTH = {"/readyz", "/livez", "/healthz"}


class Asked(NamedTuple):
    """A path taken apart: /apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/PART."""

    plural: str
    namespace: str | None
    name: str
    part: str


def application(objects: Objects, approved: Callable[[str], None]) -> web.Application:
    """The API; `approved` is told the name of each request that was approved."""
    app = web.Application()
    server = _Api(objects, approved)
    app.router.add_route("*", "/{path:.*}", server.answer)
    return app


class _Api:
    def __init__(self, objects: Objects, approved: Callable[[str], None]) -> None:
        self._objects = objects
        self._approved = approved

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in {"/version", *_HEALTH}:
            return web.json_response(_VERSION) if request.path == "/version" else web.Response(text="ok")
        if not _is_admin(request):
            return _status(403, "Forbidden", f'forbidden: User "system:anonymous" cannot get path "{request.path}"')
        asked = _taken_apart(request.path)
        if asked is None or asked.plural not in COLLECTIONS:
            return _status(404, "NotFound", "the server could not find the requested resource")
        if request.method == "GET":
            return await self._read(request, asked)
        if request.method in {"PUT", "PATCH"} and (asked.plural, asked.part) == (CSRS[1], "approval"):
            return await self._approve(request, asked.name)
        return _status(405, "MethodNotAllowed", "the rehearsal's API does not do this")

    async def _read(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        if asked.name:
            found = self._objects.get(asked.plural, asked.name, asked.namespace or "")
            return web.json_response(found) if found else _missing(asked)
        if request.query.get("watch") in {"true", "1"}:
            return await self._watch(request, asked)
        version, kind = COLLECTIONS[asked.plural]
        items = self._objects.items(asked.plural, asked.namespace, _field_name(request))
        return web.json_response(
            {
                "apiVersion": version,
                "kind": f"{kind}List",
                "metadata": {"resourceVersion": str(self._objects.version)},
                "items": items,
            }
        )

    async def _watch(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        """Events after the given resource version, until the client's time is over."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        since = int(request.query.get("resourceVersion") or 0)
        wanted = _field_name(request)
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(float(request.query.get("timeoutSeconds", "300"))):
                while True:
                    for version, kind, event in [entry for entry in self._objects.log if entry[0] > since]:
                        since = version
                        body = event["object"]
                        if event["plural"] == asked.plural and wanted in {None, body["metadata"]["name"]}:
                            await response.write(json.dumps({"type": kind, "object": body}).encode() + b"\n")
                    await self._objects.changed(since)
        return response

    async def _approve(self, request: web.Request, name: str) -> web.Response:
        known = self._objects.get(CSRS[1], name)
        if known is None:
            return _missing(Asked(CSRS[1], None, name, ""))
        body: dict[str, Any] = await request.json()
        conditions = body.get("status", {}).get("conditions") or []
        if not any(c.get("type") == "Approved" and c.get("status") == "True" for c in conditions):
            return _status(422, "Invalid", "status.conditions: no condition of type Approved with status True")
        changed = known | {"status": known.get("status", {}) | {"conditions": conditions}}
        stored = self._objects.put(CSRS, name, {part: changed[part] for part in ("spec", "status")})
        self._approved(name)
        return web.json_response(stored)


def context(outside: tuple[str, str], inside: tuple[str, str], clients: str) -> ssl.SSLContext:
    """TLS with the certificate and key of api, or of api-int for who asks for that name.

    Client certificates are taken where an authority in the file `clients` signed them.
    """
    tls, internal = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*outside)
    internal.load_cert_chain(*inside)
    tls.load_verify_locations(clients)
    tls.verify_mode = ssl.CERT_OPTIONAL

    def choose(connection: ssl.SSLObject, name: str, _context: ssl.SSLContext) -> None:
        if name and name.startswith("api-int."):
            connection.context = internal

    tls.sni_callback = choose
    return tls


def _is_admin(request: web.Request) -> bool:
    transport = request.transport
    certificate = transport.get_extra_info("peercert") if transport is not None else None
    return bool(certificate)


def _taken_apart(path: str) -> Asked | None:
    words = path.strip("/").split("/")
    words = words[2:] if words[0] == "api" else words[3:] if words[0] == "apis" else []
    namespace = None
    if words[:1] == ["namespaces"] and len(words) > 2:
        namespace, words = words[1], words[2:]
    if not words:
        return None
    plural, name, part = (*words, "", "")[:3]
    return Asked(plural, namespace, name, part)


def _field_name(request: web.Request) -> str | None:
    for selector in request.query.get("fieldSelector", "").split(","):
        if selector.startswith("metadata.name="):
            return selector.partition("=")[2]
    return None


def _missing(asked: Asked) -> web.Response:
    return _status(404, "NotFound", f'{asked.plural} "{asked.name}" not found')


def _status(code: int, reason: str, message: str) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return web.json_response(body, status=code)
