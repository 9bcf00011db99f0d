"""A management controller over Redfish: is it one, and does it let us in."""

import json
import re
import ssl
from typing import Any, Literal

from msgspec import Struct

from tui.links import http
from tui.text import say

ROOT = "/redfish/v1/"


class Controller(Struct, frozen=True, kw_only=True):
    """What a BMC said. "strange": something answers that is not Redfish. `detail` is words; no secret is in it."""

    kind: Literal["ok", "unauthorised", "untrusted", "unreachable", "strange"]
    detail: str = ""
    version: str = ""
    power: str = ""


def base_url(address: str) -> str:
    """Scheme, host and port of what the plan calls a BMC: host, host:port or a Redfish URL."""
    found = re.match(r"(https?)://([^/]+)", address)
    host = address.partition("/")[0]
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"
    return f"{found[1]}://{found[2]}" if found else f"https://{host}"


async def look(
    address: str, user: str, password: str, *, context: ssl.SSLContext, place: tuple[str, int]
) -> Controller:
    """Asks the service root without, and the first system with the account. Follows the links it is given."""
    base = base_url(address)
    root, reply = await _get(base + ROOT, "", context, place)
    if reply.untrusted:
        return Controller(kind="untrusted", detail=reply.error)
    if not reply.status:
        return Controller(kind="unreachable", detail=reply.error)
    version, systems = root.get("RedfishVersion"), link(root.get("Systems"))
    if reply.status != 200 or not version or not systems:
        return Controller(kind="strange", detail=say("HTTP {status}, but no Redfish service", status=reply.status))
    account = http.basic(user, password) if user else ""
    listed, reply = await _get(base + systems, account, context, place)
    if reply.status in (401, 403):
        detail = say("HTTP {status} for its list of systems", status=reply.status)
        return Controller(kind="unauthorised", detail=detail, version=version)
    members = [link(member) for member in listed.get("Members") or [] if link(member)]
    if reply.status != 200 or not members:
        detail = reply.error or say("it lists no system")
        return Controller(kind="strange", detail=detail, version=version)
    system, _ = await _get(base + members[0], account, context, place)
    return Controller(kind="ok", version=str(version), power=str(system.get("PowerState") or ""))


async def _get(
    url: str, account: str, context: ssl.SSLContext, place: tuple[str, int]
) -> tuple[dict[str, Any], http.Reply]:
    headers = {"Accept": "application/json"} | ({"Authorization": account} if account else {})
    reply = await http.ask("GET", url, context=context, headers=headers, place=place)
    return document(reply.body), reply


def document(body: bytes) -> dict[str, Any]:
    """A controller's answer as an object; {} where it is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def link(value: Any) -> str:
    """The path that a reference leads to; "" where it is none on this controller."""
    target = value.get("@odata.id") if isinstance(value, dict) else None
    return target if isinstance(target, str) and target.startswith("/") else ""
