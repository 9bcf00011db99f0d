"""Makes tui/hints/benign_profile.txt from the benign lines and the journals in tests/data/corpus. Run it as a script.

Lines of failures in those journals are left out by hand: the profile is what good installations print.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from tui.hints.unexplained import PROFILE, Profile, profile_of
from tui.monitor.readers import Reading

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
JOURNALS = [
    "bootkube-endings-collected.log",
    "helpernode-4.2-installer-success.log",
    "helpernode-4.3-installer-success.log",
    "master0-kubelet-4.18.log",
    "full/bootkube-4.18.4.log.gz",
    "full/kubelet-4.18.4.log.gz",
]
FAILURES = (
    "error while checking pod status",
    "Main process exited",
    "Failed with result",
    "restart counter is at",
    "Unable to register node",
    "Node not becoming ready",
    "Container runtime network not ready",
    "No CNI configuration",
    "no CNI configuration",
    "NetworkPluginNotReady",
)


def build() -> Profile:
    """The profile as it should be shipped."""
    return profile_of(text for text in _texts() if not any(failure in text for failure in FAILURES))


def _texts() -> Iterator[str]:
    for batch in Reading([str(CORPUS / "journals" / name) for name in JOURNALS]).batches():
        yield from (line.text for line in batch.lines if not line.text.startswith("#"))
    yield from (entry["line"] for entry in yaml.safe_load((CORPUS / "benign.yaml").read_text()))


if __name__ == "__main__":
    PROFILE.write_text(build().text(), "utf-8")
