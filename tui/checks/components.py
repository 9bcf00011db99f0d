"""A sample of the release's component images, each by digest in the mirror that nodes will ask for it."""

import asyncio
import gzip
import io
import json
import tarfile
import zlib
from typing import Any

from tui.checks.model import Finding, Phase, Result
from tui.checks.registries import Repository, mirrors_of, nowhere, release_repositories, repository
from tui.checks.registry import client, digest_of, manifest
from tui.checks.world import Question, World, result
from tui.plan.model import Plan
from tui.text import say

SECONDS = 20.0
SAMPLE = ("machine-config-operator", "etcd", "cluster-bootstrap", "pod", "rhel-coreos", "machine-os-content")
LISTING = "release-manifests/image-references"
LARGEST_LAYER = 64 * 1024 * 1024
LAYERS = 3
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x"}


def questions(plan: Plan, _phase: Phase) -> list[Question]:
    """Only where there are mirrors: a connected registry holds all or nothing."""
    if not plan.network.mirrors:
        return []
    return [Question(id="registry.components", subject=say("sample"), ask=_components, seconds=SECONDS)]


async def _components(world: World) -> list[Result]:
    digest = digest_of(world.plan)
    listed = await _listing(world, digest) if digest else {}
    sample = {name: listed[name] for name in SAMPLE if name in listed}
    if not sample:
        text = say("The release image could not be read, so its components are not known.")
        return [result("registry.components", say("sample"), Finding("unknown", text, say("See registry.release.")))]
    findings = await asyncio.gather(*(_component(world, image) for image in sample.values()))
    return [result("registry.components", name, finding) for name, finding in zip(sample, findings, strict=True)]


async def _component(world: World, image: str) -> Finding:
    source, _, digest = image.partition("@")
    places = mirrors_of(world.plan, source)
    if not places:
        return nowhere(world.plan, source)
    found = await asyncio.gather(*(manifest(world, where, digest) for where in places))
    good = next((finding for finding in found if finding.state == "ok"), None)
    if good:
        return good
    return Finding("failed", " ".join(finding.evidence for finding in found), found[0].fix)


async def _listing(world: World, digest: str) -> dict[str, str]:
    """Component name → image by digest, as the release image itself says; {} where no mirror lets us read it."""
    for where in release_repositories(world.plan):
        top = await _json(world, where, digest)
        if "manifests" in top:
            wanted = ARCHITECTURES[world.plan.topology.architecture]
            entries = [m["digest"] for m in top["manifests"] if m.get("platform", {}).get("architecture") == wanted]
            top = await _json(world, where, entries[0]) if entries else {}
        for layer in reversed(top.get("layers", [])[-LAYERS:]):
            if layer.get("size", 0) > LARGEST_LAYER:
                continue
            said = await (await client(world, where)).blob(where.path, layer["digest"], LARGEST_LAYER)
            listed = await asyncio.to_thread(read_layer, said.reply.body) if said.kind == "ok" else {}
            if listed:
                return listed
    return {}


async def _json(world: World, where: Repository, reference: str) -> dict[str, Any]:
    said = await (await client(world, where)).manifest(where.path, reference, method="GET")
    try:
        document = json.loads(said.reply.body) if said.kind == "ok" else {}
    except ValueError:
        document = {}
    return document if isinstance(document, dict) else {}


def read_layer(data: bytes) -> dict[str, str]:
    """The component images named in a release image's layer; {} where this layer does not name them."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as layer:
            for member in layer:
                if member.name.lstrip("./") == LISTING and member.size < LARGEST_LAYER:
                    file = layer.extractfile(member)
                    tags = json.load(file)["spec"]["tags"] if file else []
                    return {tag["name"]: tag["from"]["name"] for tag in tags if repository(tag["from"]["name"]).path}
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError):
        pass
    return {}
