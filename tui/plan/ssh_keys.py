"""SSH public keys, taken and refused as Go's authorized_keys reader does."""

import base64
import binascii
import re
from typing import NamedTuple

_ECDSA = {
    # name: field size in bytes, prime, b (RFC 5480 curves: y² = x³ - 3x + b)
    "nistp256": (
        32,
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "nistp384": (
        48,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "nistp521": (
        66,
        2**521 - 1,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    ),
}
_BLANK = re.compile(r"[ \t]+")


class _Malformed(ValueError):
    pass


class AuthorizedKey(NamedTuple):
    """One usable line: the algorithm of its key, the line's number from 1, and the key itself as base64."""

    algorithm: str
    line: int
    blob: str


def first_key(text: str) -> AuthorizedKey | None:
    """The first line that Go's reader takes as a public key, as the installer looks for it; None: "no key found"."""
    return next((key for key in (read_line(line, n) for n, line in enumerate(text.split("\n"), 1)) if key), None)


def read_line(line: str, number: int = 1) -> AuthorizedKey | None:
    """The public key of one line, with or without its type and options; None where there is none."""
    content = line.partition("\r")[0].strip()
    if "AAAA" not in content or content.startswith("#"):  # every key begins with a length below 2**8
        return None
    for rest in (content, _after_options(content)):
        words = _BLANK.split(rest, maxsplit=2)
        if len(words) < 2:
            return None
        try:
            algorithm = key_algorithm(base64.b64decode(words[1].encode(), validate=True))
        except (binascii.Error, UnicodeEncodeError, _Malformed):
            continue
        return AuthorizedKey(algorithm, number, words[1])
    return None


def _after_options(content: str) -> str:
    quoted = False
    for index, letter in enumerate(content):
        if letter == '"' and (index == 0 or content[index - 1] != "\\"):
            quoted = not quoted
        elif letter in " \t" and not quoted:
            return content[index:].lstrip(" \t")
    return ""


def key_algorithm(blob: bytes) -> str:
    """The algorithm of a key in SSH wire form. Raises ValueError where its numbers do not make a key."""
    name, rest = _text(blob)
    algorithm = name.decode("ascii", "replace")
    if algorithm.endswith("-cert-v01@openssh.com"):
        return algorithm
    if algorithm == "ssh-rsa":
        rest = _rsa(rest)
    elif algorithm == "ssh-dss":
        rest = _dsa(rest)
    elif algorithm in {"ssh-ed25519", "sk-ssh-ed25519@openssh.com"}:
        point, rest = _text(rest)
        if len(point) != 32:
            raise _Malformed
    elif algorithm.removeprefix("sk-").startswith("ecdsa-sha2-"):
        rest = _ecdsa(algorithm, rest)
    else:
        raise _Malformed
    if algorithm.startswith("sk-"):
        _, rest = _text(rest)
    if rest:
        raise _Malformed
    return algorithm


def _text(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 or len(data) < 4 + size:
        raise _Malformed
    return data[4 : 4 + size], data[4 + size :]


def _number(data: bytes) -> tuple[int, bytes]:
    raw, rest = _text(data)
    return int.from_bytes(raw, "big", signed=True), rest


def _rsa(data: bytes) -> bytes:
    exponent, data = _number(data)
    _, data = _number(data)
    if exponent.bit_length() > 24 or exponent < 3 or exponent % 2 == 0:
        raise _Malformed
    return data


def _dsa(data: bytes) -> bytes:
    prime, data = _number(data)
    if prime.bit_length() != 1024:
        raise _Malformed
    for _ in range(3):
        _, data = _number(data)
    return data


def _ecdsa(algorithm: str, data: bytes) -> bytes:
    curve, data = _text(data)
    point, data = _text(data)
    name = curve.decode("ascii", "replace")
    if name not in _ECDSA or (algorithm.startswith("sk-") and name != "nistp256"):
        raise _Malformed
    size, prime, b = _ECDSA[name]
    x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
    on_curve = max(x, y) < prime and (y * y - x**3 + 3 * x - b) % prime == 0
    if len(point) != 1 + 2 * size or point[0] != 4 or not on_curve:
        raise _Malformed
    return data
