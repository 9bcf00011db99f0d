"""Readers: journals, logs and bundles from files, as the batches that live journals come in."""

from tui.monitor.readers.files import CannotRead
from tui.monitor.readers.model import Assumptions, Source
from tui.monitor.readers.reading import Reading

__all__ = ["Assumptions", "CannotRead", "Reading", "Source"]
