"""Fetching what is missing, from the URLs that the person named and from nowhere else."""

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import structs

from tui.artifacts import inspect
from tui.artifacts.find import bastion_architecture, find
from tui.artifacts.model import Found, Kind, Need, Progress, Told, quiet, sparingly
from tui.artifacts.names import SUMS, TOOLS, build_minor, guess, minor, needed, same_version
from tui.links.download import NotFetched, download, shown, text
from tui.links.download import Told as DownloadTold
from tui.plan.model import Plan, Topology
from tui.text import say

_TURNS: tuple[tuple[Kind, ...], ...] = (("installer", "client"), ("iso", "kernel", "initramfs", "rootfs"))
"""Tools first: openshift-install itself names the RHCOS build to fetch."""

MIRROR_ROOT = "/openshift-v4"
"""A URL that ends so is the root of a tree laid out as https://mirror.openshift.com/pub/openshift-v4 is."""


async def fetch(plan: Plan, sources: list[str], directory: Path, told: Told = quiet) -> list[Found]:
    """Fetches what no local place has verified, then looks again: the answers are those of `find`.

    A URL names a file, a directory with its sha256sum.txt, or the root of a whole mirror (MIRROR_ROOT). What could not
    be fetched says why in `detail`.
    Cancelled, it keeps what came and goes on from there the next time.
    """
    urls = [source for source in sources if re.match(r"https?://", source)]
    places = _Places(urls, plan, directory, sparingly(told))
    found = await find(plan, sources, directory, told)
    complaints: dict[Kind, list[str]] = {}
    needs = {need.kind: need for need in needed(plan, bastion_architecture())}
    for kinds in _TURNS:
        wanting = [one for one in found if one.kind in kinds and one.state != "verified"]
        for one in wanting:
            complaints[one.kind] = await places.bring(needs[one.kind], one.location)
        if wanting and urls:
            found = await find(plan, sources, directory, told)
    return [_with_complaints(one, complaints.get(one.kind, [])) for one in found]


def _with_complaints(found: Found, complaints: list[str]) -> Found:
    if found.state == "verified" or not complaints:
        return found
    return structs.replace(found, detail=" ".join([found.detail, *complaints]).strip())


@dataclass(frozen=True)
class _Places:
    """The URLs in the person's order, whom they are for, and where the files go."""

    urls: list[str]
    plan: Plan
    directory: Path
    told: Told

    async def bring(self, need: Need, location: str) -> list[str]:
        """Tries place after place; gives the reasons of those that failed, none where one had the file."""
        complaints = []
        for url in self.urls:
            try:
                if await self._from(url, need, location):
                    return []
                complaints.append(
                    say("{url} lists no {title} for {version}.", url=shown(url), title=need.title, version=need.version)
                )
            except NotFetched as error:
                complaints.append(str(error))
            except OSError as error:
                why = error.strerror or str(error)
                complaints.append(say("{path} cannot be written: {why}.", path=error.filename, why=why))
        return complaints

    async def _from(self, url: str, need: Need, location: str) -> bool:
        """True where this place had the file. Raises NotFetched."""
        base, _, last = url.rpartition("/")
        direct = guess(last)
        if direct is not None:
            return direct.kind == need.kind and await self._first(base, [last], listed=await self._sums(base))
        for directory in _directories(url.rstrip("/"), need, self.plan.topology):
            published = await self._sums(directory)
            if await self._first(directory, _names(need, location, published), listed=published):
                return True
        return False

    async def _first(self, base: str, names: Iterable[str], *, listed: Collection[str]) -> bool:
        """Fetches the first of the names that is there. One that is listed and not there is worth a word."""
        for name in names:
            target = self.directory / _slug(base) / name
            try:
                await download(
                    f"{base}/{name}", target, _telling(name, self.told), bundle=self.plan.pull_secret.trust_bundle
                )
            except NotFetched as error:
                if error.status != 404 or name in listed:
                    raise
            else:
                return True
        return False

    async def _sums(self, base: str) -> dict[str, str]:
        """The directory's sha256sum.txt, kept beside what comes out of it; empty where it has none."""
        try:
            content = await text(f"{base}/{SUMS}", bundle=self.plan.pull_secret.trust_bundle)
        except NotFetched as error:
            if error.status in {403, 404}:
                return {}
            raise
        published = inspect.sums(content)
        if published:
            await asyncio.to_thread(_keep, self.directory / _slug(base) / SUMS, content)
        return published


def _keep(path: Path, content: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def _directories(url: str, need: Need, topology: Topology) -> list[str]:
    """The directories to look in: the one named, or below the root of a mirror laid out as mirror.openshift.com is.

    Not the directory of the newest RHCOS: an image has to be of the plan's version or older.
    """
    if not url.endswith(MIRROR_ROOT):
        return [url]
    base = f"{url}/{topology.architecture}"
    if need.kind in TOOLS:
        return [f"{base}/clients/{kind}/{topology.version}" for kind in ("ocp", "ocp-dev-preview")]
    return [f"{base}/dependencies/rhcos/{need.version}/{topology.version}"]


def _names(need: Need, location: str, published: dict[str, str]) -> Iterator[str]:
    """What to ask a directory for: what its list has under our names or of our kind, else the names to try blindly."""
    named = location.rpartition("/")[2]
    usual = [name for name in [named, *need.names] if name]
    if not published:
        yield from usual
        return
    yield from (name for name in usual if name in published)
    yield from (name for name in published if name not in usual and _fits(name, need))


def _fits(name: str, need: Need) -> bool:
    """Whether a listed name is of this need's kind and, as far as it tells, of its version and architecture."""
    guessed = guess(name)
    if guessed is None or guessed.kind != need.kind or guessed.architecture not in {"", need.architecture}:
        return False
    if need.kind in TOOLS:
        return same_version(guessed.version, need.version)
    return build_minor(guessed.version) in {None, minor(need.version)}


def _slug(base: str) -> str:
    """A directory name for a place: two places' files of one name are kept apart."""
    parts = urlsplit(base)
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{parts.hostname or ''}{parts.path}").strip("-.")[-120:]


def _telling(name: str, told: Told) -> DownloadTold:
    return lambda done, total: told(Progress(what=say("fetching {name}", name=name), done=done, total=total))
