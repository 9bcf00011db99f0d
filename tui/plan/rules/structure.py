"""What is wrong before any meaning is judged: YAML, types, keys."""

from collections.abc import Iterator
from functools import partial

from tui.plan.rules.config import Config
from tui.plan.rules.table import Found, Rule, refusal, rule
from tui.plan.strict_yaml import Scanned
from tui.plan.wording import did_you_mean, key_shown, path_shown
from tui.text import say


def _flaws(name: str, scanned: Scanned) -> Iterator[Found]:
    for flaw in scanned.flaws:
        if flaw.id == name:
            yield Found(path_shown(flaw.path), flaw.what, place=(flaw.line, flaw.column))


_ONE = "Delete one of the two."
_SILENT = "No key is written twice; before 4.10 the installer silently takes the last."

file_rule = partial(rule, about="file")
file_rule("yaml.duplicate-key", _SILENT, _ONE, until=(4, 9))(partial(_flaws, "yaml.duplicate-key"))
file_rule("yaml.duplicate-key", "No key is written twice.", _ONE, installer=True, since=(4, 10))(
    partial(_flaws, "yaml.duplicate-key")
)
file_rule(
    "yaml.boolean-word",
    "yes, no, on, off, y and n are quoted, or written true or false.",
    "Write true or false, or quote the word.",
)(partial(_flaws, "yaml.boolean-word"))
file_rule(
    "yaml.sexagesimal",
    "Digits with colons, such as a MAC address without letters, are quoted.",
    "Put the value in quotes.",
)(partial(_flaws, "yaml.sexagesimal"))
file_rule(
    "yaml.second-document",
    "The file holds one document: the installer reads the first and drops the rest.",
    "Delete the line --- and what follows it.",
)(partial(_flaws, "yaml.second-document"))


@refusal("type", "Each value has the type of its key.", "Correct the value, or its indentation.")
def types(config: Config) -> Iterator[Found]:
    for path, wanted in config.decoded.mistyped:
        yield Found(path, say("Here must be {wanted}.", wanted=say(wanted)))


def _unknown(config: Config) -> Iterator[Found]:
    for unknown in config.decoded.unknown:
        shown = key_shown(unknown.key)
        path = f"{unknown.parent}.{shown}" if unknown.parent else shown
        since = unknown.since
        if since and since > config.line:
            what = say("This key exists from {version} on.", version=f"{since[0]}.{since[1]}")
            fix = _OLDER.get(unknown.key, "")
            yield Found(path, what, say(fix) if fix else say("Delete it, or use a newer version."))
        elif since:
            yield Found(path, say("This key does not exist any more in this version."), say("Delete it."))
        else:
            yield Found(path, say("There is no such key in this version."), did_you_mean(unknown.key, unknown.known))


_OLDER = {
    "imageDigestSources": "Write imageContentSources in this version.",
    "additionalTrustBundlePolicy": "Delete it: the nodes trust the bundle in any case.",
}


_DROPPED = "Each key is one the version knows; the installer drops the others, at most with a warning."
_SAFE = "Delete it, or correct its name and indentation."


@rule("key-unknown", _DROPPED, _SAFE, until=(4, 9))
@refusal("key-unknown", "Each key is one the version knows.", _SAFE, since=(4, 10), until=(4, 10))
@rule("key-unknown", _DROPPED, _SAFE, since=(4, 11))
def key_unknown(config: Config) -> Iterator[Found]:
    return _unknown(config)


@rule(
    "key-spelling",
    "Keys are written in their own letter case: the installer does not mind, other tools do.",
    "Write the key as shown.",
    severity="warning",
)
def key_spelling(config: Config) -> Iterator[Found]:
    for path, name, old in config.decoded.respelt:
        if not old:
            yield Found(path, say("The key is spelt {name}.", name=name), say("Write {name}.", name=name))


@rule(
    "key-old",
    "Keys that newer ones replaced are still converted, as long as nobody writes both.",
    "Use the newer key.",
    severity="warning",
)
def key_old(config: Config) -> Iterator[Found]:
    for path, name, old in config.decoded.respelt:
        if old:
            yield Found(path, say("{name} replaced this key.", name=name), say("Use {name}.", name=name))


def is_structural(row: Rule) -> bool:
    """Whether a rule is about the document's shape and not about what it means."""
    return row.id in {"type", "key-unknown", "key-spelling", "key-old"}
