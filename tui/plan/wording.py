"""What of a file may be repeated in a message. A pasted secret can stand anywhere, so only what looks harmless is."""

import difflib
import re
from collections.abc import Iterable

from tui.text import say

_KEY = re.compile(r"[A-Za-z][a-z]{0,20}(([_-][a-z]{1,20})|([A-Z][a-z]{1,20})){0,5}([A-Z]{1,5})?[0-9]?", re.ASCII)
_INDEX = re.compile(r"\[[0-9]+\]", re.ASCII)
_HOST = re.compile(r"(localhost|[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40})+)(:[0-9]{1,5})?(/[a-z0-9._/-]{1,60})?", re.ASCII)


def key_shown(key: str) -> str:
    """A key where it reads like one, else "…"."""
    return key if not key or (len(key) <= 40 and _KEY.fullmatch(key)) else "…"


def path_shown(path: str) -> str:
    """A path whose keys come from the file itself, with those hidden that do not read like keys."""
    return ".".join(
        key_shown(key) + "".join(_INDEX.findall(step)) for step in path.split(".") for key in [_INDEX.sub("", step)]
    )


def looks_like_host(text: str) -> bool:
    """Whether a text is a host name in lower case with a dot in it, perhaps with port and path: no password is."""
    return _HOST.fullmatch(text) is not None


def did_you_mean(key: str, known: Iterable[str]) -> str:
    """A suggestion where a known key is close, else ""."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(key.casefold()[:60], folded, n=1, cutoff=0.7)
    return say("Did you mean {name}?", name=folded[close[0]]) if close else ""
