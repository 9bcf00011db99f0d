"""Ctrl+L: the lab's world, what runs in it, and the repairs that hints ask for."""

from tui.screens.choice_page import ChoicePage, Row
from tui.screens.client import Client
from tui.session.rows import Repair
from tui.session.store import now
from tui.text import say


class LabScreen(ChoicePage):
    """Nothing here touches the person's own machine: a repair is done inside the rehearsal."""

    def __init__(self, client: Client) -> None:
        self._client = client
        super().__init__(
            say("LAB: the rehearsal's world"),
            say("A rehearsal on loopback addresses. Enter on a repair does it in the lab, never on your own machine."),
            self._rows,
            self._repair,
            keys=(("Enter", say("repair")),),
            empty=say("The lab has not told of its world yet. Does it run? ocp-tui lab starts it."),
        )

    def _rows(self) -> list[Row]:
        asked = {repair.id: repair for repair in self._client.session.store.facts(Repair)}
        rows = []
        for thing in self._client.session.store.lab_world():
            repair = thing.id.removeprefix("repair:")
            word = _asked(asked[repair]) if thing.id != repair and repair in asked else thing.state
            rows.append(Row(thing.id, _STATES.get(thing.state, "info"), f"{word:<14} {thing.title}  {thing.detail}"))
        return sorted(rows, key=_order)

    def _repair(self, key: str, id_: str) -> bool:
        if key != "enter" or not id_.startswith("repair:"):
            return False
        repair = id_.removeprefix("repair:")
        self._client.session.store.request_repair(repair)
        self._client.session.store.tell("person", say("Repair asked of the lab: {repair}", repair=repair))
        self.notify(say("Asked the lab to do it."), markup=False)
        return False


_STATES = (
    dict.fromkeys(("answering", "right", "running", "well", "fresh", "removed", "on"), "done")
    | dict.fromkeys(("stopped", "wrong", "crashing", "broken", "expired", "left behind"), "failed")
    | {"needed": "todo", "off": "todo", "old": "warning", "offered": "now", "not needed": "todo"}
)


def _order(row: Row) -> tuple[int, bool, str]:
    """Repairs that are offered, what is broken, the rest; each in its own order, so that nothing jumps about."""
    return {"now": 0, "failed": 1}.get(row.state, 2), row.id.startswith("repair:"), row.id


def _asked(repair: Repair) -> str:
    age = (now() - repair.asked) // 1_000_000
    return say("done") if repair.taken is not None else say("asked {age} s ago", age=age)
