"""Journals of the corpus as lines, read as plainly as can be: what is tested must not read its own input."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tui.lines import Line
from tui.monitor.twins import is_twin

DATA = Path(__file__).parent.parent / "data"
_SYSLOG = re.compile(r"(\w{3} +\d+ [\d:]{8}) (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: (.*)")


def at(clock: str, year: int = 2025) -> int:
    """ "May 12 04:54:38" as microseconds since the epoch."""
    moment = datetime.strptime(f"{year} {clock}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


def lines(name: str, node: str = "", year: int = 2025) -> Iterator[Line]:
    """The syslog lines of a file in tests/data/journals; `node` instead of the host they name."""
    path = DATA / "journals" / name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for text in data.decode("utf-8", "replace").splitlines():
        if found := _SYSLOG.match(text):
            clock, host, identifier, pid, message = found.groups()
            yield Line(
                text=message,
                time=at(clock, year),
                node=node or host,
                source=name,
                identifier=identifier,
                pid=int(pid) if pid else None,
                twin=is_twin(identifier),
            )


BY_HAND: dict[str, tuple[str, str | None, str | None, int]] = {
    "openshift-manifests": ("done", "04:54:41", "04:54:46", 1),
    "api-bootstrap": ("done", "04:54:46", "04:54:50", 1),
    "auth-api-bootstrap": ("skipped", None, None, 0),
    "config-bootstrap": ("done", "04:54:50", "04:55:12", 1),
    "cvo-bootstrap": ("done", "04:55:12", "04:55:13", 1),
    "etcd-bootstrap": ("done", "04:55:13", "04:55:33", 1),
    "kube-apiserver-bootstrap": ("done", "04:55:33", "04:56:08", 1),
    "kube-controller-manager-bootstrap": ("done", "04:56:08", "04:56:36", 1),
    "kube-scheduler-bootstrap": ("done", "04:56:36", "04:57:02", 1),
    "ingress-operator-bootstrap": ("done", "04:57:02", "04:57:20", 1),
    "node-tuning-bootstrap": ("done", "04:57:20", "04:57:26", 1),
    "mco-bootstrap": ("done", "04:57:26", "04:58:17", 1),
    "resolve-api-url": ("done", "04:58:17", "04:58:18", 1),
    "resolve-api-int-url": ("done", "04:58:18", "04:58:19", 1),
    "cco-bootstrap": ("done", "04:58:19", "04:58:37", 1),
    "wait-for-etcd": ("done", None, "05:59:49", 4),
    "cb-bootstrap": ("running", "05:59:49", None, 4),
    "cb-api": ("done", "05:59:49", "05:59:50", 4),
    "cb-manifests": ("done", "05:59:50", "05:59:55", 4),
    "cb-control-plane": ("running", "05:59:55", None, 4),
    "cb-masters": ("waiting", None, None, 0),
    "cvo-overrides": ("waiting", None, None, 0),
    "bootkube": ("running", "05:59:42", None, 4),
    "kubelet": ("done", "04:54:37", "04:54:38", 1),
    "release-image": ("done", None, "04:54:38", 0),
    "node-image": ("skipped", None, None, 0),
    "report-bootstrap-complete": ("waiting", None, None, 0),
    "bootstrap-complete": ("waiting", None, None, 0),
}
"""What a person writes down who reads bootkube-4.18.4.log: state, last start, end, attempts (May 12, clock times)."""
