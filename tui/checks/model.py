"""A check's result, as data; the names are those of `ocp-tui check --json`."""

from typing import Literal

from msgspec import Struct

CheckState = Literal["ok", "warning", "failed", "unknown"]


class Result(Struct, frozen=True, kw_only=True):
    """One answer of the world. What could not be asked is `unknown`, never `ok`.

    `id` names the question, `subject` whom or what it was about, `asked_from` the place ("bastion" or a node's name),
    `step` the wizard's step that owns it, `asked_at` microseconds since the epoch. `overridden` is the person's reason.
    """

    id: str
    subject: str
    state: CheckState
    evidence: str
    step: str
    fix: str = ""
    asked_from: str = "bastion"
    asked_at: int = 0
    stale: bool = False
    overridden: str | None = None
