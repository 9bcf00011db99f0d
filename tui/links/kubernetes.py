"""The cluster's API, as little of it as an installation needs: read an object, list objects, approve a request.

One `Api` is one round of questions: it reads the kubeconfig anew (the installer rewrites it), asks, and is closed.
"""

import asyncio
import base64
import binascii
import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Struct
from typing_extensions import override

from tui.plan.strict_yaml import YamlUnreadable, read
from tui.text import say

Kind = Literal[
    "kubeconfig",
    "refused",
    "silent",
    "unknown-name",
    "certificate",
    "unauthorized",
    "not-found",
    "conflict",
    "unavailable",
    "broken",
]
Place = Callable[[str, int], tuple[str, int]]
"""Where a host and port really answer, as `tui.plan.endpoints.endpoint` tells."""

_STATUS_KINDS: dict[int, Kind] = {401: "unauthorized", 403: "unauthorized", 404: "not-found", 409: "conflict"}


class ApiFailed(Exception):
    """A question without an answer. `answered`: the API itself said no. The text never holds a credential."""

    def __init__(self, kind: Kind, sentence: str, *, answered: bool = False) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.answered = answered


class Kubeconfig(Struct, frozen=True, kw_only=True):
    """What a kubeconfig says of its current context. Certificates and key are PEM, "" where there is none."""

    host: str
    port: int
    authority: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""

    @override
    def __repr__(self) -> str:
        return f"Kubeconfig({self.host}:{self.port})"


def load_kubeconfig(path: Path) -> Kubeconfig:
    """Reads a kubeconfig as the installer writes it; raises `ApiFailed` of kind "kubeconfig"."""
    try:
        document, _ = read(path.read_bytes())
        context = _named(document, "contexts", document["current-context"])["context"]
        cluster = _named(document, "clusters", context["cluster"])["cluster"]
        user = _named(document, "users", context["user"])["user"]
        server = urlsplit(cluster["server"])
        return Kubeconfig(
            host=server.hostname or "",
            port=server.port or 443,
            authority=_data(cluster, "certificate-authority-data"),
            certificate=_data(user, "client-certificate-data"),
            key=_data(user, "client-key-data"),
            token=str(user.get("token") or ""),
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "unknown"
        raise ApiFailed("kubeconfig", say("{path} cannot be read: {why}.", path=path, why=why)) from None
    except (YamlUnreadable, LookupError, TypeError, AttributeError, ValueError):
        sentence = say("{path} is no kubeconfig: make the Ignition files again, or copy auth/kubeconfig.", path=path)
        raise ApiFailed("kubeconfig", sentence) from None


class Api:
    """A session with the API of one kubeconfig; use it as an async context manager."""

    def __init__(self, kubeconfig: Kubeconfig, place: Place, *, seconds: float = 10) -> None:
        self._config = kubeconfig
        host, port = place(kubeconfig.host, kubeconfig.port)
        self._base = f"https://{f'[{host}]' if ':' in host else host}:{port}"
        self._name = f"{kubeconfig.host}:{kubeconfig.port}"
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Host": self._name, "Accept": "application/json"}
        if self._config.token:
            headers["Authorization"] = f"Bearer {self._config.token}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=_trust(self._config), limit=8),
            timeout=aiohttp.ClientTimeout(total=self._seconds),
            headers=headers,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, path: str) -> dict[str, Any]:
        """One object, or a list with `items`."""
        return await self._ask("GET", path)

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Replaces an object, or a sub-resource such as a request's approval; gives what the API made of it."""
        return await self._ask("PUT", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        assert self._session is not None, "use Api as a context manager"
        try:
            async with self._session.request(
                method, self._base + path, json=body, server_hostname=self._config.host, allow_redirects=False
            ) as response:
                data = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreached(error) from None
        return self._answer(status, data, path)

    def _answer(self, status: int, data: bytes, path: str) -> dict[str, Any]:
        try:
            answer = msgspec.json.decode(data) if data else {}
        except msgspec.DecodeError:
            answer = None
        if status < 300 and isinstance(answer, dict):
            return answer
        message = str(answer.get("message", "")) if isinstance(answer, dict) else ""
        sentence = say(
            "The API at {name} answered {status} to {path}{more}.",
            name=self._name,
            status=status,
            path=path,
            more=f": {message[:300]}" if message else "",
        )
        kind = _STATUS_KINDS.get(status, "unavailable" if status >= 500 else "broken")
        raise ApiFailed(kind, sentence, answered=True)

    def _unreached(self, error: Exception) -> ApiFailed:
        kind: Kind = next((kind for types, kind in _KINDS if isinstance(error, types)), "broken")
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            kind = "unknown-name"
        elif isinstance(error, OSError) and isinstance(error.__cause__ or error, ConnectionRefusedError):
            kind = "refused"
        sentence = say(_SENTENCES[kind], name=self._name, place=self._base.removeprefix("https://"))
        detail = ""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            detail = getattr(error.certificate_error, "verify_message", "")
        return ApiFailed(kind, f"{sentence} ({detail})" if detail else sentence)


_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (aiohttp.ClientConnectorCertificateError, "certificate"),
    (aiohttp.ClientSSLError, "certificate"),
    (TimeoutError, "silent"),
    (aiohttp.ClientConnectorError, "refused"),
)
_SENTENCES: dict[Kind, str] = {
    "certificate": "The API at {name} shows a certificate that this kubeconfig does not trust: it belongs to another "
    "set of Ignition files, or has expired.",
    "silent": "The API at {name} does not answer at {place}: the balancer has no live backend, or a firewall drops it.",
    "refused": "The API at {name} refuses connections at {place}: nothing listens there yet.",
    "unknown-name": "The name of the API, {name}, cannot be resolved from here: check the api record in DNS.",
    "broken": "The connection to the API at {name} broke off; it may be moving between machines.",
}


def _named(document: Any, section: str, name: str) -> Any:
    return {entry["name"]: entry for entry in document[section]}[name]


def _data(section: dict[str, Any], name: str) -> bytes:
    """PEM from a kubeconfig's …-data field, or from the file that the field without -data names."""
    if inline := section.get(name):
        with suppress(binascii.Error):
            return base64.b64decode(inline, validate=True)
        raise ValueError(name)
    path = section.get(name.removesuffix("-data"))
    return Path(path).read_bytes() if path else b""


def _trust(config: Kubeconfig) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=config.authority.decode() if config.authority else None)
        # Python 3.13 became stricter than the installer's own authorities are written.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if config.certificate:
            _identify(context, config.certificate + b"\n" + config.key)
    except (ssl.SSLError, ValueError):
        sentence = say("The certificates in the kubeconfig cannot be read: make the Ignition files again.")
        raise ApiFailed("kubeconfig", sentence) from None
    return context


def _identify(context: ssl.SSLContext, pem: bytes) -> None:
    """The client's certificate and key, which OpenSSL only takes from a file: one in memory, gone at once."""
    descriptor = os.memfd_create("client", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


async def gather(questions: dict[str, Any]) -> dict[str, Any]:
    """The answers of several coroutines by name; an `ApiFailed` stands in the place of its answer."""
    answers = await asyncio.gather(*questions.values(), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, ApiFailed):
            raise answer
    return dict(zip(questions, answers, strict=True))
