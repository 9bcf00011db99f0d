"""The stages of an installation, as data: their names, their usual lengths, and the texts that tell of them.

Texts are searched for anywhere in a line, because prefixes differ and some programs print two messages on one line;
"…" within one stands for anything. Facts: the installer's bootkube.sh and its sisters from 4.3 to 5.0.
"""

from functools import partial
from typing import Any, Literal

from msgspec import Struct

Where = Literal["bootstrap", "cluster", "node"]


class Definition(Struct, frozen=True, kw_only=True):
    """One stage. `usual` in seconds; `since` and `before` are the versions that have it (first, and first without).

    `units` are the systemd units that speak of it, `scripts` their syslog identifiers. `start`, `done` and `failed`
    are texts; `retry` counts a further attempt at something that has just failed, `again` takes back a `done` that was
    said too early, `reason` explains a failure that is about to be said, `counter` comes before systemd's count of
    restarts. `anew`: a start is a new beginning even where the stage was done. `optional`: passes without a trace in
    some installations. `inside` names the stage that encloses it. `advisory`: its failure stops nothing. `parallel`:
    what comes later says nothing about a failure here.
    """

    id: str
    title: str
    where: Where = "bootstrap"
    usual: int | None = None
    since: tuple[int, int] = (4, 0)
    before: tuple[int, int] = (9, 0)
    units: tuple[str, ...] = ("bootkube",)
    scripts: tuple[str, ...] = ("bootkube.sh",)
    start: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    counter: tuple[str, ...] = ()
    inside: str = ""
    anew: bool = False
    optional: bool = False
    advisory: bool = False
    parallel: bool = False


_IGNITION = (
    "ignition",
    "ignition-fetch",
    "ignition-fetch-offline",
    "ignition-disks",
    "ignition-mount",
    "ignition-files",
)
_installer_stage = partial(Definition, where="cluster", units=("openshift-install",), scripts=("openshift-install",))
_kubelet_stage = partial(
    Definition,
    units=("kubelet",),
    start=("Starting Kubernetes Kubelet",),
    done=("Started Kubernetes Kubelet",),
    failed=("kubelet.service: Main process exited", "kubelet.service: Failed with result"),
    counter=("kubelet.service: Scheduled restart job, restart counter is at",),
    anew=True,
    parallel=True,
)
_firstboot_stage = partial(
    Definition,
    where="node",
    units=("machine-config-daemon-pull", "machine-config-daemon-firstboot"),
    scripts=("machine-config-daemon", "podman"),
)


def _step(id_: str, title: str, usual: int, text: str = "", **more: Any) -> Definition:
    """A step of bootkube.sh: it announces its start, and is over when the next one starts."""
    start = (text,) if text else ()
    return Definition(id=id_, title=title, usual=usual, **{"inside": "bootkube", "start": start, **more})


def _url_check(name: str, kind: str) -> tuple[Definition, Definition]:
    """The two checks of one URL: does its name resolve, does its endpoint answer. Neither stops the bootstrap."""
    resolve = _step(
        f"resolve-{name}-url",
        f"Checking that the bootstrap can resolve the {name} name",
        2,
        start=(f"Starting stage resolve-{name}-url", f"Checking if … of type {kind} is resolvable"),
        done=(f"Successfully resolved {kind}",),
        failed=(f"Unable to resolve {kind}",),
        since=(4, 13),
        optional=True,
        advisory=True,
    )
    check = _step(
        f"check-{name}-url",
        f"Checking that the {name} address answers",
        2,
        start=(
            f"Starting stage check-{name}-url",
            f"Checking if … of type {kind} reachable",
            f"Checking validity of … of type {kind}",
        ),
        done=(f"Success while trying to reach {kind}",),
        failed=(f"Unable to reach {kind}",),
        since=(4, 10),
        optional=True,
        advisory=True,
    )
    return resolve, check


_RESOLVE_API, _CHECK_API = _url_check("api", "API_URL")
_RESOLVE_API_INT, _CHECK_API_INT = _url_check("api-int", "API_INT_URL")

BOOTSTRAP: tuple[Definition, ...] = (
    Definition(
        id="coreos-install",
        title="Writing CoreOS to the bootstrap's disk",
        usual=300,
        units=("coreos-installer",),
        scripts=("coreos-installer-service", "coreos-installer"),
        start=("coreos-installer install ", "Installing Red Hat Enterprise Linux CoreOS", "Installing Fedora CoreOS"),
        done=("Install complete.", "Finished CoreOS Installer", "Started CoreOS Installer"),
        failed=("coreos-installer.service: Main process exited", "coreos-installer.service: Failed with result"),
        optional=True,
    ),
    Definition(
        id="ignition",
        title="The bootstrap fetches and applies its Ignition file",
        usual=60,
        units=_IGNITION,
        scripts=("ignition",),
        start=("GET http … attempt #", "GET https … attempt #"),
        done=("GET result: OK", "files passed", "Ignition finished successfully"),
        again=("GET error:",),
        optional=True,
    ),
    Definition(
        id="release-image",
        title="Pulling the release image",
        usual=60,
        units=("release-image",),
        scripts=("release-image-download.sh",),
        start=("Starting Download the OpenShift Release Image", "Pulling "),
        done=("Finished Download the OpenShift Release Image", "Started Download the OpenShift Release Image"),
        failed=("Error: ", "ERROR: release image arch"),
        retry=("Pull failed. Retrying",),
    ),
    Definition(
        id="node-image",
        title="Laying the node image over the boot image",
        usual=180,
        since=(4, 19),
        units=("node-image-pull", "node-image-overlay", "node-image-finish"),
        scripts=("node-image-pull.sh", "node-image-overlay.sh"),
        start=("Currently on CoreOS version", "Target node image is", "Overlaying node image content"),
        done=("Node image overlay complete",),
        retry=("Failed to query release image; retrying", "Failed to fetch release image; retrying"),
        optional=True,
    ),
    Definition(
        id="crio-configure",
        title="Configuring CRI-O",
        usual=3,
        units=("crio-configure",),
        scripts=("crio-configure.sh",),
        start=("Starting Configure CRI-O to use the pause image",),
        done=("Finished Configure CRI-O to use the pause image", "Started Configure CRI-O to use the pause image"),
        failed=("crio-configure.service: Main process exited", "crio-configure.service: Failed with result"),
    ),
    _kubelet_stage(
        id="kubelet",
        title="Starting the bootstrap's kubelet",
        usual=5,
        scripts=("kubelet.sh", "hyperkube", "kubenswrapper"),
    ),
    Definition(
        id="bootkube",
        title="bootkube: bringing up the temporary control plane and handing it over",
        usual=1200,
        start=("Started Bootstrap a Kubernetes cluster",),
        done=("bootkube.service complete",),
        failed=("bootkube.service: Main process exited", "bootkube.service: Failed with result"),
        reason=("Error: ", "error: ", "level=error"),
        counter=("bootkube.service: Scheduled restart job, restart counter is at",),
        anew=True,
    ),
    _step("openshift-manifests", "Collecting the manifests", 5, "Moving OpenShift manifests in with the rest of them"),
    _step("api-bootstrap", "Rendering the API's manifests", 4, "Rendering api manifests", since=(4, 14), optional=True),
    _step(
        "auth-api-bootstrap",
        "Rendering the authentication API's manifests",
        4,
        "Rendering auth api manifests",
        since=(4, 19),
        optional=True,
    ),
    _step("config-bootstrap", "Rendering the cluster's configuration", 22, "Rendering cluster config manifests"),
    _step("cvo-bootstrap", "Rendering the version operator", 1, "Rendering Cluster Version Operator Manifests"),
    _step("etcd-bootstrap", "Rendering etcd", 20, "Rendering CEO Manifests", since=(4, 4)),
    _step("kube-apiserver-bootstrap", "Rendering the API server", 35, "Rendering Kubernetes API server core manifests"),
    _step(
        "kube-controller-manager-bootstrap",
        "Rendering the controller manager",
        28,
        "Rendering Kubernetes Controller Manager core manifests",
    ),
    _step("kube-scheduler-bootstrap", "Rendering the scheduler", 26, "Rendering Kubernetes Scheduler core manifests"),
    _step("ingress-operator-bootstrap", "Rendering ingress", 18, "Rendering Ingress Operator core manifests"),
    _step(
        "node-tuning-bootstrap",
        "Rendering node tuning",
        5,
        "Rendering Node Tuning core manifests",
        since=(4, 13),
        optional=True,
    ),
    _step("mco-bootstrap", "Rendering the machine configs; then nodes may boot", 51, "Rendering MCO manifests"),
    _RESOLVE_API,
    _RESOLVE_API_INT,
    _step("cco-bootstrap", "Rendering the credential operator", 20, "Rendering CCO manifests", since=(4, 6)),
    _step(
        "wait-for-etcd",
        "Waiting for the bootstrap's etcd",
        60,
        since=(4, 4),
        done=("is healthy: successfully committed proposal",),
        again=("is unhealthy: failed to commit proposal", "etcdctl failed. Retrying"),
    ),
    _step("cb-bootstrap", "Waiting for the control plane on the masters", 1080, "Starting cluster-bootstrap..."),
    _step(
        "cb-api",
        "Starting the temporary API server",
        15,
        "Starting temporary bootstrap control plane",
        done=("API is up",),
        inside="cb-bootstrap",
    ),
    _step("cb-manifests", "Creating the cluster's first objects", 120, "API is up", inside="cb-bootstrap"),
    _step(
        "cb-control-plane",
        "Waiting for the control plane's pods on the masters",
        780,
        "Pod Status:openshift-",
        done=("All self-hosted control plane components successfully started",),
        failed=("error while checking pod status",),
        inside="cb-bootstrap",
    ),
    _step(
        "cb-masters",
        "Waiting for two masters to carry the control plane",
        300,
        start=(
            "Waiting for 2 masters to join",
            "should be available on at least two master nodes",
            "Waiting for self hosted control plane to be available",
        ),
        done=("2 masters joined the cluster",),
        failed=("time out waiting for condition",),
        inside="cb-bootstrap",
        since=(4, 15),
        optional=True,
    ),
    _step(
        "cb-finish",
        "Handing over to the masters",
        180,
        start=("to give load-balancers time to observe", "Sending bootstrap-success event"),
        done=("Sending bootstrap-finished event",),
        inside="cb-bootstrap",
    ),
    _step(
        "cvo-overrides",
        "Restoring the version operator's overrides",
        1,
        "Restoring CVO overrides",
        done=("clusterversion.config.openshift.io/version patched",),
        again=("Trying again to restore CVO overrides",),
        since=(4, 12),
    ),
    _step(
        "wait-for-ceo",
        "Waiting for etcd to run on the masters",
        300,
        start=("Waiting for CEO to finish", "waiting on condition EtcdRunningInCluster"),
        done=("Cluster etcd operator bootstrapped successfully", "cluster-etcd-operator bootstrap etcd"),
        since=(4, 4),
    ),
    _CHECK_API,
    _CHECK_API_INT,
    Definition(
        id="report-bootstrap-complete",
        title="Reporting that the bootstrap is complete",
        usual=60,
        units=("progress",),
        scripts=("report-progress.sh",),
        start=("Reporting install progress", "Waiting for at least 3 available IP addresses"),
        done=("configmap/bootstrap created",),
    ),
)
"""The bootstrap's own stages in their usual order."""

CLUSTER: tuple[Definition, ...] = (
    _installer_stage(
        id="bootstrap-complete",
        title="Bootstrap complete",
        usual=300,
        start=("Bootstrap status: complete",),
        done=("It is now safe to remove the bootstrap resources",),
        failed=(
            "Bootstrap failed to complete",
            "Failed to wait for bootstrapping to complete",
            "failed to wait for bootstrapping to complete",
            "ailed waiting for Kubernetes API",
        ),
    ),
    _installer_stage(
        id="bootstrap-removed",
        title="The bootstrap is out of the load balancer",
        optional=True,
    ),
    _installer_stage(
        id="operators",
        title="The cluster operators settle",
        usual=1800,
        start=("Waiting up to … for the cluster at … to initialize",),
        done=("Cluster is initialized", "All cluster operators have completed progressing"),
        failed=(
            "Cluster initialization failed because",
            "failed to initialize the cluster",
            "cluster operators were not stable",
        ),
    ),
    _installer_stage(
        id="install-complete",
        title="Installation complete",
        usual=60,
        done=("Install complete!",),
        failed=("failed to initialize the cluster",),
    ),
)
"""What the cluster and openshift-install's wait-for tell."""

NODE: tuple[Definition, ...] = (
    Definition(
        id="node-ignition",
        title="Fetching Ignition from the machine config server",
        where="node",
        usual=300,
        units=_IGNITION,
        scripts=("ignition",),
        start=("GET http … attempt #", "GET https … attempt #"),
        done=("GET result: OK", "files passed", "Ignition finished successfully"),
        again=("GET error:",),
    ),
    _firstboot_stage(
        id="node-os-update",
        title="Updating the operating system",
        usual=300,
        start=("Executing rebase", "rpm-ostree rebase", "Starting Machine Config Daemon"),
        done=("initiating reboot: Completing firstboot provisioning", "Rebooting node"),
        retry=("Sleeping 1 minute for retry",),
        failed=("firstboot_complete_machineconfig.go … error:",),
    ),
    _firstboot_stage(
        id="node-reboot",
        title="Rebooting into the new system",
        usual=240,
        start=("initiating reboot: Completing firstboot provisioning", "Rebooting node"),
    ),
    _kubelet_stage(
        id="node-kubelet",
        title="Starting the kubelet",
        where="node",
        usual=10,
        scripts=("kubenswrapper", "hyperkube", "kubelet"),
    ),
    Definition(
        id="node-joined",
        title="Joining the cluster",
        where="node",
        usual=60,
        units=("kubelet",),
        scripts=("kubenswrapper", "hyperkube", "kubelet"),
        start=("Attempting to register node",),
        done=("Successfully registered node",),
    ),
    Definition(
        id="node-ready",
        title="Becoming ready",
        where="node",
        usual=420,
        units=("kubelet",),
        scripts=("kubenswrapper", "hyperkube", "kubelet"),
        start=("Successfully registered node",),
        done=('event="NodeReady"', "Recording NodeReady event", "as it just became ready"),
    ),
)
"""Each control plane node's and worker's stages, in order."""


def bootstrap_order(version: tuple[int, int] | None) -> tuple[Definition, ...]:
    """The bootstrap's stages in the order of that version's bootkube.sh (None: the newest known)."""
    stages = list(BOOTSTRAP)
    if version is not None and version < (4, 15):
        _move(stages, "config-bootstrap", after="etcd-bootstrap")
    if version is not None and version < (4, 13):
        _move(stages, "check-api-url", after="mco-bootstrap")
        _move(stages, "check-api-int-url", after="check-api-url")
    return tuple(stages)


def _move(stages: list[Definition], stage: str, *, after: str) -> None:
    names = [definition.id for definition in stages]
    moved = stages.pop(names.index(stage))
    stages.insert([definition.id for definition in stages].index(after) + 1, moved)
