"""PEM blocks, found and refused as Go's reader does: the installer wants nothing but certificates to the very end."""

import base64
import binascii
import re
from functools import lru_cache
from typing import NamedTuple

_BEGIN = re.compile(r"(?:\A|(?<=\n))-----BEGIN ([^\n]*?)-----[ \t\r]*\n")
_END = re.compile(r"(?<=\n)-----END ([^\n]*?)-----[ \t\r]*(?:\n|\Z)")
_HEADERS = re.compile(r"\A(?:[^\n:]*:[^\n]*\n)*")


class Block(NamedTuple):
    """One PEM block: its type ("CERTIFICATE"), its bytes, and the text from its first line through its last."""

    type: str
    data: bytes
    text: str


def next_block(text: str) -> tuple[Block | None, str]:
    """The next decodable block and what follows its last line; None where there is none left."""
    at, end = 0, None
    while begin := _BEGIN.search(text, at):
        at = begin.end()
        if end is None or end.start() < at:
            end = _END.search(text, at)
        if end is None:
            break
        whole = end[1] == begin[1] and text.find("\n-----BEGIN ", at - 1, end.start()) < 0
        data = _decoded(text[at : end.start()]) if whole else None
        if data is not None:
            return Block(begin[1], data, text[begin.start() : end.end()].rstrip() + "\n"), text[end.end() :]
    return None, text


def _decoded(body: str) -> bytes | None:
    try:
        return base64.b64decode("".join(_HEADERS.sub("", body, count=1).split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


@lru_cache(maxsize=64)
def bundle_fault(text: str) -> str:
    """Why the installer would refuse a trust bundle: "" (it takes it), "no-block", "trailing-text", "private-key" or
    "not-a-certificate"."""
    from cryptography import x509

    rest, taken = text, 0
    while True:
        block, rest = next_block(rest)
        if block is None:
            return "trailing-text" if taken else "no-block"
        try:
            x509.load_der_x509_certificate(block.data)
        except ValueError:
            return "private-key" if "PRIVATE KEY" in block.type else "not-a-certificate"
        taken += 1
        if not rest:
            return ""
