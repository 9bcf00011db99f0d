"""The session log as one archive that is safe to hand to anybody."""

from tui.session.export.archive import export

__all__ = ["export"]
