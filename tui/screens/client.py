"""What all screens share: the session, where it stands, and the few things they may ask for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from tui.plan.endpoints import cluster_domain
from tui.plan.host import in_fips_mode
from tui.plan.model import Plan, Problem
from tui.screens.standing import HOUR, Standing, standing
from tui.session.errors import NotSaved
from tui.session.rows import Event
from tui.session.session import Session
from tui.session.store import now
from tui.text import say
from tui.widgets.chrome import Head

if TYPE_CHECKING:
    from tui.plan.importers import Taken
    from tui.plan.importers.paths import File

FRESH = 12 * HOUR
"""Certificates with more than this left need no colour."""
LATE = 4 * HOUR
LAST = "screen"
"""The name under which the session keeps where it was left."""


class Last(msgspec.Struct, frozen=True):
    """Where this session was left: the step, when (µs, UTC), and the newest event then told."""

    step: str = ""
    time: int = 0
    event: int = 0


class Client:
    """One client's view of one session. Reads are of the local database only, so they never wait for anyone."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trouble = ""
        self.engine_trouble = ""
        self._told = 0
        self._judged: tuple[object, tuple[str, str], list[Problem]] = (None, ("", ""), [])
        self._fips = in_fips_mode()
        self.standing: Standing = standing(session, [])

    def look(self) -> None:
        """Weighs the facts again: after an edit, and when the engine or another terminal wrote something."""
        from tui.plan.rules import judge

        plan = self.session.plan
        # The secret may be another one although the plan names the same file.
        secrets = self._secrets(plan)
        if self._judged[0] is not plan or self._judged[1] != secrets:
            self._judged = (plan, secrets, self._judge(judge, plan, self.pull_secret(plan)))
        self.standing = standing(self.session, self._judged[2])

    def pull_secret(self, plan: Plan) -> str:
        """The one pull secret that nodes get, the mirror's own credentials in it."""
        from tui.plan.node_pull_secret import for_nodes

        return for_nodes(plan, *self._secrets(plan))

    def _secrets(self, plan: Plan) -> tuple[str, str]:
        return self._secret(plan.pull_secret.pull_secret), self._secret(plan.pull_secret.mirror_credentials)

    def _secret(self, name: str) -> str:
        try:
            return self.session.secrets.read(name).decode("utf-8", "replace")
        except (OSError, ValueError):
            return ""

    def _judge(self, judge: Callable[..., list[Problem]], plan: Plan, secret: str) -> list[Problem]:
        try:
            return judge(plan, secret, host_fips=self._fips)
        except Exception as error:  # noqa: BLE001 - a rule that breaks on a half-typed plan must not take the screen down
            self.trouble = say("The rules could not judge this plan: {why}. Please report it.", why=repr(error))
            return []

    def plan_changed(self) -> bool:
        """Whether the plan is another one than when it was last judged."""
        return self._judged[0] is not self.session.plan

    def last(self) -> Last | None:
        """Where this session was left."""
        try:
            return msgspec.json.decode(self.session.store.kept(LAST), type=Last)
        except msgspec.DecodeError:
            return None

    def missed(self) -> list[Event]:
        """What the engine told since this session was left."""
        last = self.last()
        if last is None:
            return []
        return [event for event in self.session.store.events(last.event) if event.kind != "person"]

    def remember(self, step: str) -> None:
        """Notes where this session is left, should it end now."""
        events = self.session.store.events(self._told)
        self._told = events[-1].id if events else self._told
        self.session.store.keep(LAST, msgspec.json.encode(Last(step, now(), self._told)))

    def edit(self, field: str, text: str) -> str:
        """Takes typed text into the plan; gives the sentence for the field where it does not fit."""
        return self._saved(lambda: self.session.edit(field, text)) or ""

    def decide(self, field: str, value: object) -> None:
        """Decides a field."""
        self._saved(lambda: self.session.decide(field, value))

    def take_over(self, file: "File", *, replace: bool) -> "Taken | None":
        """Takes a file over into the plan; None where it could not be saved."""
        taken: Taken | None = self._saved(lambda: self.session.take_over(file, replace=replace))
        return taken

    def request(self, kind: str, **arguments: Any) -> int | None:
        """Asks the engine for a job; None where it could not even be written down."""
        job: int | None = self._saved(lambda: self.session.store.request(kind, **arguments))
        return job

    def record(self, fact: msgspec.Struct) -> None:
        """Writes a fact that is the person's to write: a reason for overriding a check."""
        self._saved(lambda: self.session.store.put(fact))

    def tell(self, text: str) -> None:
        """Adds what the person did to the timeline."""
        self._saved(lambda: self.session.store.tell("person", text))

    def cancel(self, job: int) -> None:
        """Asks for the end of a job."""
        self._saved(lambda: self.session.store.cancel(job))

    def _saved(self, write: Any) -> Any:
        try:
            result = write()
            self.trouble = self.session.trouble
        except NotSaved as error:
            self.trouble, result = str(error), None
        self.look()
        return result

    def head(self) -> Head:
        """The header's words."""
        plan, standing_ = self.session.plan, self.standing
        name = cluster_domain(plan) or plan.topology.cluster_name or say("new cluster")
        return Head(
            name=f"{name} {plan.topology.version}".rstrip(),
            lab=plan.lab,
            clock=clock(standing_, self.session.store.clock()),
            engine=self._engine(),
        )

    def _engine(self) -> tuple[str, str]:
        if self.engine_trouble:
            return "failed", say("no engine")
        row = self.standing.engine
        if row is None or row.state != "running":
            return "todo", say("engine")
        return "now", say("engine")


def clock(standing_: Standing, time: int) -> tuple[str, str]:
    """How long the bootstrap's certificates last: a state and words, quiet while there is time."""
    if standing_.expires is None:
        return "", say("certs none yet")
    if standing_.bootstrapped:
        return "", say("certs renewed by the cluster")
    left = standing_.expires - time
    if left <= 0:
        return "failed", say("certs EXPIRED")
    words = say("certs {left} left", left=lasting(left))
    if left < LATE:
        return "failed", words
    return ("" if left > FRESH else "warning"), words


def lasting(microseconds: int) -> str:
    """A length of time in two units at most: 21 h 13 min, 4 min, 12 s."""
    seconds = max(0, microseconds // 1_000_000)
    if seconds < 60:
        return say("{s} s", s=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return say("{m} min", m=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return say("{h} h {m:02} min", h=hours, m=minutes)
    return say("{d} days", d=hours // 24)
