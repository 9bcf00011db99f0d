"""Every secret text of a session, for the redactor: what the person gave, and what openshift-install made."""

import re
from pathlib import Path

from tui.session.directory import SessionDirectory
from tui.session.secret_files import SecretFiles, parts

_KEY_DATA = re.compile(r"(?:client-key-data|token|password):\s*(\S{8,})")


def known_secrets(directory: SessionDirectory) -> set[str]:
    """The texts that must never be stored, shown or exported."""
    secrets = SecretFiles(directory.secrets).values()
    for password in directory.path.glob("install*/auth/kubeadmin-password"):
        secrets.update(parts(_content(password)))
    for kubeconfig in directory.path.glob("install*/auth/kubeconfig"):
        secrets.update(_KEY_DATA.findall(_content(kubeconfig).decode("utf-8", "ignore")))
    return secrets


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
