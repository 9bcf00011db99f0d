"""What mirroring tools leave behind: oc-mirror's manifests (v1 and v2), and what `oc adm release mirror` prints.

For the installation only the sources of the release count; those of operators are applied afterwards with `oc apply`.
"""

import re
from collections.abc import Iterator
from typing import Any

from tui.plan import versions
from tui.plan.importers.found import Found, Source, Unreadable
from tui.plan.importers.install_config import sources
from tui.plan.importers.texts import decoded
from tui.plan.importers.yaml_documents import documents
from tui.plan.model import MirrorSource
from tui.text import say

_LISTS = {
    "ImageContentSourcePolicy": "repositoryDigestMirrors",
    "ImageContentPolicy": "repositoryDigestMirrors",
    "ImageDigestMirrorSet": "imageDigestMirrors",
    "ImageTagMirrorSet": "imageTagMirrors",
}
KINDS = frozenset((*_LISTS, "CatalogSource", "ClusterCatalog", "UpdateService", "ConfigMap"))
_OF_RELEASE = (
    "quay.io/openshift-release-dev",
    "quay.io/openshift/okd",
    "quay.io/okd/scos",
    "registry.ci.openshift.org/ocp",
)
_BEGINS = re.compile(r"(?m)^[ \t]*image(?:Content|Digest)Sources:[ \t]*\r?$")
_IMAGE = re.compile(r"(?m)^Update image:\s+\S+?:(\d[0-9A-Za-z.-]{2,60})-(x86_64|aarch64|ppc64le|s390x|multi)\s*$")


def read(source: Source) -> Found:
    """Mirror sources from manifests. Raises Unreadable."""
    kept: list[tuple[str, tuple[str, ...]]] = []
    others = tags = 0
    for document in documents(source.data):
        kind = document.get("kind") if isinstance(document, dict) else None
        for repository, mirrors in _entries(document, _LISTS.get(str(kind), "")):
            if not repository.startswith(_OF_RELEASE):
                others += 1
            elif kind == "ImageTagMirrorSet":
                tags += 1
            else:
                kept.append((repository, mirrors))
    notes = []
    if others:
        what = "Sources that are not the release's: {count}; apply these after the installation with oc apply."
        notes.append(say(what, count=others))
    if tags:
        notes.append(say("Sources for tags: {count}; the installation pulls by digest.", count=tags))
    found = _together(kept)
    if not found:
        notes.append(say("There is no mirror of the release in it."))
    return Found(values={"network.mirrors": found} if found else {}, notes=notes)


def read_output(source: Source) -> Found:
    """What `oc adm release mirror` printed: its section for the install-config, and the release's version."""
    text = decoded(source.data)
    begins = _BEGINS.search(text)
    if begins is None:
        raise Unreadable(
            say("There is no imageContentSources or imageDigestSources section: copy the output to its very end.")
        )
    section = "\n".join(_section(text[begins.start() :]))
    (document,) = documents(section.encode(), one=True)
    ((_, entries),) = document.items() if isinstance(document, dict) and len(document) == 1 else (("", None),)
    values: dict[str, Any] = {}
    found = _together(list(_pairs(entries)))
    if found:
        values["network.mirrors"] = found
    image = _IMAGE.search(text)
    if image:
        values |= _release(image)
    return Found(values=values, notes=[] if found else [say("There is no mirror of the release in it.")])


def _release(image: re.Match[str]) -> dict[str, Any]:
    try:
        version = versions.parse(image[1]).name
    except versions.NotAVersion:
        return {}
    architecture = {} if image[2] == "multi" else {"topology.architecture": image[2]}
    return {"topology.version": version, **architecture}


def _section(text: str) -> Iterator[str]:
    """The lines of the section, at its own indentation: until an empty line or one that is not of its list."""
    lines = text.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    yield lines[0].strip()
    for line in lines[1:200]:
        inner = line[indent:] if not line[:indent].strip() else ""
        if not inner.strip() or inner[0] not in " -\t":
            return
        yield inner.rstrip()


def _entries(document: Any, key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    spec = document.get("spec") if isinstance(document, dict) and key else None
    yield from _pairs(spec.get(key) if isinstance(spec, dict) else None)


def _pairs(entries: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("source"), str):
            continue
        mirrors = entry.get("mirrors")
        if isinstance(mirrors, list):
            yield entry["source"], tuple(mirror for mirror in mirrors if isinstance(mirror, str))


def _together(entries: list[tuple[str, tuple[str, ...]]]) -> list[MirrorSource]:
    """One source once, with all its mirrors in order."""
    merged: dict[str, dict[str, None]] = {}
    for source in sources(entries):
        merged.setdefault(source.source, {}).update(dict.fromkeys(source.mirrors))
    return [MirrorSource(source=source, mirrors=list(mirrors)) for source, mirrors in merged.items()]
