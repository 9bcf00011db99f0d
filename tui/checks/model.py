"""A check's result, as data; the names are those of `ocp-tui check --json`."""

from typing import Literal

from msgspec import Struct

CheckState = Literal["ok", "warning", "failed", "unknown"]
Phase = Literal["before-boot", "bootstrapping", "after-bootstrap"]


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


class Finding(Struct, frozen=True):
    """What one question brought: a state, what was asked and what came back, and the repair where one is needed.

    `down`: whoever was asked could not be reached at all, so that another one may stand in for it.
    """

    state: CheckState
    evidence: str
    fix: str = ""
    down: bool = False


class Check(Struct, frozen=True, kw_only=True):
    """One kind of question: its stable id, the step that owns it, a title, and what it asks."""

    id: str
    step: str
    title: str
    asks: str
