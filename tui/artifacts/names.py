"""The names that artifacts are published under, both ways: which to look for, and what a file seems to be.

mirror.openshift.com's layout and `oc adm release extract --tools`; RHCOS names as its build and its mirror spell them.
A name proves nothing: what a file is, its content says.
"""

import re
from typing import Literal, cast

from msgspec import Struct

from tui.artifacts.model import Kind, Need
from tui.plan import versions
from tui.plan.model import Architecture, Plan

GO_NAMES: dict[Architecture, str] = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x"}
_RHCOS_NAMES = {go: name for name, go in GO_NAMES.items()}
TOOLS: dict[Kind, tuple[str, ...]] = {
    "installer": ("openshift-install", "openshift-install-fips"),
    "client": ("oc",),
}
SUMS = "sha256sum.txt"

_GO = "amd64|arm64|ppc64le|s390x"
_ARCHITECTURE = "x86_64|aarch64|ppc64le|s390x"
_VERSION = r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?"
_ARCHIVE = re.compile(
    rf"openshift-(?P<what>client|install)-(?:linux|rhel)(?:-(?P<go>{_GO}))?(?:-(?P<rhel>rhel[89]))?"
    rf"(?:-(?P<version>{_VERSION}))?\.tar\.gz"
)
_FIPS_ARCHIVE = re.compile(rf"openshift-install-rhel9-(?P<go>{_GO})(?:-(?P<version>{_VERSION}))?\.tar\.gz")
_IMAGE = re.compile(
    r"(?:rhcos|scos)-(?:(?P<version>\d[^/]*?)(?:-(?:{a}))?-)?live"
    r"(?:(?P<iso>(?:-iso)?\.(?P<a1>{a})\.iso)|-kernel[-.](?P<a2>{a})|-(?P<part>initramfs|rootfs)\.(?P<a3>{a})\.img)".replace(
        "{a}", _ARCHITECTURE
    )
)


class Guess(Struct, frozen=True, kw_only=True):
    """What a file's name says it is; "" for what the name leaves open."""

    kind: Kind
    version: str = ""
    architecture: Architecture | Literal[""] = ""
    fips: bool = False


def guess(name: str) -> Guess | None:
    """What a file of this name seems to be; None for a name that is none of ours."""
    if name in TOOLS["installer"]:
        return Guess(kind="installer", fips=name.endswith("-fips"))
    if name == "oc":
        return Guess(kind="client")
    if match := _ARCHIVE.fullmatch(name) or _FIPS_ARCHIVE.fullmatch(name):
        fields = match.groupdict()
        fips = "what" not in fields or name.startswith("openshift-install-rhel")
        return Guess(
            kind="client" if fields.get("what") == "client" else "installer",
            version=fields["version"] or "",
            architecture=_rhcos_name(fields["go"]),
            fips=fips,
        )
    if match := _IMAGE.fullmatch(name):
        kind: Kind = "iso" if match["iso"] else _part(match["part"])
        architecture = cast("Architecture", match["a1"] or match["a2"] or match["a3"])
        return Guess(kind=kind, version=match["version"] or "", architecture=architecture)
    return None


def _part(name: str | None) -> Kind:
    return "initramfs" if name == "initramfs" else "rootfs" if name == "rootfs" else "kernel"


def _rhcos_name(go: str | None) -> Architecture | Literal[""]:
    return _RHCOS_NAMES[go] if go else ""


def needed(plan: Plan, bastion: Architecture = "x86_64") -> list[Need]:
    """What this plan's installation takes from outside; `bastion` is the architecture of the machine we run on."""
    version = plan.topology.version
    needs = [_installer(plan, bastion), _client(version, bastion, plan.topology.architecture)]
    kinds: tuple[Kind, ...] = ("kernel", "initramfs", "rootfs") if plan.boot.method == "pxe" else ("iso",)
    return [*needs, *(_image(kind, version, plan.topology.architecture) for kind in kinds)]


def _installer(plan: Plan, bastion: Architecture) -> Need:
    version, go = plan.topology.version, GO_NAMES[bastion]
    if plan.generate.fips and minor(version) >= (4, 16):
        names = [
            f"openshift-install-rhel9-{go}.tar.gz",
            f"openshift-install-rhel-{version}.tar.gz",
            TOOLS["installer"][1],
        ]
    else:
        names = _tool_names("openshift-install", version, bastion, plan.topology.architecture)
    return Need(
        kind="installer",
        title="openshift-install",
        names=names,
        version=version,
        architecture=bastion,
        why="makes manifests and Ignition files; names the release image and the RHCOS that fits",
    )


def _client(version: str, bastion: Architecture, target: Architecture) -> Need:
    return Need(
        kind="client",
        title="oc",
        names=_tool_names("openshift-client", version, bastion, target),
        version=version,
        architecture=bastion,
        required=False,
        why="for the person at this bastion: ocp-tui itself does without it",
    )


def _tool_names(stem: str, version: str, bastion: Architecture, target: Architecture) -> list[str]:
    """A directory of the mirror belongs to the nodes' architecture; a bastion of another one takes the marked name."""
    marked = [f"{stem}-linux-{GO_NAMES[bastion]}-{version}.tar.gz"]
    plain = [f"{stem}-linux-{version}.tar.gz", f"{stem}-linux.tar.gz"] if bastion == target else []
    rhel = [f"{stem}-linux-{GO_NAMES[bastion]}-{one}-{version}.tar.gz" for one in ("rhel8", "rhel9")]
    tool = "oc" if stem.endswith("client") else stem
    return [*plain[:1], *marked, *rhel, *plain[1:], tool]


_TITLES = {
    "iso": "RHCOS live ISO",
    "kernel": "RHCOS live kernel",
    "initramfs": "RHCOS live initramfs",
    "rootfs": "RHCOS live root file system",
}


def _image(kind: Kind, version: str, architecture: Architecture) -> Need:
    new = minor(version) >= (4, 19)
    tail = {
        "iso": f"live-iso.{architecture}.iso" if new else f"live.{architecture}.iso",
        "kernel": f"live-kernel.{architecture}" if new else f"live-kernel-{architecture}",
        "initramfs": f"live-initramfs.{architecture}.img",
        "rootfs": f"live-rootfs.{architecture}.img",
    }[kind]
    return Need(
        kind=kind,
        title=_TITLES[kind],
        names=[f"rhcos-{version}-{architecture}-{tail}", f"rhcos-{tail}"],
        version=".".join(map(str, minor(version))) if version else "",
        architecture=architecture,
        why="what machines boot to install themselves; kernel, initramfs and root file system are of one build",
    )


def minor(version: str) -> tuple[int, int]:
    """(4, 15) for 4.15, 4.15.23 or 4.15.0-rc.1; (0, 0) where there is no version yet."""
    try:
        return versions.parse(version).line
    except versions.NotAVersion:
        return 0, 0


def same_version(has: str, wants: str) -> bool:
    """Whether a tool's version is the plan's; a plan of a whole minor version takes any of that minor."""
    return has == wants or (wants.count(".") == 1 and minor(has) == minor(wants))


def build_minor(build: str) -> tuple[int, int] | None:
    """The OpenShift minor in an RHCOS build or mirror version; None where, as from 4.19 on, the id does not tell it.

    415.92.202407091355-0 is 4.15, 47.83.… is 4.7, 4.15.23 is itself; 9.6.20260112-0 tells only RHEL's own version.
    """
    if match := re.match(r"4(\d{1,2})\.\d\d\.\d{12}-\d+", build):
        return 4, int(match[1])
    if re.match(r"\d+\.\d+\.\d{8}-\d+", build):
        return None
    found = minor(build)
    return found if found[0] in {4, 5} else None
