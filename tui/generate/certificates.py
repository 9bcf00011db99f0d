"""The clock that ticks: when the bootstrap's 24-hour certificates were made and end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.generate import ignition
from tui.generate.model import Clock

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

DAY = 24 * 3600 * 1_000_000
STATE = ".openshift_install_state.json"
_TLS = "/opt/openshift/tls/"


def clock(directory: Path) -> Clock | None:
    """When the certificates in this installation directory end; None where there is nothing to read.

    Read off the bootstrap's Ignition file; where that cannot be read, its time of writing plus 24 hours, marked as
    estimated. A pointer file says nothing: it holds only the ten-year root CA.
    """
    for name in (ignition.BOOTSTRAP, ignition.SINGLE_NODE):
        path = directory / name
        if path.exists():
            return _of_ignition(path) or _estimated(path)
    state = directory / STATE
    return _of_state(state) if state.exists() else None


def _of_ignition(path: Path) -> Clock | None:
    try:
        config = ignition.read(path)
        return _shortest(
            (
                (name, ignition.content(resource))
                for name, resource in ignition.files(config)
                if name.startswith(_TLS) and name.endswith(".crt")
            ),
            path.name,
        )
    except (ValueError, OSError):
        return None


def _of_state(path: Path) -> Clock | None:
    """openshift-install's own state holds the same certificates, before any Ignition file is written."""
    try:
        return _shortest(_state_certificates(json.loads(path.read_bytes())), path.name)
    except (ValueError, OSError):
        return None


def _state_certificates(document: object) -> Iterator[tuple[str, bytes]]:
    import base64

    assets: dict[str, Any] = document if isinstance(document, dict) else {}
    for name, asset in assets.items():
        encoded = asset.get("CertRaw") if isinstance(asset, dict) else None
        if isinstance(encoded, str):
            yield name, base64.b64decode(encoded)


def _estimated(path: Path) -> Clock | None:
    written = path.stat().st_mtime_ns // 1000
    return Clock(created=written, expires=written + DAY, estimated=True, source=path.name)


def _shortest(found: Iterator[tuple[str, bytes]], source: str) -> Clock | None:
    """The certificate that ends first decides."""
    best: tuple[int, int, str] | None = None
    for name, data in found:
        for certificate in _certificates(data):
            ends = int(certificate.not_valid_after_utc.timestamp() * 1_000_000)
            begins = int(certificate.not_valid_before_utc.timestamp() * 1_000_000)
            if best is None or ends < best[0]:
                best = ends, begins, name.rpartition("/")[2]
    if best is None:
        return None
    return Clock(created=best[1], expires=best[0], source=source, name=best[2])


def _certificates(data: bytes) -> "list[Certificate]":
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        return []
