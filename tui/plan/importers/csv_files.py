"""A file with a table of machines."""

from tui.plan.importers.found import Found, Source
from tui.plan.importers.texts import decoded
from tui.plan.tables import read as read_table


def read(source: Source) -> Found:
    """The machines of a table; passwords of management controllers become secrets."""
    table = read_table(decoded(source.data))
    return Found(machines=table.machines, problems=table.problems)
