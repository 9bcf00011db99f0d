"""Finding what is already here: recognised by name, believed by checksum, read for its own version."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, structs

from tui.artifacts import inspect, stream
from tui.artifacts.model import Found, Kind, Need, State, Told, quiet, sparingly
from tui.artifacts.names import SUMS, TOOLS, Guess, build_minor, guess, minor, needed, same_version
from tui.plan.model import Architecture, Plan
from tui.text import say

DEEPEST, MOST_FILES = 5, 20_000
_BETTER: dict[State, int] = {"verified": 0, "found": 1, "wrong": 2, "unknown": 3, "missing": 4}


class Candidate(Struct, frozen=True, kw_only=True):
    """A file that may be what is needed, and the checksum published beside it ("" none)."""

    path: Path
    guess: Guess
    published: str = ""


class _World(Struct):
    """What is at hand while judging: the plan, every candidate and checksum, and what the installer names.

    `absent` are places the person named that are not there.
    """

    plan: Plan
    directory: Path
    told: Told
    candidates: list[Candidate]
    known_sums: set[str]
    images: dict[Kind, stream.Image]
    absent: list[Path]


def bastion_architecture() -> Architecture:
    """The architecture of the machine we run on, in RHCOS's words."""
    machine = os.uname().machine
    return {"aarch64": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x"}.get(machine, "x86_64")  # type: ignore[return-value]


async def find(plan: Plan, sources: list[str], directory: Path, told: Told = quiet) -> list[Found]:
    """What is there of everything the plan needs, one answer a need.

    `sources` are files and directories the person named (URLs are for `fetch`), `directory` the session's artifacts:
    tools are unpacked below it, big files stay where they are. Cancelling stops between two chunks of a file.
    """
    places = await asyncio.to_thread(_local, sources)
    candidates, known = await asyncio.to_thread(_candidates, [directory, *places])
    world = _World(
        plan=plan,
        directory=directory,
        told=sparingly(told),
        candidates=candidates,
        known_sums=known,
        images={},
        absent=[place for place, there in places.items() if not there],
    )
    return _one_build([await _find_one(world, need) for need in needed(plan, bastion_architecture())])


def _local(sources: list[str]) -> dict[Path, bool]:
    """The places on this machine, and whether they are there."""
    places = [Path(source).expanduser() for source in sources if "://" not in source]
    return {place: place.exists() for place in places}


def _candidates(places: list[Path]) -> tuple[list[Candidate], set[str]]:
    """Every file with a name of ours, and every published checksum."""
    found: dict[Path, Candidate] = {}
    known: set[str] = set()
    for folder, names in _folders(places):
        published = _sums(folder) if SUMS in names else {}
        known.update(published.values())
        for name in names:
            if (guessed := guess(name)) is not None:
                path = folder / name
                found[path] = Candidate(path=path, guess=guessed, published=published.get(name, ""))
    return list(found.values()), known


def _sums(folder: Path) -> dict[str, str]:
    try:
        return inspect.sums((folder / SUMS).read_text("utf-8", "replace"))
    except OSError:
        return {}


def _folders(places: list[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Each place and what lies below it, not too deep and not too much; a named file brings its sha256sum.txt along."""
    seen = 0
    for place in places:
        if place.is_file():
            yield place.parent, [place.name, *([SUMS] if (place.parent / SUMS).exists() else [])]
            continue
        for folder, below, names in os.walk(place):
            seen += len(names)
            deep = len(Path(folder).relative_to(place).parts) >= DEEPEST
            below[:] = [] if deep or seen > MOST_FILES else sorted(one for one in below if one != "tools")
            yield Path(folder), sorted(names)


async def _find_one(world: _World, need: Need) -> Found:
    best = Found(
        kind=need.kind,
        title=need.title,
        required=need.required,
        state="missing",
        detail=" ".join(say("{place} does not exist.", place=place) for place in world.absent),
        fix=_where_to_get(world, need),
        location=world.images[need.kind].location if need.kind in world.images else "",
    )
    for candidate in _fitting(world, need):
        judged = await _judge(world, need, candidate)
        if _BETTER[judged.state] < _BETTER[best.state]:
            best = judged
        if best.state == "verified":
            break
    return best


def _where_to_get(world: _World, need: Need) -> str:
    image = world.images.get(need.kind)
    if image is not None:
        return say(
            "Put {name} (build {build}) below {directory} or name the directory that holds it.",
            name=image.location.rpartition("/")[2],
            build=image.build,
            directory=world.directory,
        )
    return say(
        "Put {name} and the sha256sum.txt of its directory below {directory}, or name the place that holds them.",
        name=need.names[0],
        directory=world.directory,
    )


def _fitting(world: _World, need: Need) -> list[Candidate]:
    """Candidates of this kind and architecture, the likeliest version first, those with a checksum before others."""
    usual = guess(need.names[0])
    fitting = [
        candidate
        for candidate in world.candidates
        if candidate.guess.kind == need.kind
        and candidate.guess.architecture in {"", need.architecture}
        and (usual is None or candidate.guess.fips == usual.fips)
    ]
    return sorted(
        fitting,
        key=lambda one: (one.guess.version != need.version, not one.published, _distance(one.guess.version, need)),
    )


def _distance(version: str, need: Need) -> int:
    """0 where the name tells the right minor, 1 where it tells none, 2 where another."""
    told = build_minor(version) if need.kind not in TOOLS else (minor(version) if version else None)
    return 1 if told is None else 0 if told == minor(need.version) else 2


async def _judge(world: _World, need: Need, candidate: Candidate) -> Found:
    found = Found(kind=need.kind, title=need.title, required=need.required, state="unknown", path=str(candidate.path))
    try:
        digest = await inspect.sha256(candidate.path, world.told)
        found = structs.replace(found, sha256=digest, size=candidate.path.stat().st_size)
        if candidate.published and candidate.published != digest:
            return _wrong_sum(found)
        if need.kind in TOOLS:
            return await _judge_tool(world, need, candidate, found)
        return _judge_image(world, need, candidate, found)
    except OSError as error:
        return structs.replace(
            found,
            detail=say("{path} cannot be read: {why}.", path=candidate.path, why=error.strerror or str(error)),
            fix=say("Make it readable, or fetch it again."),
        )
    except inspect.Unreadable as error:
        return structs.replace(found, state="wrong", detail=str(error), fix=_where_to_get(world, need))


def _wrong_sum(found: Found) -> Found:
    return structs.replace(
        found,
        state="wrong",
        detail=say("Its checksum is not the one in sha256sum.txt beside it: it is damaged, or another file."),
        fix=say("Fetch it again, and the sha256sum.txt of its own directory."),
    )


async def _judge_tool(world: _World, need: Need, candidate: Candidate, found: Found) -> Found:
    tool = await asyncio.to_thread(_unpacked, world.directory, candidate.path, TOOLS[need.kind], found.sha256)
    found = structs.replace(found, tool=str(tool), state="verified" if found.sha256 in world.known_sums else "found")
    if need.kind == "client":
        printed = await inspect.output([str(tool), "version", "--client"])
        found = structs.replace(found, version=stream.client_version(printed))
    else:
        identity = stream.identity(await inspect.output([str(tool), "version"]))
        found = structs.replace(found, version=identity.version, release_image=identity.release_image)
    if not same_version(found.version, need.version):
        return structs.replace(
            found,
            state="wrong",
            detail=say("It is of {has}, the plan is of {wants}.", has=found.version or "?", wants=need.version),
            fix=_where_to_get(world, need),
        )
    if need.kind == "installer":
        if "@sha256:" not in found.release_image:
            return structs.replace(
                found,
                state="wrong",
                detail=say("It names its release image without a digest, which no mirror can serve."),
                fix=say("Extract openshift-install from the mirrored release image: oc adm release extract."),
            )
        world.images = await _images(tool, found.version, world.plan.topology.architecture)
    return structs.replace(found, detail=_sum_words(found))


def _unpacked(directory: Path, path: Path, wanted: tuple[str, ...], digest: str) -> Path:
    """The program in the archive (or the program itself), below the directory under its archive's checksum."""
    target = directory / "tools" / digest[:16]
    for name in wanted:
        if (target / name).is_file():
            return target / name
    if path.name in wanted:
        return inspect.copied(path, target / path.name)
    return inspect.unpack(path, wanted, target)


async def _images(tool: Path, version: str, architecture: Architecture) -> dict[Kind, stream.Image]:
    if minor(version) < (4, 8):
        return {}
    return stream.images(await inspect.output([str(tool), "coreos", "print-stream-json"]), architecture)


def _sum_words(found: Found) -> str:
    if found.state == "verified":
        return say("Its checksum is in sha256sum.txt.")
    return say("No sha256sum.txt here lists it, so nobody vouches for it.")


def _judge_image(world: _World, need: Need, candidate: Candidate, found: Found) -> Found:
    named = world.images.get(need.kind)
    if named is not None and named.sha256 == found.sha256:
        return structs.replace(
            found,
            state="verified",
            version=named.build,
            location=named.location,
            detail=say("It is the very file that this openshift-install names, build {build}.", build=named.build),
        )
    build = (inspect.volume_id(candidate.path) if need.kind == "iso" else "") or candidate.guess.version
    found = structs.replace(found, version=build, location=named.location if named else "")
    told = build_minor(build)
    if told is not None and told != minor(need.version):
        return structs.replace(
            found,
            state="wrong",
            detail=say(
                "It is RHCOS of {has}, the plan is of {wants}.", has=".".join(map(str, told)), wants=need.version
            ),
            fix=_where_to_get(world, need),
        )
    if found.sha256 not in world.known_sums:
        other = say(" It is not the build {build} that openshift-install names.", build=named.build) if named else ""
        return structs.replace(found, state="found", detail=_sum_words(found) + other, fix=_where_to_get(world, need))
    if told is None:
        return structs.replace(
            found,
            state="found",
            detail=say("Its checksum is right, but nothing tells that this build is for {wants}.", wants=need.version),
            fix=_where_to_get(world, need),
        )
    return structs.replace(found, state="verified", detail=say("Its checksum is in sha256sum.txt."))


def _one_build(found: list[Found]) -> list[Found]:
    """kernel, initramfs and root file system have to be of one build: the initramfs knows its rootfs by checksum."""
    builds = {one.version for one in found if one.kind in {"kernel", "initramfs", "rootfs"} and one.version}
    if len(builds) < 2:
        return found
    return [
        structs.replace(
            one,
            state="wrong",
            detail=say(
                "Kernel, initramfs and root file system are of several builds: {builds}.",
                builds=", ".join(sorted(builds)),
            ),
            fix=say("Take all three from one directory."),
        )
        if one.kind in {"kernel", "initramfs", "rootfs"} and one.state != "missing"
        else one
        for one in found
    ]
