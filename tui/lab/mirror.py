"""The lab's mirror registry: the registry API v2, read only, with TLS and one account (Basic)."""

import base64
import hmac

from aiohttp import web

from tui.lab import images
from tui.lab.settings import MIRROR_USER

_API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}


def application(password: str) -> web.Application:
    """The registry; whoever cannot give the account's password gets 401."""
    wanted = "Basic " + base64.b64encode(f"{MIRROR_USER}:{password}".encode()).decode()

    async def answer(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
            challenge = {"WWW-Authenticate": 'Basic realm="rehearsal mirror"', **_API_VERSION}
            return _error(401, "UNAUTHORIZED", "authentication required", challenge)
        return _resource(request.path)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    return app


def _resource(path: str) -> web.Response:
    words = path.strip("/").split("/")
    name, kind, last = "/".join(words[1:-2]), words[-2] if len(words) > 2 else "", words[-1]
    if words == ["v2"]:
        return web.json_response({}, headers=_API_VERSION)
    if words == ["v2", "_catalog"]:
        return web.json_response({"repositories": [images.REPOSITORY]}, headers=_API_VERSION)
    if name != images.REPOSITORY:
        return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
    if (kind, last) == ("tags", "list"):
        tags = sorted(tag for tag in images.MANIFESTS if not tag.startswith("sha256:"))
        return web.json_response({"name": name, "tags": tags}, headers=_API_VERSION)
    blob = {"manifests": images.MANIFESTS, "blobs": images.BLOBS}.get(kind, {}).get(last)
    if blob is None:
        return _error(404, "MANIFEST_UNKNOWN" if kind == "manifests" else "BLOB_UNKNOWN", f"{kind[:-1]} unknown")
    headers = {"Docker-Content-Digest": blob.digest, "Content-Type": blob.media_type, **_API_VERSION}
    return web.Response(body=blob.data, headers=headers)


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"errors": [{"code": code, "message": message}]}
    return web.json_response(body, status=status, headers=headers or _API_VERSION)
