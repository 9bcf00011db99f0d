"""The cluster version and its operators, as they come up behind the nodes."""

from tui.lab.lab import Lab
from tui.lab.objects import CONFIGMAPS
from tui.lab.settings import VERSION
from tui.text import say

EARLY = (
    "cloud-credential", "cluster-api", "config-operator", "etcd", "kube-apiserver", "kube-controller-manager",
    "kube-scheduler", "machine-approver", "machine-config", "network", "dns", "openshift-apiserver",
)  # fmt: skip
LATER = (
    "baremetal", "cluster-autoscaler", "control-plane-machine-set", "csi-snapshot-controller", "insights",
    "kube-storage-version-migrator", "machine-api", "marketplace", "node-tuning", "openshift-controller-manager",
    "openshift-samples", "operator-lifecycle-manager", "operator-lifecycle-manager-catalog",
    "operator-lifecycle-manager-packageserver", "service-ca", "storage", "image-registry", "olm",
)  # fmt: skip
ON_WORKERS = ("ingress", "authentication", "console", "monitoring")
"""Not available before a worker carries the router."""
MANIFESTS = 901
_PACE = 8.0
"""Seconds between two operators."""


async def story(lab: Lab) -> None:
    """From the first API to the release applied."""
    world, objects = lab.world, lab.objects
    await world.until(lambda: "manifests" in world.happened)
    everyone = (*EARLY, *LATER, *ON_WORKERS)
    _towards(lab, 0)
    await world.until(lambda: "masters-joining" in world.happened)
    for name in everyone:
        objects.operator(name, available=False, progressing=True, message=say("waits for its pods"))
    await world.until(lambda: "masters-ready" in world.happened and world.well("apiserver"))
    for count, name in enumerate(EARLY, 1):
        await _up(lab, name, count, len(everyone))
    await world.until(lambda: "control-plane-up" in world.happened)
    for count, name in enumerate(LATER, len(EARLY) + 1):
        await _up(lab, name, count, len(everyone))
    _waiting_for_workers(lab)
    await world.until(lambda: all(f"ready:{node.name}" in world.happened for node in lab.of("worker")))
    await world.until(lambda: "bootstrap-complete" in world.happened)
    for count, name in enumerate(ON_WORKERS, len(EARLY) + len(LATER) + 1):
        await _up(lab, name, count, len(everyone))
    await lab.clock.sleep(35)
    assert lab.bundle is not None, "the bootstrap fetched its Ignition first"
    authority = {"data": {"ca-bundle.crt": lab.bundle.text("root-ca.crt")}}
    objects.put(CONFIGMAPS, "default-ingress-cert", authority, "openshift-config-managed")
    objects.console()
    objects.cluster_version(done=True, message="")
    await world.happen("install-complete")
    world.row("cluster", say("Cluster"), say("installed"), say("Every operator is available."))
    lab.clock.run(fast=False)


async def _up(lab: Lab, name: str, count: int, of: int) -> None:
    await lab.clock.sleep(_PACE)
    lab.objects.operator(name, available=True, progressing=False)
    _towards(lab, count * MANIFESTS // of)


def _towards(lab: Lab, done: int) -> None:
    percent = done * 100 // MANIFESTS
    message = f"Working towards {VERSION}: {done} of {MANIFESTS} done ({percent}% complete)"
    lab.objects.cluster_version(done=False, message=message)
    lab.world.row("cluster", say("Cluster"), say("{percent} % applied", percent=percent), message)


def _waiting_for_workers(lab: Lab) -> None:
    why = "some cluster operators are not available"
    names = ", ".join(ON_WORKERS)
    lab.objects.cluster_version(
        done=False, message=f"Unable to apply {VERSION}: {why}", failing=f"Cluster operators {names} are not available"
    )
    lab.world.row("cluster", say("Cluster"), say("waits for workers"), say("{names} need one", names=names))
