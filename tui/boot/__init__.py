"""Bringing machines up: kernel arguments, the file server they install from, and where each of them is."""

from tui.plan.kernel import ignition_file, kernel_arguments

__all__ = ["ignition_file", "kernel_arguments"]
