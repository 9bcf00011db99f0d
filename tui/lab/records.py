"""The bootstrap's service records (/var/log/openshift/*.json), kept in step with what its journal says."""

import json
from datetime import UTC, datetime

from tui.lab.journal import Program

FOLDER = "/var/log/openshift"
_STAGES = {
    "Moving OpenShift manifests": "openshift-manifests",
    "Rendering api manifests": "api-bootstrap",
    "Rendering cluster config": "config-bootstrap",
    "Rendering Cluster Version Operator": "cvo-bootstrap",
    "Rendering CEO Manifests": "etcd-bootstrap",
    "Rendering Kubernetes API server": "kube-apiserver-bootstrap",
    "Rendering Kubernetes Controller Manager": "kube-controller-manager-bootstrap",
    "Rendering Kubernetes Scheduler": "kube-scheduler-bootstrap",
    "Rendering Ingress Operator": "ingress-operator-bootstrap",
    "Rendering Node Tuning": "node-tuning-bootstrap",
    "Rendering MCO manifests": "mco-bootstrap",
    "Starting stage resolve-api-url": "resolve-api-url",
    "Starting stage resolve-api-int-url": "resolve-api-int-url",
    "Rendering CCO manifests": "cco-bootstrap",
    "https://localhost:2379 is healthy": "wait-for-etcd",
    "Starting cluster-bootstrap": "cb-bootstrap",
    "Restoring CVO overrides": "cvo-overrides",
    "Waiting for CEO to finish": "wait-for-ceo",
    "Check if API URL is reachable": "check-api-url",
    "Check if API-Int URL is reachable": "check-api-int-url",
    "Pulling ": "pull-release-image",
}
"""What a unit prints, and the stage that begins with it."""


class Records:
    """One JSON array a service, as bootstrap-service-record.sh writes it."""

    def __init__(self) -> None:
        self._services: dict[str, list[dict[str, str]]] = {}
        self._open: dict[str, str] = {}

    def see(self, time: int, program: Program, message: str) -> None:
        """Takes note of one journal line."""
        service = program.unit
        if program.identifier == "systemd":
            self._systemd(time, service, message)
        elif program.identifier.endswith(".sh"):
            self._script(time, service, message)

    def files(self) -> dict[str, str]:
        """The records by path."""
        return {f"{FOLDER}/{name}.json": json.dumps(events, indent=1) + "\n" for name, events in self._services.items()}

    def _systemd(self, time: int, service: str, message: str) -> None:
        if message.startswith(("Starting ", "Started ")) and not self._running(service):
            self._add(time, service, phase="service start")
        elif "status=1/FAILURE" in message:
            self._end_stage(time, service, "failure")
            self._add(time, service, phase="service end", result="failure")
        elif message.startswith("Finished ") or "Deactivated successfully" in message:
            self._end_stage(time, service, "success")
            if self._running(service):
                self._add(time, service, phase="service end", result="success")

    def _script(self, time: int, service: str, message: str) -> None:
        if message.startswith("Pull failed"):
            stage = self._open.get(service, "")
            self._end_stage(time, service, "failure", "release image could not be pulled")
            self._begin(time, service, stage)
            return
        stage = next((stage for start, stage in _STAGES.items() if message.startswith(start)), "")
        if stage and service in self._services:
            self._end_stage(time, service, "success")
            self._begin(time, service, stage)

    def _running(self, service: str) -> bool:
        events = self._services.get(service)
        return bool(events) and events is not None and events[-1]["phase"] != "service end"

    def _begin(self, time: int, service: str, stage: str) -> None:
        self._open[service] = stage
        self._add(time, service, phase="stage start", stage=stage)

    def _end_stage(self, time: int, service: str, result: str, error: str = "") -> None:
        stage = self._open.pop(service, None)
        if stage:
            extra = {"errorMessage": error} if error else {}
            self._add(time, service, phase="stage end", result=result, stage=stage, **extra)

    def _add(self, time: int, service: str, **event: str) -> None:
        stamp = datetime.fromtimestamp(time / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._services.setdefault(service, []).append(event | {"timestamp": stamp})
