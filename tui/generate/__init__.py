"""From the plan to files: helper configurations by templates, manifests and Ignition by openshift-install itself."""

from tui.generate.render import preview, render

__all__ = ["preview", "render"]
