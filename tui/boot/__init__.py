"""Bringing machines up: kernel arguments, the file server they install from, and where each of them is.

Not built yet: writing kernel arguments into ISO images.
"""

from tui.boot.board import advance, fact_of
from tui.plan.kernel import ignition_file, kernel_arguments

__all__ = ["advance", "fact_of", "ignition_file", "kernel_arguments"]
