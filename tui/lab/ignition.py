"""Ignition, as a machine of the lab does it: asks for its configuration by real requests, and reads what it got."""

import base64
import json
import ssl
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import aiohttp

from tui.lab.authority import Pair, expires, issue
from tui.lab.machine import Node
from tui.lab.plan import private
from tui.lab.settings import DOMAIN

HEADERS = {
    "User-Agent": "Ignition/2.20.0",
    "Accept": "application/vnd.coreos.ignition+json;version=3.5.0, */*;q=0.1",
    "Accept-Encoding": "identity",
}
_CURL = {"User-Agent": "curl/7.76.1", "Accept": "*/*"}
_TLS = "/opt/openshift/tls"
_PATIENCE = aiohttp.ClientTimeout(total=20)


async def get(node: Node, url: str, tls: ssl.SSLContext | None = None, server_name: str | None = None) -> bytes | str:
    """The body, asked for from the machine's own address as Ignition asks; or in words why there was none."""
    headers = HEADERS if ".ign" in url or "/config/" in url else _CURL
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(local_addr=(node.address, 0)), timeout=_PATIENCE
            ) as session,
            session.get(url, headers=headers, ssl=tls or True, server_hostname=server_name) as response,
        ):
            body = await response.read()
            return body if response.status == 200 else f"{response.status} {response.reason}"
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return str(error) or type(error).__name__


class Pointer(NamedTuple):
    """What master.ign and worker.ign hold: where the machine-config server is, and the authority it is trusted by."""

    url: str
    authority: str

    def tls(self) -> ssl.SSLContext:
        """Trusts this authority only."""
        context = ssl.create_default_context(cadata=self.authority)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context


def pointer(body: bytes) -> Pointer | None:
    """Reads a pointer configuration; None where it is none."""
    try:
        ignition = json.loads(body)["ignition"]
        url = ignition["config"]["merge"][0]["source"]
        authority = ignition["security"]["tls"]["certificateAuthorities"][0]["source"]
        return Pointer(url, _data(authority).decode())
    except (ValueError, KeyError, IndexError, TypeError):
        return None


class Bundle:
    """The bootstrap's Ignition file: the certificates that its servers show come out of it."""

    def __init__(self, body: bytes) -> None:
        document: dict[str, Any] = json.loads(body)
        files = document["storage"]["files"]
        self._files = {file["path"]: file["contents"]["source"] for file in files if "contents" in file}
        self.not_after = expires(self.text("kube-apiserver-localhost-server.crt"))

    def text(self, name: str) -> str:
        """One file below /opt/openshift/tls."""
        return _data(self._files[f"{_TLS}/{name}"]).decode()

    def serving(self, folder: Path) -> tuple[tuple[str, str], tuple[str, str], str]:
        """Paths: certificate and key for api, the same for api-int, and the authorities clients are taken from."""
        clients = folder / "served-clients.crt"
        private(clients, self.text("kube-apiserver-complete-client-ca-bundle.crt"))
        outside, inside = (self._kept(folder, f"kube-apiserver-{name}-server") for name in ("lb", "internal-lb"))
        return outside, inside, str(clients)

    def machine_config(self, folder: Path) -> tuple[str, str]:
        """Paths of the machine-config server's certificate and key."""
        return self._kept(folder, "machine-config-server")

    def router(self, folder: Path) -> tuple[str, str]:
        """Paths of a self-signed certificate for *.apps, as the ingress operator makes one."""
        found = folder / "served-router.crt"
        if not found.exists():
            return _written(folder, "router", issue(f"*.apps.{DOMAIN}", hosts=(f"*.apps.{DOMAIN}",)))
        return str(found), str(found.with_suffix(".key"))

    def _kept(self, folder: Path, name: str) -> tuple[str, str]:
        return _written(folder, name, Pair(self.text(f"{name}.crt"), self.text(f"{name}.key")))


def _written(folder: Path, name: str, pair: Pair) -> tuple[str, str]:
    certificate, key = folder / f"served-{name}.crt", folder / f"served-{name}.key"
    private(certificate, pair.certificate)
    private(key, pair.key)
    return str(certificate), str(key)


def _data(url: str) -> bytes:
    """The bytes of a data: URL."""
    head, _, body = url.partition(",")
    return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
