"""YAML files of one document or several, each read as strictly as a plan."""

import re
from typing import Any

from tui.plan.importers.found import Unreadable
from tui.plan.strict_yaml import MOST_BYTES, YamlUnreadable, read
from tui.text import say

MOST = 500
_PARTS = re.compile(rb"^---(?=\s|$)", re.MULTILINE)


def documents(data: bytes, *, one: bool = False) -> list[Any]:
    """The documents of a file. Raises Unreadable, with the line in the file."""
    if len(data) > MOST_BYTES:
        raise Unreadable(say("The file is larger than 4 MB."))
    if one:
        return [_read(data, 0)]
    starts = [0, *(match.start() for match in _PARTS.finditer(data))]
    if len(starts) > MOST:
        raise Unreadable(say("The file has more than {most} documents.", most=MOST))
    found = []
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        part = data[start:end]
        if part.strip(b"- \r\n\t"):
            found.append(_read(part, data.count(b"\n", 0, start)))
    return [document for document in found if document is not None]


def _read(data: bytes, lines_before: int) -> Any:
    try:
        return read(data)[0]
    except YamlUnreadable as error:
        raise Unreadable(error.what, (error.line or 1) + lines_before) from None
