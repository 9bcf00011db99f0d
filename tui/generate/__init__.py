"""From the plan to files: helper configurations by templates, manifests and Ignition by openshift-install itself."""

from tui.generate.installer import run_installer
from tui.generate.refusal import InstallerFailed
from tui.generate.render import preview, render, without_bootstrap

__all__ = ["InstallerFailed", "preview", "render", "run_installer", "without_bootstrap"]
