"""The redactor: the one place where text loses its secrets before it is stored, shown or exported."""

import re
from collections.abc import Iterable

MARK = "[redacted]"
SHORTEST = 6
"""A known secret shorter than this is not searched for: it would eat ordinary words."""

_SHAPES = [
    (
        ("PRIVATE KEY",),
        re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    ),
    (
        ("auth", "token", "password", "client-key-data"),
        re.compile(
            r"""(\\?["']?(?:(?<![\w-])(?:auth|identitytoken|registrytoken)|password|client-key-data)\\?["']?"""
            r"""\s*[:=]\s*\\?["'])[^"'\\\s]{4,}"""
        ),
    ),
    (("client-key-data",), re.compile(r"(\bclient-key-data:\s*)[A-Za-z0-9+/=]{16,}")),
    (
        ("uthorization", "AUTHORIZATION"),
        re.compile(r"(?i)(\bauthorization:?\s*[\"']?\s*(?:basic|bearer)\s+)[A-Za-z0-9+/=._~-]{6,}"),
    ),
    (
        ("kubeadmin",),
        re.compile(
            r"""(?i)(login to the console with user:\s*\\?"?kubeadmin\\?"?,? and password:?\s*\\?"?)[^\s"\\]+"""
        ),
    ),
    (("://",), re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@\"']+:)[^\s@/\"']+(?=@)")),
    (("sha256~",), re.compile(r"()\bsha256~[A-Za-z0-9_-]{20,}")),
    (("eyJ",), re.compile(r"()\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}")),
]
"""What secrets look like, each with texts of which one has to be there."""
_BY_NEEDLE = [(needle, shape) for needles, shape in _SHAPES for needle in needles]
"""Most lines have none of the texts and cost next to nothing."""


class Redactor:
    """Replaces known secret values, and whatever has a secret's shape, by `[redacted]`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text without its secrets; the same object where it had none."""
        if self._known is not None:
            text = self._known.sub(MARK, text)
        for needle, shape in _BY_NEEDLE:
            if needle in text:
                text = shape.sub(_replacement, text)
        return text


def _replacement(match: re.Match[str]) -> str:
    tail = match.group(2) if match.re.groups > 1 else ""
    return f"{match.group(1)}{MARK}{tail}"
