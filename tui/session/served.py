"""Where nodes find their files: the address of the file server with the random part of its path.

The random part belongs to the session, so that what was written into menus, ISOs and notes stays true.
"""

import secrets

from tui.plan.model import Plan
from tui.session.store import Store

_KEPT = "file-server-path"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def path_part(store: Store) -> str:
    """A path part that nobody on the network guesses (49 bits) and a person can type at a console: no look-alikes."""
    kept = store.kept(_KEPT).decode()
    if kept:
        return kept
    made = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    store.keep(_KEPT, made.encode())
    return made


def base_url(store: Store, plan: Plan, listen: str = "") -> str:
    """`http://ADDRESS:PORT/PATH`; "" while the plan does not say where the bastion listens."""
    place = listen or plan.boot.listen
    return f"http://{place}/{path_part(store)}" if place else ""
