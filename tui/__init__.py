"""ocp-tui: OpenShift 4 on machines you racked yourself, from a terminal, across an air gap."""

__version__ = "0.1.0"
