"""What the mirror registry holds: a release image, the images it names, and a catalogue. Labelled, and tiny."""

import hashlib
import json

from msgspec import Struct

from tui.lab.settings import VERSION

REPOSITORY = "ocp4/openshift4"
SOURCES = ("quay.io/openshift-release-dev/ocp-release", "quay.io/openshift-release-dev/ocp-v4.0-art-dev")
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
COMPONENTS = (
    "cluster-version-operator", "cluster-bootstrap", "machine-config-operator", "rhel-coreos", "hyperkube", "etcd",
    "pod", "cli", "cluster-network-operator", "multus-cni", "ovn-kubernetes", "haproxy-router", "coredns", "console",
)  # fmt: skip


class Blob(Struct, frozen=True, kw_only=True):
    """Bytes under their digest, with the media type they are served as."""

    digest: str
    media_type: str
    data: bytes


def _blob(data: bytes, media_type: str) -> Blob:
    return Blob(digest=f"sha256:{hashlib.sha256(data).hexdigest()}", media_type=media_type, data=data)


def _image(name: str) -> tuple[Blob, list[Blob]]:
    labels = {"io.openshift.release": VERSION, "io.ocp-tui.rehearsal": f"{name}: a stand-in of the rehearsal lab"}
    config = {"architecture": "amd64", "os": "linux", "config": {"Labels": labels}, "rootfs": {"type": "layers"}}
    parts = [
        _blob(json.dumps(config).encode(), "application/vnd.docker.container.image.v1+json"),
        _blob(f"{name} of the rehearsal lab\n".encode(), "application/vnd.docker.image.rootfs.diff.tar.gzip"),
    ]
    described = [{"mediaType": part.media_type, "size": len(part.data), "digest": part.digest} for part in parts]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": described[0],
        "layers": described[1:],
    }
    return _blob(json.dumps(manifest, indent=3).encode(), MANIFEST_TYPE), parts


RELEASE, _RELEASE_PARTS = _image(f"openshift-release {VERSION}")
RELEASE_IMAGE = f"{SOURCES[0]}@{RELEASE.digest}"
_OTHERS = {name: _image(name) for name in COMPONENTS}

MANIFESTS: dict[str, Blob] = {
    RELEASE.digest: RELEASE,
    f"{VERSION}-x86_64": RELEASE,
    **{manifest.digest: manifest for manifest, _ in _OTHERS.values()},
    **{f"{VERSION}-x86_64-{name}": manifest for name, (manifest, _) in _OTHERS.items()},
}
"""Manifests of the one repository by digest and by tag."""

BLOBS: dict[str, Blob] = {
    part.digest: part for parts in (_RELEASE_PARTS, *(parts for _, parts in _OTHERS.values())) for part in parts
}


def component(name: str) -> str:
    """A component's image as a release names it: by digest."""
    return f"{SOURCES[1]}@{_OTHERS[name][0].digest}"
