"""What an installation needs from outside: named, found, fetched, believed by its checksum."""

from tui.artifacts.fetch import fetch
from tui.artifacts.find import find
from tui.artifacts.names import needed

__all__ = ["fetch", "find", "needed"]
