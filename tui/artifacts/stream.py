"""What openshift-install knows by heart: its version, its release image, and the RHCOS build that fits."""

import json
from typing import Any

from msgspec import Struct

from tui.artifacts.model import Kind
from tui.plan.model import Architecture


class Image(Struct, frozen=True, kw_only=True):
    """One RHCOS file as the installer names it: build id, checksum, and where it is published."""

    kind: Kind
    build: str
    sha256: str
    location: str


class Identity(Struct, frozen=True, kw_only=True):
    """What `openshift-install version` prints; "" for a line that this version does not print."""

    version: str
    release_image: str
    architecture: str


def identity(printed: str) -> Identity:
    """Reads `openshift-install version`. The first line ends in the version, whatever the program is called."""
    lines = printed.splitlines()
    first = lines[0].split() if lines else []
    return Identity(
        version=first[-1] if first else "",
        release_image=_after(lines, "release image "),
        architecture=_after(lines, "release architecture "),
    )


def _after(lines: list[str], start: str) -> str:
    return next((line.removeprefix(start).strip() for line in lines if line.startswith(start)), "")


def client_version(printed: str) -> str:
    """Reads `oc version --client`."""
    return _after(printed.splitlines(), "Client Version: ")


def images(printed: str, architecture: Architecture) -> dict[Kind, Image]:
    """Reads `openshift-install coreos print-stream-json` for one architecture; empty where it does not say."""
    try:
        metal = json.loads(printed)["architectures"][architecture]["artifacts"]["metal"]
        formats, build = metal["formats"], str(metal["release"])
        places: dict[Kind, dict[str, Any]] = {"iso": formats["iso"]["disk"], **formats["pxe"]}
    except (ValueError, KeyError, TypeError):
        return {}
    return {
        kind: Image(kind=kind, build=build, sha256=str(place["sha256"]), location=str(place["location"]))
        for kind, place in places.items()
        if "sha256" in place and "location" in place
    }
