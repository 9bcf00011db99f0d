"""Which systemd unit prints under which name, for logs that show the name only."""

import re

UNITS = {
    "approve-csr.sh": "approve-csr",
    "bootkube.sh": "bootkube",
    "bootstrap-pivot.sh": "release-image-pivot",
    "chronyd": "chronyd",
    "coreos-installer": "coreos-installer",
    "coreos-installer-service": "coreos-installer",
    "crio": "crio",
    "crio-configure.sh": "crio-configure",
    "hyperkube": "kubelet",
    "ignition": "ignition",
    "install-to-disk.sh": "install-to-disk",
    "kubelet": "kubelet",
    "kubelet.sh": "kubelet",
    "kubenswrapper": "kubelet",
    "machine-config-daemon": "machine-config-daemon-firstboot",
    "node-image-overlay.sh": "node-image-overlay",
    "node-image-pull.sh": "node-image-pull",
    "release-image-download.sh": "release-image",
    "report-progress.sh": "progress",
}
_ABOUT = re.compile(r"([\w@.\\-]+)\.service: ")


def unit_of(identifier: str, text: str) -> str:
    """The unit that a line belongs to; of systemd's own lines the one they speak about; "" unknown."""
    if identifier == "systemd":
        about = _ABOUT.match(text)
        return about[1] if about else ""
    return UNITS.get(identifier, "")
