"""A file fetched from a place that the person named: resumed where it broke off, whole or not at all.

The bytes gather in NAME.part beside NAME.part.tag, which says of which version of the file they are; NAME appears when
all of it is there. No other host is ever asked: a redirect away from the named one is refused with its name.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tui.text import say

if TYPE_CHECKING:
    import ssl

    from aiohttp import ClientResponse, ClientSession

Told = Callable[[int, int | None], None]
"""Takes bytes so far and bytes in all (None: the server does not say)."""

CHUNK = 1024 * 1024
SILENCE = 60
"""Seconds without a byte after which a server counts as gone."""

MOST_REDIRECTS = 5
MOST_TEXT = 4 * 1024 * 1024


class NotFetched(Exception):
    """A file that could not be fetched. Its text says what, where, why and what next, without any password."""

    def __init__(self, what: str, status: int | None = None) -> None:
        super().__init__(what)
        self.status = status


def shown(url: str) -> str:
    """The URL without user, password and query: as it can be printed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


async def download(url: str, target: Path, told: Told, *, bundle: str = "") -> Path:
    """Fetches `url` into `target`; gives `target`. `bundle` is PEM text trusted besides the system's authorities.

    Raises NotFetched; cancelled, it leaves what it has for the next time.
    """
    async with _session(bundle) as session:
        return await _whole(session, url, target, told)


async def text(url: str, *, bundle: str = "") -> str:
    """A small text such as sha256sum.txt. Raises NotFetched (status 404 where the server has none)."""
    from aiohttp import ClientError

    data = bytearray()
    async with _session(bundle) as session, await _asked(session, url, {}) as response:
        if response.status != 200:
            raise _status(url, response.status)
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                data += chunk
                if len(data) > MOST_TEXT:
                    raise NotFetched(say("{url} is far too long to be a list of checksums.", url=shown(url)))
        except (ClientError, TimeoutError) as error:
            raise NotFetched(_unreachable(url, error)) from error
    return data.decode("utf-8", "replace")


def _session(bundle: str) -> "ClientSession":
    from aiohttp import ClientSession, ClientTimeout, TCPConnector

    return ClientSession(
        connector=TCPConnector(ssl=_trust(bundle)),
        timeout=ClientTimeout(total=None, sock_connect=20, sock_read=SILENCE),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        trust_env=True,
    )


def _trust(bundle: str) -> "ssl.SSLContext":
    import ssl

    context = ssl.create_default_context()
    if bundle.strip():
        try:
            context.load_verify_locations(cadata=bundle)
        except ssl.SSLError as error:
            raise NotFetched(say("The plan's trust bundle cannot be read as certificates: mend it first.")) from error
    return context


async def _whole(session: "ClientSession", url: str, target: Path, told: Told) -> Path:
    part, tag = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.tag")
    have, known = _so_far(part, tag)
    headers = {"Range": f"bytes={have}-", "If-Range": known} if have and known else {}
    async with await _asked(session, url, headers) as response:
        if response.status == 416 and headers:  # what we have is not of what is there: begin anew
            part.unlink()
            return await _whole(session, url, target, told)
        if response.status not in {200, 206}:
            raise _status(url, response.status)
        resumed = response.status == 206
        start = have if resumed else 0
        total = start + response.content_length if response.content_length is not None else None
        _room(target, url, None if total is None else total - start)
        if not resumed:
            _remember(part, tag, response)
        await _stream(response, _Job(url, part, start, total, told))
    part.replace(target)
    tag.unlink(missing_ok=True)
    return target


def _so_far(part: Path, tag: Path) -> tuple[int, str]:
    try:
        return part.stat().st_size, tag.read_text("utf-8").strip()
    except OSError:
        return 0, ""


def _remember(part: Path, tag: Path, response: "ClientResponse") -> None:
    """Which version of the file this is: a weak tag would not do, it stands for several."""
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    etag = response.headers.get("ETag", "")
    strong = etag if etag and not etag.startswith("W/") else ""
    tag.write_text(strong or response.headers.get("Last-Modified", ""), "utf-8")


@dataclass(frozen=True)
class _Job:
    """One body on its way into `part`, of which `start` bytes are there already."""

    url: str
    part: Path
    start: int
    total: int | None
    told: Told


async def _stream(response: "ClientResponse", job: _Job) -> None:
    from aiohttp import ClientError

    done = job.start
    try:
        with job.part.open("r+b" if job.start else "wb") as file:
            file.seek(job.start)
            file.truncate()
            async for chunk in response.content.iter_chunked(CHUNK):
                await asyncio.to_thread(file.write, chunk)
                done += len(chunk)
                job.told(done, job.total)
            file.flush()
            os.fsync(file.fileno())
    except (ClientError, TimeoutError) as error:
        raise _broken(job, done, error) from error
    except OSError as error:
        raise NotFetched(
            say("{part} cannot be written: {why}. Free the disk and fetch again.", part=job.part, why=error.strerror)
        ) from error
    if job.total is not None and done != job.total:
        raise _broken(job, done, None)


async def _asked(session: "ClientSession", url: str, headers: dict[str, str]) -> "ClientResponse":
    """The answer to a GET, redirects followed on the named host only."""
    from aiohttp import ClientError, InvalidURL

    place = url
    for _ in range(MOST_REDIRECTS):
        try:
            response = await session.get(place, headers=headers, allow_redirects=False)
        except InvalidURL as error:
            raise NotFetched(say("{url} is not a URL that can be fetched.", url=shown(url))) from error
        except (ClientError, TimeoutError, OSError) as error:
            raise NotFetched(_unreachable(place, error)) from error
        if response.status not in {301, 302, 303, 307, 308}:
            return response
        response.release()
        onward = urljoin(place, response.headers.get("Location", ""))
        if urlsplit(onward).hostname != urlsplit(url).hostname:
            raise NotFetched(
                say(
                    "{url} sends us on to {other}, which nobody named. Name that place as a source if it is meant.",
                    url=shown(url),
                    other=shown(onward),
                ),
                response.status,
            )
        place = onward
    raise NotFetched(say("{url} sends us in circles.", url=shown(url)))


def _unreachable(url: str, error: Exception) -> str:
    import ssl

    from aiohttp import ClientConnectorCertificateError, ClientConnectorDNSError

    host = urlsplit(url).hostname
    if isinstance(error, ClientConnectorCertificateError):
        reason = error.certificate_error
        why = reason.verify_message if isinstance(reason, ssl.SSLCertVerificationError) else str(reason)
        return say(
            "{url} shows a certificate that is not trusted: {why}. Add its authority to the trust bundle.",
            url=shown(url),
            why=why,
        )
    if isinstance(error, ClientConnectorDNSError):
        return say("{host} cannot be found: this machine's name server does not know it.", host=host)
    if isinstance(error, TimeoutError):
        return say("{url} does not answer. Is it reachable from this machine?", url=shown(url))
    why = getattr(error, "strerror", None) or error.__class__.__name__
    return say("{url} cannot be reached: {why}.", url=shown(url), why=why)


def _status(url: str, status: int) -> NotFetched:
    meaning = {
        401: say("it wants a user and a password, as in https://USER:PASSWORD@HOST/"),
        403: say("it refuses us"),
        404: say("there is no such file"),
    }.get(status, say("it has a problem of its own"))
    return NotFetched(say("{url} answers {status}: {meaning}.", url=shown(url), status=status, meaning=meaning), status)


def _broken(job: _Job, done: int, error: Exception | None) -> NotFetched:
    why = say("no byte for {seconds} s", seconds=SILENCE) if isinstance(error, TimeoutError) else say("cut off")
    return NotFetched(
        say(
            "{url} broke off after {done} of {total} bytes ({why}). Fetch again: it goes on from there.",
            url=shown(job.url),
            done=done,
            total=job.total if job.total is not None else "?",
            why=why,
        )
    )


def _room(target: Path, url: str, wanted: int | None) -> None:
    """Says so before the disk is full, not after."""
    place = next(folder for folder in (target.parent, *target.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if wanted is not None and wanted > free:
        raise NotFetched(
            say(
                "{name} needs {wanted} MB more and {place} has {free} MB free. Free the disk and fetch again.",
                name=urlsplit(url).path.rpartition("/")[2],
                wanted=wanted // 10**6 + 1,
                place=place,
                free=free // 10**6,
            )
        )
