"""What was made from which decisions: an edit marks everything made from its field as stale."""

import msgspec

from tui.plan import fields
from tui.plan.model import Plan
from tui.session.rows import Made
from tui.session.store import Store, now

DEPENDS: dict[str, tuple[str, ...]] = {
    "check": ("topology", "network", "pull_secret", "artifacts", "endpoints"),
    "artifacts": ("topology.version", "topology.architecture", "topology.shape", "boot.method", "artifacts"),
    "generate": ("topology", "network", "pull_secret", "generate", "boot.method", "boot.listen", "boot.console"),
}
"""For each thing made, the parts of the plan it was made from."""


def fingerprint(plan: Plan, name: str) -> str:
    """A short text that changes when a decision behind this thing does."""
    from hashlib import sha256  # not needed before the first paint of a new session

    parts = [fields.get(plan, path) for path in DEPENDS[name]]
    return sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def made(store: Store, plan: Plan, name: str) -> None:
    """Records that this thing has just been made from this plan."""
    store.put(Made(name=name, fingerprint=fingerprint(plan, name), time=now()))


def stale(store: Store, plan: Plan) -> set[str]:
    """Things made from another plan than this one."""
    return {row.name for row in store.facts(Made) if row.fingerprint != fingerprint(plan, row.name)}
