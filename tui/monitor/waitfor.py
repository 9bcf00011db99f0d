"""openshift-install's wait-for: run, and understood line by line, for 4.3 to 5.0.

`wait-for install-complete` prints the kubeadmin password: such a line never leaves the parser.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tui.lines import clean
from tui.links.process import start
from tui.text import say

Goal = Literal["bootstrap-complete", "install-complete"]
Kind = Literal["limit", "waiting", "api-up", "safe", "initialized", "stable", "console", "complete", "operator", "log"]
What = Literal["api", "bootstrap", "etcd-member", "cluster", "operators", "console", ""]


class Event(Struct, frozen=True, kw_only=True):
    """One line's meaning. `text` is the installer's own message.

    `limit`: a wait began, for `what`, of at most `seconds` (None: without end). `waiting`: it goes on. `safe`: the
    bootstrap may be removed. `operator`: what is wrong with one, `name`. `console`: `url`. `log`: anything else.
    """

    kind: Kind
    text: str
    level: Literal["debug", "info", "warning", "error", "fatal"] = "info"
    what: What = ""
    seconds: float | None = None
    name: str = ""
    url: str = ""


class Outcome(Struct, frozen=True, kw_only=True):
    """How a wait-for ended. `failed_at` is what was being waited for; `timed_out`: its limit ran out."""

    state: Literal["complete", "failed", "interrupted"]
    exit_code: int
    reason: str = ""
    failed_at: What = ""
    timed_out: bool = False
    console: str = ""


def command(installer: Path, directory: Path, goal: Goal) -> list[str]:
    """The arguments of a wait-for. It needs `auth/kubeconfig` in the directory and may be run again at any time."""
    return [str(installer), "wait-for", goal, "--dir", str(directory), "--log-level=debug"]


async def run(
    installer: Path,
    directory: Path,
    goal: Goal,
    told: Callable[[Event], None],
    *,
    env: Mapping[str, str] | None = None,
    started: Callable[[int, float], None] | None = None,
) -> Outcome:
    """Runs one wait-for to its end; cancelling ends the child. Raises `tui.links.process.CannotStart`.

    `started` is told the child's pid and start time, so that it can be found again.
    """
    child = await start(command(installer, directory, goal), cwd=directory, env=env)
    if started is not None:
        started(child.pid, child.started)
    parser = Parser()
    try:
        async for line in child.lines():
            if event := parser.line(line.text):
                told(event)
        return parser.ended(await child.wait())
    finally:
        await child.cancel()


_FORMS = (
    re.compile(r'^(?:time="[^"]*" )?level=(?P<level>\w+) msg=(?P<message>.*)$', re.DOTALL),
    re.compile(r"^(?P<level>DEBUG|INFO|WARN|WARNING|ERROR|FATAL)(?:\[\d+\])? +(?P<message>.*)$", re.DOTALL),
    re.compile(r"^(?P<level>[IWEF])\d{4} [\d:.]+ +\d+ (?P<message>.*)$", re.DOTALL),
)
_LEVELS = {"i": "info", "w": "warning", "warn": "warning", "e": "error", "f": "error"}
_KNOWN_LEVELS = ("debug", "info", "warning", "error", "fatal")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?")
_LIMIT = re.compile(r"Waiting up to (?P<limit>[\dhms.]+)(?: \(until [^)]*\))? (?P<rest>.*)")
_LIMITS: tuple[tuple[str, What], ...] = (
    ("for the Kubernetes API", "api"),
    ("for bootstrapping to complete", "bootstrap"),
    ("for the bootstrap etcd member", "etcd-member"),
    ("for the cluster at", "cluster"),
    ("to ensure each cluster operator", "operators"),
    ("for the openshift-console route", "console"),
)
_OPERATOR = re.compile(r"Cluster operator (?P<name>\S+) (?P<condition>\w+) is (?P<status>True|False) with ")
_MEANINGS: tuple[tuple[re.Pattern[str], Kind, What], ...] = (
    (re.compile(r"Waiting for the bootstrap etcd member to be removed"), "limit", "etcd-member"),
    (re.compile(r"Checking to see if there is a route at"), "limit", "console"),
    (re.compile(r"Still waiting for the Kubernetes API: "), "waiting", "api"),
    (re.compile(r"Bootstrap status: |No status found in bootstrap configmap"), "waiting", "bootstrap"),
    (re.compile(r"Error getting (ETCD Cluster resource|etcd operator singleton), retrying"), "waiting", "etcd-member"),
    (re.compile(r"Still waiting for the cluster to initialize"), "waiting", "cluster"),
    (re.compile(r"Cluster Operator \S+ is Progressing="), "waiting", "operators"),
    (re.compile(r"Still waiting for the console route"), "waiting", "console"),
    (re.compile(r"API v\S+ up"), "api-up", ""),
    (re.compile(r"It is now safe to remove the bootstrap resources"), "safe", ""),
    (re.compile(r"Cluster is initialized"), "initialized", ""),
    (re.compile(r"All cluster operators have completed progressing"), "stable", ""),
    (re.compile(r"Install complete!"), "complete", ""),
)
_CONSOLE = re.compile(r"web-console here: (https?://\S+)")
_REASON = re.compile(
    r"failed to complete|ailed waiting for|ailed to wait for|failed to initialize|not stable|openshift-console URL"
    r"|fetching default-ingress-cert|waiting for openshift-console"
)
_TIMED_OUT = re.compile(
    r"timed out waiting|deadline exceeded|failed to initialize the cluster|not stable|ailed waiting for|ailed to wait"
)


class Parser:
    """Understands one run's output. Feed it every line; then tell it the exit code."""

    def __init__(self) -> None:
        self._waiting_for: What = ""
        self._console = ""
        self._reasons: list[str] = []
        self._interrupted = False

    def line(self, text: str) -> Event | None:
        """What a line says, None where it may not be passed on."""
        level, message = _taken_apart(text)
        if _secret(message):
            return None
        event = self._event(level, message)
        if event.kind == "limit":
            self._waiting_for = event.what
        self._console = event.url or self._console
        if level in ("error", "fatal") and _REASON.search(message):
            self._reasons.append(message)
        self._interrupted |= "Received interrupt signal" in message
        return event

    def ended(self, exit_code: int) -> Outcome:
        """How it ended, by the exit code and by what was said."""
        if exit_code == 0:
            return Outcome(state="complete", exit_code=0, console=self._console)
        if self._interrupted or exit_code in (-2, -15, -9):
            return Outcome(state="interrupted", exit_code=exit_code, failed_at=self._waiting_for)
        reason = " ".join(dict.fromkeys(self._reasons))
        return Outcome(
            state="failed",
            exit_code=exit_code,
            reason=reason or say("openshift-install ended with status {code} and gave no reason", code=exit_code),
            failed_at=self._waiting_for,
            timed_out=bool(_TIMED_OUT.search(reason)),
        )

    def _event(self, level: str, message: str) -> Event:
        event = Event(kind="log", text=message, level=level)  # type: ignore[arg-type]
        if found := _LIMIT.search(message):
            what = next((what for text, what in _LIMITS if text in found["rest"]), "")
            return msgspec.structs.replace(event, kind="limit", what=what, seconds=seconds(found["limit"]))
        if found := _OPERATOR.search(message):
            return msgspec.structs.replace(event, kind="operator", name=found["name"])
        if found := _CONSOLE.search(message):
            return msgspec.structs.replace(event, kind="console", url=found[1])
        for pattern, kind, what in _MEANINGS:
            if pattern.search(message):
                return msgspec.structs.replace(event, kind=kind, what=what)
        return event


def seconds(duration: str) -> float | None:
    """A Go duration such as 20m0s or 2.5s in seconds, None where it is none."""
    found = _DURATION.fullmatch(duration)
    if not found or not duration:
        return None
    try:
        hours, minutes, rest = (float(part or 0) for part in found.groups())
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + rest


def _taken_apart(text: str) -> tuple[str, str]:
    """(level, message) of a line in any of the installer's and its libraries' forms."""
    text = clean(text).strip("\r\n")
    for form in _FORMS:
        if found := form.match(text):
            level = found["level"].lower()
            message = found["message"]
            if text.startswith('time="') and message.startswith('"'):
                message = _unquoted(message)
            level = _LEVELS.get(level, level)
            return level if level in _KNOWN_LEVELS else "info", message
    return "info", text


def _unquoted(message: str) -> str:
    try:
        return str(msgspec.json.decode(message))
    except msgspec.DecodeError:
        return message.strip('"')


def _secret(message: str) -> bool:
    """Whether the line shows a password. Its file's name (kubeadmin-password) is none."""
    return "password" in message.replace("kubeadmin-password", "").lower()
