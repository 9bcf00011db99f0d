"""Management controllers of the lab's machines: as much Redfish as powering on from virtual media takes."""

import base64
import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

USER = "lab"
PowerOn = Callable[[str], Awaitable[None]]
_SYSTEM = "/redfish/v1/Systems/1"
_MANAGER = "/redfish/v1/Managers/1"
_MEDIA = f"{_MANAGER}/VirtualMedia/Cd"
_ON = {"On", "ForceOn", "ForceRestart", "GracefulRestart", "PowerCycle"}


class Controller:
    """One machine's controller. `power_on(image)` is awaited when it is switched on, with the inserted image's URL."""

    def __init__(self, name: str, mac: str, password: str, power_on: PowerOn) -> None:
        self._name = name
        self._mac = mac
        self._wanted = "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()
        self._power_on = power_on
        self.power = "Off"
        self._boot = {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "None"}
        self._image = ""

    def application(self) -> web.Application:
        """The service."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        path = "/" + request.path.strip("/")
        if path not in {"/redfish", "/redfish/v1"} and not self._known(request):
            return _problem(401, "The credentials are missing or wrong.")
        if request.method == "GET":
            document = self._documents().get(path)
            return web.json_response(document) if document is not None else _problem(404, f"{path} does not exist.")
        return await self._change(request, path)

    def _known(self, request: web.Request) -> bool:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._wanted.encode())

    async def _change(self, request: web.Request, path: str) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        match request.method, path.removeprefix("/redfish/v1"):
            case "POST", "/Systems/1/Actions/ComputerSystem.Reset":
                await self._reset(str(body.get("ResetType", "")))
            case "PATCH", "/Systems/1":
                self._boot |= body.get("Boot", {})
            case "POST", "/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia":
                self._image = str(body.get("Image", ""))
            case "POST", "/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia":
                self._image = ""
            case _:
                return _problem(404, f"{path} cannot be changed.")
        return web.Response(status=204)

    async def _reset(self, kind: str) -> None:
        self.power = "On" if kind in _ON else "Off"
        if self.power == "On":
            await self._power_on(self._image)

    def _documents(self) -> dict[str, dict[str, object]]:
        reset = {
            "target": f"{_SYSTEM}/Actions/ComputerSystem.Reset",
            "ResetType@Redfish.AllowableValues": ["On", "ForceOff", "ForceRestart"],
        }
        media = {
            "#VirtualMedia.InsertMedia": {"target": f"{_MEDIA}/Actions/VirtualMedia.InsertMedia"},
            "#VirtualMedia.EjectMedia": {"target": f"{_MEDIA}/Actions/VirtualMedia.EjectMedia"},
        }
        boot = self._boot | {"BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Cd", "Pxe", "Hdd"]}
        interfaces = f"{_SYSTEM}/EthernetInterfaces"
        return {
            "/redfish": {"v1": "/redfish/v1/"},
            "/redfish/v1": {
                "@odata.id": "/redfish/v1/",
                "RedfishVersion": "1.11.0",
                "Name": "Controller of a rehearsal machine",
                "Systems": {"@odata.id": "/redfish/v1/Systems"},
                "Managers": {"@odata.id": "/redfish/v1/Managers"},
            },
            "/redfish/v1/Systems": _collection("/redfish/v1/Systems", _SYSTEM),
            "/redfish/v1/Managers": _collection("/redfish/v1/Managers", _MANAGER),
            _SYSTEM: {
                "@odata.id": _SYSTEM,
                "Id": "1",
                "Name": self._name,
                "PowerState": self.power,
                "Boot": boot,
                "EthernetInterfaces": {"@odata.id": interfaces},
                "Links": {"ManagedBy": [{"@odata.id": _MANAGER}]},
                "Actions": {"#ComputerSystem.Reset": reset},
            },
            interfaces: _collection(interfaces, f"{interfaces}/1"),
            f"{interfaces}/1": {"@odata.id": f"{interfaces}/1", "Id": "1", "MACAddress": self._mac},
            _MANAGER: {
                "@odata.id": _MANAGER,
                "Id": "1",
                "Name": self._name,
                "VirtualMedia": {"@odata.id": f"{_MANAGER}/VirtualMedia"},
            },
            f"{_MANAGER}/VirtualMedia": _collection(f"{_MANAGER}/VirtualMedia", _MEDIA),
            _MEDIA: {
                "@odata.id": _MEDIA,
                "Id": "Cd",
                "MediaTypes": ["CD", "DVD"],
                "Image": self._image or None,
                "Inserted": bool(self._image),
                "Actions": media,
            },
        }


def _collection(path: str, *members: str) -> dict[str, object]:
    return {
        "@odata.id": path,
        "Members": [{"@odata.id": member} for member in members],
        "Members@odata.count": len(members),
    }


def _problem(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": "Base.1.0.GeneralError", "message": message}}, status=status)
