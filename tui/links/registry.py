"""The registry API (OCI distribution): is it one, may we in, does it hold a manifest. Basic and Bearer."""

import json
import re
import ssl
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from tui.links import http
from tui.links.http import Reply
from tui.text import say

REDIRECTS = 3
Kind = Literal["ok", "unauthorised", "forbidden", "missing", "throttled", "untrusted", "unreachable", "strange"]
MANIFEST_TYPES = ", ".join(
    [
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    ]
)


class Said(Struct, frozen=True):
    """What a registry said: a kind, in words, and the reply itself."""

    kind: Kind
    text: str
    reply: Reply


class Registry:
    """One registry. `host` as images are named by it; `place` where it is contacted; `account` (user, password)."""

    def __init__(
        self,
        host: str,
        *,
        context: ssl.SSLContext,
        place: tuple[str, int] | None,
        account: tuple[str, str] | None = None,
        proxy: str = "",
    ) -> None:
        self._host, self._context, self._place, self._proxy = host, context, place, proxy
        self._basic = http.basic(*account) if account else ""

    async def enter(self) -> Said:
        """GET /v2/ as a container tool would log in: with the account only where the registry asks who we are."""
        first = await self._request("GET", "/v2/", "", http.MOST_BYTES)
        if first.status == 401:
            return _read(await self._let_in(first, "GET", "/v2/"), host_only=True)
        said = _read(first, host_only=True)
        return Said("ok", say("200, open to everyone"), first) if said.kind == "ok" else said

    async def manifest(self, path: str, reference: str, *, method: str = "HEAD") -> Said:
        """A manifest by digest or tag; of a digest the registry's own Docker-Content-Digest must agree."""
        reply = await self._ask(method, f"/v2/{path}/manifests/{reference}", path)
        said = _read(reply)
        given = reply.headers.get("docker-content-digest", reference)
        if said.kind == "ok" and reference.startswith("sha256:") and given != reference:
            return Said("strange", say("it answers with another digest, {digest}", digest=given), reply)
        return said

    async def blob(self, path: str, digest: str, most: int) -> Said:
        """A blob's bytes, `most` of them at most."""
        return _read(await self._ask("GET", f"/v2/{path}/blobs/{digest}", path, most))

    async def _ask(self, method: str, target: str, path: str = "", most: int = http.MOST_BYTES) -> Reply:
        first = await self._request(method, target, "", most)
        return await self._let_in(first, method, target, path, most) if first.status == 401 else first

    async def _let_in(
        self, refused: Reply, method: str, target: str, path: str = "", most: int = http.MOST_BYTES
    ) -> Reply:
        challenge = refused.headers.get("www-authenticate", "")
        scheme = challenge.partition(" ")[0].lower()
        if scheme == "bearer":
            token, refusal = await self._token(challenge, path)
            return await self._request(method, target, f"Bearer {token}", most) if token else refusal
        return await self._request(method, target, self._basic, most) if self._basic else refused

    async def _request(self, method: str, target: str, authorization: str, most: int) -> Reply:
        headers = {"Accept": MANIFEST_TYPES}
        if authorization:
            headers["Authorization"] = authorization
        reply = await self._fetch(method, f"https://{self._host}{target}", headers, most)
        for _ in range(REDIRECTS):
            onward = reply.headers.get("location", "")
            if reply.status not in (301, 302, 303, 307, 308) or not onward.startswith(("https://", "/")):
                break
            onward = onward if onward.startswith("https://") else f"https://{self._host}{onward}"
            if not self._own(onward):
                headers.pop("Authorization", None)  # the account is this registry's alone
            reply = await self._fetch(method, onward, headers, most)
        return reply

    async def _fetch(self, method: str, url: str, headers: dict[str, str], most: int = http.MOST_BYTES) -> Reply:
        place = self._place if self._own(url) else None
        return await http.ask(
            method, url, context=self._context, place=place, headers=headers, proxy=self._proxy, most=most
        )

    def _own(self, url: str) -> bool:
        return url.partition("://")[2].partition("/")[0] == self._host

    async def _token(self, challenge: str, path: str) -> tuple[str, Reply]:
        """The Bearer token, or "" and the reply that refused it. The account goes only to the realm over HTTPS."""
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = fields.pop("realm", "")
        if not realm.startswith("https://"):
            return "", Reply(error=say("its token service is not on HTTPS"))
        query = {"service": fields.get("service", "")}
        if path:
            query["scope"] = f"repository:{path}:pull"
        headers = {"Authorization": self._basic} if self._basic else {}
        reply = await self._fetch("GET", f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}", headers)
        try:
            answer = json.loads(reply.body)
            return str(answer.get("token") or answer.get("access_token") or ""), reply
        except (ValueError, AttributeError):
            return "", reply


_STATUS: dict[int, tuple[Kind, str]] = {
    401: ("unauthorised", "401, this account is not accepted"),
    403: ("forbidden", "403, this account may not"),
    404: ("missing", "404, it is not there"),
    429: ("throttled", "429, too many requests"),
}


def _read(reply: Reply, *, host_only: bool = False) -> Said:
    if reply.untrusted:
        return Said("untrusted", reply.error, reply)
    if not reply.status:
        return Said("unreachable", reply.error, reply)
    took = f"{reply.ms:.0f} ms"
    if reply.status == 200:
        kind = reply.headers.get("content-type", "")
        if host_only and "html" in kind and "docker-distribution-api-version" not in reply.headers:
            return Said("strange", say("200, but a web page and no registry"), reply)
        return Said("ok", say("200 in {took}", took=took), reply)
    if reply.status == 404 and host_only:
        return Said("strange", say("404: that is no registry"), reply)
    kind_, words = _STATUS.get(reply.status, ("strange", "HTTP {status}"))
    return Said(kind_, say(words, status=reply.status), reply)
