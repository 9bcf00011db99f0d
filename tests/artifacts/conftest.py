"""A plan, a mirror's directory with a stand-in for the tools, and where the session keeps artifacts.

The stand-in says what the real openshift-install 4.15.0 was recorded to say.
"""

import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tui.artifacts import find
from tui.artifacts.model import Found
from tui.plan.model import Boot, Plan, Topology

DATA = Path(__file__).parent.parent / "data" / "installer"
IMAGES = {
    "iso": "rhcos-4.15.0-x86_64-live.x86_64.iso",
    "kernel": "rhcos-4.15.0-x86_64-live-kernel-x86_64",
    "initramfs": "rhcos-4.15.0-x86_64-live-initramfs.x86_64.img",
    "rootfs": "rhcos-4.15.0-x86_64-live-rootfs.x86_64.img",
}

SCRIPT = """#!{python}
import sys
if sys.argv[1:3] == ["version", "--client"]:
    print("Client Version: {client}")
elif sys.argv[1:] == ["version"]:
    sys.stdout.write({version!r})
elif sys.argv[1:] == ["coreos", "print-stream-json"]:
    sys.stdout.write({stream!r})
else:
    sys.exit("level=fatal msg=unknown command")
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def archive(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755
            tar.addfile(member, io.BytesIO(data))


def image(kind: str, build: str) -> bytes:
    """A small file with an ISO's label where an ISO has it."""
    data = bytearray(f"{kind} of {build}".encode().ljust(40_000, b"\0"))
    data[32769:32774] = b"CD001"
    data[32808:32840] = f"rhcos-{build}".encode()[:32].ljust(32)
    return bytes(data)


class Mirror:
    """A directory as mirror.openshift.com has them, for one version."""

    def __init__(self, path: Path, stream: dict[str, Any]) -> None:
        self.path = path
        self.stream = stream
        self.build = stream["architectures"]["x86_64"]["artifacts"]["metal"]["release"]

    def image(self, kind: str, build: str = "", name: str = "") -> Path:
        """Writes one; of the installer's own build it gets its checksum into the stream."""
        path = self.path / (name or IMAGES[kind])
        path.write_bytes(image(kind, build or self.build))
        if not build:
            formats = self.stream["architectures"]["x86_64"]["artifacts"]["metal"]["formats"]
            place = formats["iso"]["disk"] if kind == "iso" else formats["pxe"][kind]
            place["sha256"] = digest(path)
        return path

    def tools(self, version: str = "4.15.0", client: str = "4.15.0") -> None:
        said = (DATA / "4.15/version.txt").read_text().replace("4.15.0", version)
        script = SCRIPT.format(python=sys.executable, client=client, version=said, stream=json.dumps(self.stream))
        archive(
            self.path / "openshift-install-linux-4.15.0.tar.gz",
            {"README.md": b"", "openshift-install": script.encode()},
        )
        archive(self.path / "openshift-client-linux-4.15.0.tar.gz", {"oc": script.encode(), "kubectl": b""})

    def sums(self, **wrong: str) -> None:
        names = sorted(path.name for path in self.path.iterdir() if path.name != "sha256sum.txt")
        lines = [f"{wrong.get(name.partition('-')[0], digest(self.path / name))}  {name}\n" for name in names]
        (self.path / "sha256sum.txt").write_text("".join(lines))


@pytest.fixture
def plan() -> Plan:
    return Plan(topology=Topology(version="4.15.0"), boot=Boot(method="iso"))


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """The session's own directory."""
    (tmp_path / "artifacts").mkdir()
    return tmp_path / "artifacts"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """A whole and right one."""
    (tmp_path / "mirror").mkdir()
    made = Mirror(tmp_path / "mirror", json.loads((DATA / "4.15/stream.json").read_text()))
    for kind in IMAGES:
        made.image(kind)
    made.tools()
    made.sums()
    return made


@pytest.fixture
def evil() -> Callable[[Path, dict[str, bytes]], None]:
    """Writes an archive with any member names."""
    return archive


@pytest.fixture
def look(plan: Plan, mirror: Mirror, artifacts: Path) -> Callable[..., Awaitable[dict[str, Found]]]:
    """Finds in that mirror; keywords change the plan's boot section."""

    async def found(**boot: Any) -> dict[str, Found]:
        changed = replace(plan, boot=replace(plan.boot, **boot))
        return {one.kind: one for one in await find(changed, [str(mirror.path)], artifacts)}

    return found
