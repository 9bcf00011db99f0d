"""What the mirror registry holds: a release image, the images it names, and a catalogue. Labelled, and tiny."""

import hashlib
import io
import json
import tarfile

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


def _tar(files: dict[str, bytes]) -> bytes:
    """An uncompressed layer: the same bytes, and so the same digest, wherever it is made."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as layer:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            layer.addfile(member, io.BytesIO(content))
    return data.getvalue()


def _image(name: str, files: dict[str, bytes]) -> tuple[Blob, list[Blob]]:
    labels = {"io.openshift.release": VERSION, "io.ocp-tui.rehearsal": f"{name}: a stand-in of the rehearsal lab"}
    config = {"architecture": "amd64", "os": "linux", "config": {"Labels": labels}, "rootfs": {"type": "layers"}}
    parts = [
        _blob(json.dumps(config).encode(), "application/vnd.docker.container.image.v1+json"),
        _blob(_tar(files), "application/vnd.docker.image.rootfs.diff.tar"),
    ]
    described = [{"mediaType": part.media_type, "size": len(part.data), "digest": part.digest} for part in parts]
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": described[0], "layers": described[1:]}
    return _blob(json.dumps(manifest, indent=3).encode(), MANIFEST_TYPE), parts


_OTHERS = {name: _image(name, {"etc/rehearsal-lab": name.encode()}) for name in COMPONENTS}


def component(name: str) -> str:
    """A component's image as a release names it: by digest."""
    return f"{SOURCES[1]}@{_OTHERS[name][0].digest}"


def _listing() -> bytes:
    """What the release image says of its components."""
    tags = [{"name": name, "from": {"kind": "DockerImage", "name": component(name)}} for name in COMPONENTS]
    stream = {"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": VERSION}}
    return json.dumps(stream | {"spec": {"lookupPolicy": {"local": False}, "tags": tags}}).encode()


RELEASE, _RELEASE_PARTS = _image(f"openshift-release {VERSION}", {"release-manifests/image-references": _listing()})
RELEASE_IMAGE = f"{SOURCES[0]}@{RELEASE.digest}"

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
