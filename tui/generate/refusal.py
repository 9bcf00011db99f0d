"""What openshift-install says when it refuses, made fit to be shown: a validation error of its prints whole values,
the pull secret among them.
"""

import base64
import json
import re
from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct

from tui.lines import received
from tui.secrets import MARK, Redactor
from tui.text import say

LONGEST_VALUE = 80
_KINDS = "Invalid value|Unsupported value|Required value|Forbidden|Duplicate value|Too many|Not found|Internal error"
_FIELD = re.compile(rf"(?:^|[\s\[=])(?P<path>[A-Za-z][\w.\[\]-]*): (?P<kind>{_KINDS})")
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)')
_OPENING = re.compile(r': (\\*")')
_LEVEL = re.compile(r'(?:^|\s)level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"$|.*)')
_SECRET_FIELDS = ("pullSecret", "proxy.", "platform.")


class Refusal(Struct, frozen=True, kw_only=True):
    """One thing that openshift-install objects to: `path` in install-config.yaml ("" none), its own words, redacted."""

    path: str
    message: str


class InstallerFailed(Exception):
    """openshift-install did not do its work: `reasons` are its words without secrets, `code` its exit code."""

    def __init__(self, what: str, code: int | None = None, reasons: list[Refusal] | None = None) -> None:
        details = "".join(
            f"\n  {reason.path + ': ' if reason.path else ''}{reason.message}" for reason in reasons or []
        )
        super().__init__(what + details)
        self.what = what
        self.code = code
        self.reasons = reasons or []


class Scrubber:
    """Takes the secrets of one run out of openshift-install's output, however it quotes them."""

    def __init__(self, *secrets: str) -> None:
        texts = [text for secret in secrets for text in _texts(secret)]
        self._redact = Redactor(form for text in texts for form in (text, _quoted(text), _quoted(_quoted(text))))

    def __call__(self, line: str | bytes) -> str:
        """One line of output that can be shown and stored."""
        text = received(line)
        for field, end in reversed(_fields(text)):
            text = text[: field.end()] + _value_cut(field["path"], text[field.end() : end]) + text[end:]
        return self._redact(text)


def _fields(text: str) -> list[tuple[re.Match[str], int]]:
    """Each field that an error names, and where what is said of it ends."""
    found = list(_FIELD.finditer(text))
    return [(field, after.start()) for field, after in pairwise(found)] + [(field, len(text)) for field in found[-1:]]


def _value_cut(path: str, rest: str) -> str:
    """What is said of a field without the value it is about: a secret's whole, another's beginning is left."""
    opening = _OPENING.match(rest)
    if opening is None or rest[opening.end() :].startswith(opening[1]):
        return rest
    if path.startswith(_SECRET_FIELDS):
        # Up to the last quote that could end it: a value that was cut on its way here may seem to end earlier.
        ends = [found.start() for found in re.finditer(rf"(?<!\\){re.escape(opening[1])}: ", rest[2:])]
        reason = rest[2 + ends[-1] + len(opening[1]) :] if ends else ""
        return f": {opening[1]}{MARK}{opening[1]}{reason}"
    match = _VALUE.match(rest, 2)
    if match is None or match.end() - 2 <= LONGEST_VALUE:
        return rest
    return rest[: 2 + LONGEST_VALUE // 2] + '…"' + rest[match.end() :]


def _texts(secret: str) -> Iterable[str]:
    """A secret, each line of it and what follows its colon, and a pull secret's credentials, encoded and plain."""
    yield secret.strip()
    for line in secret.splitlines():
        yield line.strip()
        yield line.strip().partition(":")[2]
    try:
        auths = json.loads(secret)["auths"].values()
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    for entry in auths:
        encoded = entry.get("auth") if isinstance(entry, dict) else None
        if not isinstance(encoded, str):
            continue
        yield encoded
        try:
            plain = base64.b64decode(encoded).decode()
        except ValueError:
            continue
        yield plain
        yield plain.partition(":")[2]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def level_of(line: str) -> tuple[str, str]:
    """The level and the message of one line of openshift-install's; "" for a line of another make."""
    match = _LEVEL.search(line)
    if match is None:
        return "", line
    text = match["text"]
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('\\"', '"')
    return match["level"], text


def reasons(lines: Iterable[str]) -> list[Refusal]:
    """What the error lines object to, one for each field; the innermost words of an error that names no field."""
    found: list[Refusal] = []
    for line in lines:
        level, text = level_of(line)
        if level not in {"error", "fatal"}:
            continue
        fields = _fields(text)
        for field, end in fields:
            words = text[field.start("kind") : end]
            found.append(Refusal(path=field["path"], message=words.rstrip("[ ,").removesuffix("]").rstrip()))
        if not fields:
            found.append(Refusal(path="", message=_innermost(text)))
    return found


_WRAPPING = re.compile(r'^(?:failed to (?:fetch|load|create|generate)[^:]*|invalid "install-config.yaml" file): ')


def _innermost(text: str) -> str:
    while match := _WRAPPING.match(text):
        text = text[match.end() :]
    return text or say("no reason given")
