"""The lab's world: what runs in it, and the repairs that the person asks for."""

import msgspec

from tui.session.moment import wall
from tui.session.rows import LabRow, Repair
from tui.session.tables.facts import FactTable


class LabTable(FactTable):
    """Facts that the lab's process and the screens tell each other."""

    def lab_world(self) -> list[LabRow]:
        """What runs in the lab."""
        return self.facts(LabRow)

    def set_lab(self, id: str, title: str, state: str, detail: str = "") -> None:  # noqa: A002 - the row's own name
        """The lab's word on one thing of its world."""
        self.put(LabRow(id=id, title=title, state=state, detail=detail))

    def request_repair(self, id: str) -> None:  # noqa: A002
        """The person asks the lab for a repair."""
        self.put(Repair(id=id, asked=wall()))

    def take_repairs(self) -> list[str]:
        """Repairs asked for and not yet taken; they count as taken from now on."""
        asked = [repair for repair in self.facts(Repair) if repair.taken is None]
        self.put(*(msgspec.structs.replace(repair, taken=wall()) for repair in asked))
        return [repair.id for repair in asked]
