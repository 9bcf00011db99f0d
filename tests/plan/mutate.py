"""Files gone wrong in every way that files go wrong, from a seed: the same seed makes the same file."""

import random
from collections.abc import Callable

Mutation = Callable[[random.Random, bytes], bytes]


def _at(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def truncated(chance: random.Random, data: bytes) -> bytes:
    return data[: _at(chance, data)]


def beheaded(chance: random.Random, data: bytes) -> bytes:
    return data[_at(chance, data) :]


def flipped(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def binary(chance: random.Random, data: bytes) -> bytes:
    at = _at(chance, data)
    return data[:at] + chance.randbytes(chance.randint(1, 2000)) + data[at:]


def with_nuls(chance: random.Random, data: bytes) -> bytes:
    at = _at(chance, data)
    return data[:at] + b"\0" * chance.randint(1, 50) + data[at:]


def crlf(_: random.Random, data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def tabbed(chance: random.Random, data: bytes) -> bytes:
    return data.replace(b"  ", b"\t", chance.randint(1, 9))


def outdented(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 5)):
        index = chance.randrange(len(lines))
        lines[index] = chance.choice([lines[index].lstrip(), b"  " + lines[index]])
    return b"\n".join(lines)


def duplicated(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    first = chance.randrange(len(lines))
    return b"\n".join([*lines, *lines[first : first + chance.randint(1, 30)]])


def shuffled(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def unquoted(chance: random.Random, data: bytes) -> bytes:
    return data.replace(chance.choice([b"'", b'"', b":", b"- ", b"|", b"\n"]), b"", chance.randint(1, 6))


def requoted(chance: random.Random, data: bytes) -> bytes:
    mark = chance.choice(
        [b"'", b'"', b"{", b"[", b"}", b"&a ", b"*a", b"!x ", b"? ", b"%", b"|\n", b"<<: ", b"- ", b": "]
    )
    at = _at(chance, data)
    return data[:at] + mark + data[at:]


def encoded(chance: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(["utf-16", "utf-32", "utf-16-be", "cp1252", "utf-7", "utf-8-sig"]), "replace")


def nested(chance: random.Random, data: bytes) -> bytes:
    mark, count = chance.choice([b"[", b"{a: ", b"- ", b"? "]), chance.choice([50, 99, 150, 5000, 200_000])
    return data + b"\nx: " + mark * count


def laughing(chance: random.Random, data: bytes) -> bytes:
    wide = chance.randint(5, 12)
    levels = [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * wide)}]".encode()
        for level in range(1, chance.randint(5, 20))
    ]
    return data + b"\n" + b"\n".join([b"a0: &a0 [x, x]", *levels])


def huge(chance: random.Random, data: bytes) -> bytes:
    filler = chance.choice([b"#", b"- a\n", b"k: v\n", b"\n", b"'", b" ", b"a"])
    size = chance.choice([1_000_000, 4_000_000, 50_000_000])
    return data + b"\n" + filler * (size // len(filler))


def retyped(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    index = chance.randrange(len(lines))
    key, colon, _ = lines[index].partition(b":")
    values = [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"yes",
        b"12",
        b"1e99",
        b"-1",
        b"[[]]",
        b"{a: b}",
        b"0x7fffffffffffffff",
        b".nan",
        b"~",
    ]
    lines[index] = key + colon + b" " + chance.choice(values)
    return b"\n".join(lines)


COMMON: list[Mutation] = [
    truncated, beheaded, flipped, binary, with_nuls, crlf, tabbed, outdented, duplicated, shuffled, unquoted, requoted,
    encoded, retyped,
]  # fmt: skip
RARE: list[Mutation] = [nested, laughing, huge]


def mutated(seed: int, originals: list[bytes]) -> bytes:
    """One original, changed once to three times; one in forty also grows out of all bounds."""
    chance = random.Random(seed)
    data = chance.choice(originals)
    for mutation in chance.choices(COMMON, k=chance.randint(1, 3)):
        data = mutation(chance, data)
    return chance.choice(RARE)(chance, data) if seed % 40 == 0 else data
