"""What the artifacts step finds in the lab: a labelled stand-in for openshift-install and oc, and toy RHCOS images."""

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import tui
from tui.lab import images
from tui.lab.settings import VERSION

LABEL = "STAND-IN of the ocp-tui rehearsal lab, not Red Hat's: it installs nothing."
COMMIT = "0" * 40
RHCOS = "418.94.202503061016-0"
LOCATION = "https://rhcos.mirror.openshift.com/art/storage/prod/streams/4.18-9.4/builds"
IMAGES = {
    "iso": f"rhcos-{VERSION}-x86_64-live.x86_64.iso",
    "kernel": f"rhcos-{VERSION}-x86_64-live-kernel-x86_64",
    "initramfs": f"rhcos-{VERSION}-x86_64-live-initramfs.x86_64.img",
    "rootfs": f"rhcos-{VERSION}-x86_64-live-rootfs.x86_64.img",
}
_TOY_BYTES = 2 * 1024 * 1024
_MAGIC = {"kernel": (0x202, b"HdrS"), "initramfs": (0, b"070701"), "iso": (0x8001, b"CD001")}
"""Where in a real file of this kind its format shows."""

_SCRIPT = """\
#!{python}
# {label}
import sys

sys.path.insert(0, {package!r})
from tui.lab.{module} import main

sys.exit(main({lab!r}, sys.argv))
"""


def write(directory: Path, lab: Path) -> None:
    """Makes the directory that the lab's plan names as its source of artifacts; one that is there stays."""
    if (directory / "sha256sum.txt").exists():
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for tool, module, archive in (
        ("openshift-install", "installer", f"openshift-install-linux-{VERSION}.tar.gz"),
        ("oc", "client", f"openshift-client-linux-{VERSION}.tar.gz"),
    ):
        _archive(directory / archive, tool, _script(module, lab))
    for kind, name in IMAGES.items():
        (directory / name).write_bytes(toy(kind))
    (directory / "release.txt").write_text(_release_text(), "utf-8")
    (directory / "README.txt").write_text(f"{LABEL}\nThe images in here boot nothing either.\n", "utf-8")
    names = sorted(path.name for path in directory.iterdir())
    sums = "".join(f"{hashlib.sha256((directory / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (directory / "sha256sum.txt").write_text(sums, "utf-8")


def toy(kind: str) -> bytes:
    """An image that is none: its label, the mark of its format, and zeros. The same bytes each time."""
    data = bytearray(_TOY_BYTES)
    label = f"{LABEL} A toy {kind} image.\n".encode()
    data[_TOY_BYTES - len(label) :] = label
    offset, mark = _MAGIC.get(kind, (0, b""))
    data[offset : offset + len(mark)] = mark
    return bytes(data)


def stream() -> dict[str, object]:
    """What `coreos print-stream-json` says: the toy images, with their true checksums."""

    def disk(kind: str) -> dict[str, str]:
        return {
            "location": f"{LOCATION}/{RHCOS}/x86_64/{IMAGES[kind]}",
            "sha256": hashlib.sha256(toy(kind)).hexdigest(),
        }

    formats = {"iso": {"disk": disk("iso")}, "pxe": {kind: disk(kind) for kind in ("kernel", "initramfs", "rootfs")}}
    return {
        "stream": "rhcos-4.18",
        "metadata": {"last-modified": "2025-03-06T10:16:00Z", "generator": LABEL},
        "architectures": {"x86_64": {"artifacts": {"metal": {"release": RHCOS, "formats": formats}}}},
    }


def _script(module: str, lab: Path) -> bytes:
    package = str(Path(tui.__file__).parent.parent)
    script = _SCRIPT.format(python=sys.executable, label=LABEL, package=package, module=module, lab=str(lab))
    return script.encode()


def _archive(path: Path, tool: str, script: bytes) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data, mode in ((tool, script, 0o755), ("README.md", f"{LABEL}\n".encode(), 0o644)):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))


def _release_text() -> str:
    rows = "\n".join(f"  {name:<28} {images.component(name)}" for name in sorted(images.COMPONENTS))
    return f"""\
Client tools for OpenShift
--------------------------

{LABEL}

---

Name:           {VERSION}
Digest:         {images.RELEASE.digest}
Created:        2025-03-10T10:00:00Z
OS/Arch:        linux/amd64
Manifests:      {len(images.COMPONENTS)}

Pull From: {images.RELEASE_IMAGE}

Release Metadata:
  Version:  {VERSION}
  Upgrades: <none>

Component Versions:
  kubernetes 1.31.6
  machine-os {RHCOS} Red Hat Enterprise Linux CoreOS

Images:
  NAME                         PULL SPEC
{rows}
"""


def stream_text() -> str:
    """The stream as the installer prints it."""
    return json.dumps(stream(), indent=2) + "\n"
