"""Switching a machine through its management controller: power, what it boots from next, and the ISO it sees as a CD.

Only links that the controller gives are followed, and only values that it offers are sent: they differ by vendor.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp

from tui.links import http
from tui.links.redfish import ROOT, base_url, document, link
from tui.plan.endpoints import authority
from tui.text import say

Action = Literal["on", "off", "restart"]
Source = Literal["cd", "network"]

ANSWER_SECONDS = 60.0
"""Some controllers fetch the ISO's beginning before they answer."""
SETTLE_SECONDS = 90.0
"""How long a machine may take from the order until its controller says that it is on, or off."""
LOOK_SECONDS = 1.0
_RESET: dict[Action, tuple[str, ...]] = {
    "on": ("On", "ForceOn"),
    "off": ("ForceOff",),
    "restart": ("ForceRestart", "PowerCycle", "GracefulRestart"),
}
_BOOT: dict[Source, tuple[str, ...]] = {"cd": ("Cd", "UsbCd"), "network": ("Pxe", "UefiHttp")}


class RedfishFailed(Exception):
    """The controller did not do it. The text says what was asked, what it answered, and no secret."""


class Machine:
    """One computer system behind a controller."""

    def __init__(self, session: aiohttp.ClientSession, tls_name: str | None, path: str) -> None:
        self._session = session
        self._tls_name = tls_name
        self._path = path

    async def find(self) -> None:
        """Where no system was named, takes the first that the controller lists. Raises RedfishFailed."""
        if self._path:
            return
        listed = await self._get(link((await self._get(ROOT)).get("Systems")) or f"{ROOT}Systems")
        members = [link(member) for member in listed.get("Members") or [] if link(member)]
        if not members:
            raise RedfishFailed(say("it lists no system"))
        self._path = members[0]

    async def power(self) -> str:
        """The state as it calls it: "On", "Off", "PoweringOn" …"""
        return str((await self._get(self._path)).get("PowerState") or "")

    async def switch(self, action: Action) -> str:
        """Switches it, waits until it is so, and gives the state it is in then. Raises RedfishFailed."""
        system = await self._get(self._path)
        reset = (system.get("Actions") or {}).get("#ComputerSystem.Reset") or {}
        kind = _offered(_RESET[action], reset.get("ResetType@Redfish.AllowableValues"))
        await self._send("POST", _target(reset, f"{self._path}/Actions/ComputerSystem.Reset"), {"ResetType": kind})
        wanted, until = "Off" if action == "off" else "On", time.monotonic() + SETTLE_SECONDS
        while (state := await self.power()) != wanted:
            if time.monotonic() > until:
                raise RedfishFailed(say("it took {kind}, and is still {state}", kind=kind, state=state or "?"))
            await asyncio.sleep(LOOK_SECONDS)
        return state

    async def boot_once(self, source: Source) -> None:
        """Has the next start, and that alone, come from there. Raises RedfishFailed."""
        boot = (await self._get(self._path)).get("Boot") or {}
        target = _offered(_BOOT[source], boot.get("BootSourceOverrideTarget@Redfish.AllowableValues"))
        once = {"BootSourceOverrideTarget": target, "BootSourceOverrideEnabled": "Once"}
        await self._send("PATCH", self._path, {"Boot": once})

    async def insert(self, image: str) -> None:
        """Shows the ISO at this URL as a CD, in place of what was there. Raises RedfishFailed."""
        path, media = await self._drive()
        if media.get("Inserted"):
            await self._send("POST", _media_action(path, media, "EjectMedia"), {})
        # The image alone first: whatever else is said, some controller refuses; and some ask for more.
        insert = _media_action(path, media, "InsertMedia")
        more = {"Image": image, "Inserted": True, "WriteProtected": True, "TransferProtocolType": "HTTP"}
        if (await self._send("POST", insert, {"Image": image}, accept=(400,))) == 400:
            await self._send("POST", insert, more)

    async def _drive(self) -> tuple[str, dict[str, Any]]:
        """The CD drive among the virtual media: of the system itself, or of a controller that manages it."""
        system = await self._get(self._path)
        managers = [link(manager) for manager in (system.get("Links") or {}).get("ManagedBy") or []]
        for owner in (system, *[await self._get(manager) for manager in managers if manager]):
            listed = link(owner.get("VirtualMedia"))
            for member in ((await self._get(listed)).get("Members") or []) if listed else []:
                media = await self._get(link(member))
                if {"CD", "DVD"} & set(media.get("MediaTypes") or []):
                    return link(member), media
        raise RedfishFailed(say("it offers no virtual CD drive"))

    async def _get(self, path: str) -> dict[str, Any]:
        status, body, _ = await self._request("GET", path)
        if status != 200:
            raise RedfishFailed(say("GET {path}: {why}", path=path, why=_why(status, body)))
        return body

    async def _send(self, method: str, path: str, body: dict[str, Any], accept: Sequence[int] = ()) -> int:
        """Gives the status: 2xx, or one of `accept`. A controller that wants to know the version it changes is told."""
        status, answer, _ = await self._request(method, path, body)
        if status in (412, 428):
            _, _, etag = await self._request("GET", path)
            status, answer, _ = await self._request(method, path, body, {"If-Match": etag or "*"})
        if status not in accept and status // 100 != 2:
            raise RedfishFailed(say("{method} {path}: {why}", method=method, path=path, why=_why(status, answer)))
        return status

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any], str]:
        try:
            async with self._session.request(
                method, path, json=body, headers=headers, allow_redirects=False, server_hostname=self._tls_name
            ) as got:
                text = await got.read()
                return got.status, document(text), got.headers.get("ETag", "")
        except aiohttp.ClientConnectorCertificateError as error:
            raise RedfishFailed(say("its certificate is not trusted")) from error
        except TimeoutError as error:
            raise RedfishFailed(say("it does not answer")) from error
        except (aiohttp.ClientError, OSError) as error:
            why = getattr(error, "os_error", error)
            raise RedfishFailed(say("it cannot be reached: {why}", why=getattr(why, "strerror", "") or why)) from error


@asynccontextmanager
async def machine(
    address: str, user: str, password: str, *, context: ssl.SSLContext, place: tuple[str, int]
) -> AsyncIterator[Machine]:
    """The system at a controller: the one that the address names (…/redfish/v1/Systems/ID), else its first.

    `place` is where the controller really is contacted, as (host, port). Raises RedfishFailed.
    """
    base = base_url(address)
    account = {"Authorization": http.basic(user, password)} if user else {}
    async with aiohttp.ClientSession(
        f"{urlsplit(base).scheme}://{authority(*place)}",
        headers={"Accept": "application/json", "Host": urlsplit(base).netloc, **account},
        connector=aiohttp.TCPConnector(ssl=context),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=5),
        trust_env=False,
    ) as session:
        tls_name = urlsplit(base).hostname if base.startswith("https:") else None
        found = Machine(session, tls_name, urlsplit(address).path.rstrip("/") if "/Systems/" in address else "")
        await found.find()
        yield found


def _offered(wanted: tuple[str, ...], allowed: Any) -> str:
    """The first wanted value that the controller offers; where it does not say what it offers, the usual one."""
    if not isinstance(allowed, list) or not allowed:
        return wanted[0]
    for value in wanted:
        if value in allowed:
            return value
    offers = ", ".join(map(str, allowed))
    raise RedfishFailed(say("it does not offer {wanted}, only {offers}", wanted=wanted[0], offers=offers))


def _media_action(path: str, media: dict[str, Any], name: str) -> str:
    action = (media.get("Actions") or {}).get(f"#VirtualMedia.{name}") or {}
    return _target(action, f"{path}/Actions/VirtualMedia.{name}")


def _target(action: dict[str, Any], usual: str) -> str:
    target = action.get("target")
    return target if isinstance(target, str) and target.startswith("/") else usual


def _why(status: int, answer: dict[str, Any]) -> str:
    """The status, and the controller's own words where it has any."""
    if status in (401, 403):
        return say("HTTP {status}: it refuses this user and password", status=status)
    error = answer.get("error")
    words = error.get("message") if isinstance(error, dict) else ""
    return f"HTTP {status} {words or ''}".strip()
