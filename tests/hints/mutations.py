"""One recorded line in the many dresses in which the same failure comes from other sites.

`mutations(line, rounds)` gives (name of the change, text) pairs; the same line gives the same texts in every run.
The changes keep the failure: prefixes of other journals, casing, colours, cut ends, doubling, wrapping, quoting, the
escapes, entities and typography that copying brings, the same program's older and newer words, names and addresses that
a reporter masked, and, with `either`, a time-out where the connection was refused.
"""

import html
import json
import random
import re
from collections.abc import Callable, Iterator

from tui.lines import received

Change = Callable[[str, random.Random], str]

_JOURNAL = re.compile(
    r"^[A-Z]\S{2} +\d+ [\d:]{8} (?:\S+ )?(?=[\w.-]+(?:\[\d+\])?: )|^\d{4}-\d\d-\d\dT\S+ \S+ (?=[\w.-]+\[)"
)
_IDENTIFIER = re.compile(r"^[\w.-]+\[\d+\]: ")
_CONSOLE = re.compile(r"^\[ *\d+\.\d+\] ")
_LEVEL = re.compile(r'^(?:time="?\S+"? )?level=\w+ msg="?')
_ADDRESS = re.compile(r"\b(?!127\.0\.0\.1|172\.30\.)\d{1,3}(?:\.\d{1,3}){3}\b")
_NAME = re.compile(
    r"\b(?!quay\.io|localhost|[\w.-]*\.(?:go|sh|service|io|yaml|json|svc|conf|ign|img|mount|crt|pid)\b)"
    r"(?:[a-z][a-z0-9-]*\.){2,}[a-z]{2,}\b"
)
_KEPT_LABEL = re.compile(r"^(?:api|api-int|apps|oauth-openshift\.apps|canary-openshift-ingress-canary\.apps)\.")
_DIGEST = re.compile(r"sha256:[0-9a-f]{12,64}")

OTHER_WORDS = (
    ("error pinging docker registry", "pinging container registry"),
    ("pinging container registry", "error pinging docker registry"),
    ("Error initializing source", "initializing source"),
    ("initializing source", "Error initializing source"),
    ("Error reading manifest", "reading manifest"),
    ("unable to pull image: ", ""),
    ("Error: error pulling image", "Error: unable to pull"),
    (": x509: certificate", ": tls: failed to verify certificate: x509: certificate"),
    ("tls: failed to verify certificate: x509", "x509"),
    ("No CNI configuration", "no CNI configuration"),
    ("kubenswrapper", "hyperkube"),
    ("hyperkube", "kubenswrapper"),
    ("Failed to", "failed to"),
    ('Get "https://', "Get https://"),
    ("release-image-download.sh", "node-image-pull.sh"),
    ("Still waiting for the Kubernetes API", "API not up yet"),
)


def mutations(line: str, rounds: int = 3, *, either: bool = False) -> Iterator[tuple[str, str]]:
    """(name, text) for each change, each made `rounds` times with other random choices and put in another dress."""
    changes = {**_CHANGES, **({"time-out": _timed_out} if either else {})}
    for name, change in changes.items():
        for number in range(rounds):
            chance = random.Random(f"{name} {number} {line}")
            changed = change(line, chance)
            if number and name not in _ALREADY_DRESSED:
                changed = _dress(changed, chance)
            yield name, received(changed)


def message(line: str) -> str:
    """The line without what its journal, console or installer put before it."""
    for prefix in (_JOURNAL, _IDENTIFIER, _CONSOLE, _LEVEL):
        line = prefix.sub("", line, count=1)
    return line


def _dress(line: str, chance: random.Random) -> str:
    bare = message(line)
    pid = chance.randrange(200, 99999)
    quoted = bare.replace("\\", "\\\\").replace('"', '\\"')
    return chance.choice(
        [
            bare,
            f"Jun  3 04:{chance.randrange(10, 60)}:07 node-{chance.randrange(9)} some.sh[{pid}]: {bare}",
            f"Mär 26 07:23:56 knoten1 programm[{pid}]: {bare}",
            f"2024-11-0{chance.randrange(1, 9)}T08:15:{chance.randrange(10, 60)}+0000 host0 prog[{pid}]: {bare}",
            f"2023-03-01T12:00:00.123456789Z {bare}",
            f"[  {chance.randrange(10, 99)}.{pid:05}] prog[{pid}] : {bare}",
            f"E0705 14:23:02.821260   {pid} some_file.go:{chance.randrange(20, 900)}] {bare}",
            f'time="2022-02-26T11:05:45-05:00" level=error msg="{quoted}"',
            f"level=error msg={bare}",
            json.dumps({"level": "warn", "ts": "2024-01-31T16:54:41.675Z", "caller": "a/b.go:93", "msg": bare}),
            json.dumps({"MESSAGE": bare, "PRIORITY": "3", "_PID": str(pid)}),
            f"cluster-bootstrap[{pid}]: {bare}",
            f"podman[{pid}]: 2024-05-01 {bare}",
            f"> {bare}",
            f"    | {bare} |",
            f"ERROR {bare}",
            f"FATAL {bare}",
            f"- `{bare}`",
        ]
    )


def _cut_head(line: str, chance: random.Random) -> str:
    bare = message(line)
    return bare[chance.randrange(0, max(1, min(8, len(bare) // 12))) :]


def _cut_tail(line: str, chance: random.Random) -> str:
    return line[: len(line) - chance.randrange(1, max(2, min(5, len(line) // 20)))]


def _wrap(line: str, chance: random.Random) -> str:
    width = chance.choice([72, 80, 100, 132])
    if chance.random() < 0.5:
        return "\n".join(line[start : start + width] for start in range(0, len(line), width))
    lines: list[str] = []
    row = ""
    for word in line.split(" "):
        if row and len(row) + len(word) >= width:
            lines, row = [*lines, row], word
        else:
            row = f"{row} {word}" if row else word
    return "\n".join([*lines, row])


def _other_words(line: str, chance: random.Random) -> str:
    fitting = [pair for pair in OTHER_WORDS if pair[0] in line]
    for old, new in chance.sample(fitting, chance.randrange(len(fitting) + 1)):
        line = line.replace(old, new)
    return line


def _mask_addresses(line: str, chance: random.Random) -> str:
    mask = chance.choice(["x.x.x.x", "<redacted>", "10.0.x.x", "<IP>", "XXX.XXX.XXX.XXX", "2001:db8::15", "1.2.3.4"])
    return _ADDRESS.sub(f"[{mask}]" if "::" in mask else mask, line)


def _mask_names(line: str, chance: random.Random) -> str:
    mask = chance.choice(["<redacted>", "xxx.xxx", "REGISTRY", "my-host", "***.example.com", "node.mylab.local"])

    def masked(match: re.Match[str]) -> str:
        kept = _KEPT_LABEL.match(match[0])
        return (kept[0] if kept else "") + mask

    return _NAME.sub(masked, _DIGEST.sub("sha256:xxxxxxxx", line))


def _timed_out(line: str, chance: random.Random) -> str:
    words = chance.choice(["i/o timeout", "connect: no route to host", "connect: connection timed out"])
    return re.sub(r"(?:connect: |read: )?connection refused", words, line)


def _colour(line: str, chance: random.Random) -> str:
    words = line.split(" ")
    place = chance.randrange(len(words))
    words[place] = f"\x1b[0;1;3{chance.randrange(1, 8)}m{words[place]}\x1b[0m"
    return "\x1b[0;1;31m" + " ".join(words) + "\x1b[m"


def _entities(line: str, chance: random.Random) -> str:
    escaped = html.escape(line, quote=chance.random() < 0.7)
    return chance.choice([escaped, html.escape(escaped), escaped.replace(" ", "&nbsp;")])


def _typography(line: str, chance: random.Random) -> str:
    opening, closing, apostrophe = chance.choice([("“", "”", "’"), ("„", "“", "‘"), ("«", "»", "´")])
    line = re.sub(r'"([^"]*)"', rf"{opening}\1{closing}", line).replace("'", apostrophe).replace("...", "…")
    return line.replace("--", "—").replace("-", chance.choice("-‐‑–"))


def _spacing(line: str, chance: random.Random) -> str:
    space = chance.choice(["  ", "\t", "\u00a0", "\u202f", "\u2003", " \u00a0"])
    line = line.replace(" ", space)
    return line.replace(".", ".\u200b") if chance.random() < 0.3 else line


def _escapes(line: str, chance: random.Random) -> str:
    quoted = json.dumps(message(line))
    return chance.choice(
        [
            f"some words before\\n{message(line)}\\nand after",
            message(line).replace(": ", ":\\n"),
            message(line).replace(" ", "\\t"),
            quoted,
            json.dumps({"log": json.dumps({"level": "error", "msg": message(line)}), "stream": "stderr"}),
            quoted.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027"),
            "fatal: [bootstrap]: FAILED! => "
            + json.dumps({"msg": "non-zero return code", "stderr": f"a\n{message(line)}"}),
            line.replace("_", "\\_").replace("*", "\\*").replace("[", "\\[").replace("]", "\\]"),
        ]
    )


def _colour_as_text(line: str, chance: random.Random) -> str:
    begin = chance.choice(["\\x1b[", "\\u001b[", "\\033[", "\\e[", "#033[", "^[[", "["])
    words = [f"{begin}1;31m{word}{begin}0m" if chance.random() < 0.3 else word for word in line.split(" ")]
    return " ".join(words) + f"{begin}0m"


def _terminal_codes(line: str, chance: random.Random) -> str:
    code = chance.choice(["\x1b[K", "\x1b[0K", "\x1b]8;;http://host.example\x1b\\"])
    return " ".join(word + code if chance.random() < 0.3 else word for word in line.split(" "))


_CHANGES: dict[str, Change] = {
    "dress": _dress,
    "upper": lambda line, chance: line.upper() if chance.random() < 0.4 else line[:1].upper() + line[1:],
    "lower": lambda line, chance: line.lower(),
    "bare": lambda line, chance: message(line),
    "colour": _colour,
    "head": _cut_head,
    "tail": _cut_tail,
    "doubled": lambda line, chance: line + chance.choice(["", " ", "\\n"]) + line,
    "wrapped": _wrap,
    "words": _other_words,
    "addresses": _mask_addresses,
    "names": _mask_names,
    "entities": _entities,
    "typography": _typography,
    "spacing": _spacing,
    "escapes": _escapes,
    "colour as text": _colour_as_text,
    "terminal codes": _terminal_codes,
}
_ALREADY_DRESSED = {"dress", "wrapped", "colour", "escapes"}
