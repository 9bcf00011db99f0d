"""Ignition files looked over: are these of one generation, for this cluster, and whole?"""

import base64
import binascii
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from tui.text import say

ROOT_CA = "/opt/openshift/tls/root-ca.crt"
BOOTSTRAP, SINGLE_NODE = "bootstrap.ign", "bootstrap-in-place-for-live-iso.ign"


class IgnitionUnreadable(ValueError):
    """A file that is no Ignition config. Its text says which and why, never what is in it."""


def read(path: Path) -> dict[str, Any]:
    """The config in a file. Raises IgnitionUnreadable, or OSError."""
    try:
        document = json.loads(path.read_bytes())
        version = document["ignition"]["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise IgnitionUnreadable(say("{name} is not an Ignition config.", name=path.name)) from error
    if not str(version).startswith("3."):
        raise IgnitionUnreadable(
            say("{name} is of Ignition {version}, not of 3.x.", name=path.name, version=str(version)[:20])
        )
    config: dict[str, Any] = document
    return config


def files(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and contents (still encoded) of each file that the config writes."""
    storage = config.get("storage")
    entries = storage.get("files") if isinstance(storage, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("contents"), dict):
            yield str(entry.get("path", "")), entry["contents"]


def content(resource: dict[str, Any]) -> bytes:
    """What a data URL of the config holds. Raises ValueError for one that is none or is damaged."""
    head, comma, data = str(resource.get("source", "")).partition(",")
    if not head.startswith("data:") or not comma:
        raise ValueError(say("no data URL"))
    try:
        raw = base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
        return gzip.decompress(raw) if resource.get("compression") == "gzip" else raw
    except (binascii.Error, OSError, EOFError) as error:
        raise ValueError(say("a damaged data URL")) from error


def wrongs(directory: Path, cluster_domain: str, pool_files: dict[str, str]) -> list[str]:
    """What is wrong with the pointer files of one directory, in sentences; `pool_files` is file name to pool name.

    Each has to send its node to this cluster's machine config server and to trust the authority that was made with
    the bootstrap's file: files of two generations do not work together.
    """
    source = next((directory / name for name in (BOOTSTRAP, SINGLE_NODE) if (directory / name).exists()), None)
    if source is None:
        return [say("there is no {name}", name=BOOTSTRAP)]
    authority = _root_ca(read(source))
    found = []
    if authority is None:
        found.append(say("{name} holds no root CA", name=source.name))
    for name, pool in pool_files.items():
        if not (directory / name).exists():
            continue
        try:
            found.extend(_pointer_wrongs(name, read(directory / name), pool, cluster_domain, authority))
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise IgnitionUnreadable(say("{name} is not shaped as a pointer config.", name=name)) from error
    return found


def _root_ca(config: dict[str, Any]) -> bytes | None:
    for path, resource in files(config):
        if path == ROOT_CA:
            return content(resource).strip()
    return None


def _pointer_wrongs(
    name: str, config: dict[str, Any], pool: str, cluster_domain: str, authority: bytes | None
) -> Iterator[str]:
    merged = config["ignition"].get("config", {}).get("merge", [])
    url = urlsplit(str(merged[0].get("source", "")) if merged else "")
    host = f"api-int.{cluster_domain}"
    if (url.scheme, url.hostname, url.port, url.path) != ("https", host, 22623, f"/config/{pool}"):
        yield say(
            "{name} does not send its node to https://{host}:22623/config/{pool}", name=name, host=host, pool=pool
        )
    trusted = config["ignition"].get("security", {}).get("tls", {}).get("certificateAuthorities", [])
    if authority is not None and authority not in {content(one).strip() for one in trusted}:
        yield say("{name} does not trust the root CA in the bootstrap's file: they are of two generations", name=name)
