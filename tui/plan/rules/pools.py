"""Machine pools, the platform, and what the numbers of machines lead to."""

from collections.abc import Iterator

from tui.plan.rules.config import Config, Pool
from tui.plan.rules.keys import PLATFORMS_AFTER_NONE, PLATFORMS_BEFORE_NONE
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

_CREDENTIALS = "controlPlane.fencing.credentials"


def _pools(config: Config) -> list[Pool]:
    return [config.control, *config.compute]


@refusal("platform-missing", "platform names one platform.", "Write platform with none: {} below it.")
def platform_missing(config: Config) -> Iterator[Found]:
    if not config.platform:
        yield Found("platform", say("No platform is chosen: {example} is a map.", example="none: {}"))


@refusal("platform-two", "platform names one platform only.", "Keep none: {} and delete the others.")
def platform_two(config: Config) -> Iterator[Found]:
    others = [name for name in config.platforms if name not in {config.platform, "none", "external"}]
    if others:
        yield Found("platform", say("More than one platform is named."))


@rule("platform-other", "This tool installs on platform none.", "Write platform with none: {} below it.")
def platform_other(config: Config) -> Iterator[Found]:
    others = [name for name in (*PLATFORMS_BEFORE_NONE, *PLATFORMS_AFTER_NONE) if name in config.platforms]
    if others:
        what = say("The platform {name} is not one this tool installs on, or knows the rules of.", name=others[0])
        yield Found(f"platform.{others[0]}", what)


@refusal("control-plane-none", "There is at least one control plane node.", "Write 3, or 1 for a single node.")
def control_plane_none(config: Config) -> Iterator[Found]:
    if config.control.replicas == 0:
        yield Found("controlPlane.replicas", say("There are no control plane nodes."))


@refusal("replicas-negative", "Numbers of machines are not negative.", "Write 0 or more.")
def replicas_negative(config: Config) -> Iterator[Found]:
    for pool in _pools(config):
        if pool.replicas < 0:
            yield Found(f"{pool.path}.replicas", say("The number of machines is negative."))


@refusal(
    "hyperthreading",
    "hyperthreading is Enabled or Disabled.",
    "Write Enabled, or leave the key out.",
)
def hyperthreading(config: Config) -> Iterator[Found]:
    for pool in _pools(config):
        if pool.hyperthreading not in {"Enabled", "Disabled"}:
            yield Found(f"{pool.path}.hyperthreading", say("This is neither Enabled nor Disabled."))


@refusal(
    "architecture",
    "architecture is amd64, arm64 (from 4.9), ppc64le or s390x.",
    "Use Go's names: amd64 for x86_64, arm64 for aarch64.",
)
def architecture(config: Config) -> Iterator[Found]:
    known = {"amd64", "s390x", "ppc64le", *(["arm64"] if config.line >= (4, 9) else [])}
    for pool in _pools(config):
        if pool.architecture not in known:
            yield Found(
                f"{pool.path}.architecture", say("This architecture is not one of {known}.", known=_join(known))
            )


@refusal(
    "architecture-mixed",
    "On platform none all machines have the control plane's architecture.",
    "Give the compute pool the same architecture.",
)
def architecture_mixed(config: Config) -> Iterator[Found]:
    for pool in config.compute:
        if pool.architecture != config.control.architecture:
            yield Found(f"{pool.path}.architecture", say("It differs from the control plane's architecture."))


@refusal(
    "architecture-payload",
    "The architecture is that of the release which the installer carries, unless that is a multi-architecture one.",
    "Use the installer and release of the machines' architecture.",
    since=(4, 18),
)
def architecture_payload(config: Config) -> Iterator[Found]:
    if config.payload != "multi":
        for pool in _pools(config):
            if pool.architecture != config.payload:
                what = say("A release for {payload} alone has no such node.", payload=config.payload)
                yield Found(f"{pool.path}.architecture", what)


@refusal("compute-name", "The compute pool is named worker.", "Write name: worker.")
def compute_name(config: Config) -> Iterator[Found]:
    for pool in config.compute:
        if pool.name != "worker":
            yield Found(f"{pool.path}.name", say("The pool is not named worker."))


@refusal("compute-twice", "There is one compute pool.", "Keep one pool named worker.")
def compute_twice(config: Config) -> Iterator[Found]:
    names = [pool.name for pool in config.compute]
    for index, pool in enumerate(config.compute):
        if pool.name in names[:index]:
            yield Found(f"{pool.path}.name", say("An earlier pool has the same name."))


@refusal(
    "pool-platform",
    "A machine pool's platform is that of the cluster; on none there is nothing to say.",
    "Write platform: {} in the pool, or leave it out.",
)
def pool_platform(config: Config) -> Iterator[Found]:
    for pool in _pools(config):
        for name in pool.platforms:
            if name != config.platform:
                yield Found(
                    f"{pool.path}.platform.{name}", say("The pool names a platform that the cluster is not on.")
                )


@refusal(
    "fencing-count",
    "Two control plane nodes need two fencing credentials; other numbers take none.",
    "Plan three control plane nodes, or one.",
    since=(4, 19),
)
def fencing_count(config: Config) -> Iterator[Found]:
    given = (config.control.fencing or {}).get("credentials") or []
    if config.control.replicas == 2 and len(given) != 2:
        what = say("Two control plane nodes are only installed with fencing: exactly two credentials for it.")
        yield Found(_CREDENTIALS, what)
    elif config.control.replicas != 2 and given:
        yield Found(_CREDENTIALS, say("Fencing credentials are only for two control plane nodes."))


@refusal("fencing-compute", "Fencing is for the control plane.", "Delete fencing from the pool.", since=(4, 19))
def fencing_compute(config: Config) -> Iterator[Found]:
    for pool in config.compute:
        if pool.fencing is not None:
            yield Found(f"{pool.path}.fencing", say("Workers are not fenced."))


@refusal(
    "fencing-incomplete",
    "Each fencing credential has an address and host name of its own, a user name and a password.",
    "Fill in the missing part.",
    since=(4, 19),
)
def fencing_incomplete(config: Config) -> Iterator[Found]:
    given = (config.control.fencing or {}).get("credentials") or []
    for index, one in enumerate(given):
        missing = next((k for k in ("hostName", "username", "password", "address") if not one.get(k)), "")
        if missing:
            yield Found(f"{_CREDENTIALS}[{index}].{missing}", say("It is missing."))
        for key in ("hostName", "address"):
            if one.get(key) and one[key] in [other.get(key) for other in given[:index]]:
                yield Found(f"{_CREDENTIALS}[{index}].{key}", say("An earlier credential has the same."))


@refusal(
    "fencing-preview",
    "Fencing is a technology preview before 4.22.",
    "Delete controlPlane.fencing, or accept a cluster that can never be upgraded (featureSet: TechPreviewNoUpgrade).",
    since=(4, 19),
    until=(4, 21),
)
def fencing_preview(config: Config) -> Iterator[Found]:
    if config.control.fencing is not None and not has_preview(config, "DualReplica"):
        yield Found("controlPlane.fencing", say("Fencing needs the technology preview feature set."))


def has_preview(config: Config, gate: str) -> bool:
    """Whether the chosen feature set (or a custom gate) turns a previewed feature on."""
    chosen = config.text("featureSet")
    return chosen in {"TechPreviewNoUpgrade", "DevPreviewNoUpgrade"} or (
        chosen == "CustomNoUpgrade" and f"{gate}=true" in [g.lower() for g in config.given.get("featureGates") or []]
    )


@refusal("arbiter", "Arbiter nodes are for platform baremetal.", "Delete arbiter.", since=(4, 19))
def arbiter(config: Config) -> Iterator[Found]:
    if config.section("arbiter") is not None and config.platform != "baremetal":
        path = (
            "arbiter.platform" if config.line >= (4, 20) or has_preview(config, "HighlyAvailableArbiter") else "arbiter"
        )
        yield Found(path, say("There are no arbiter nodes on platform none."))


@rule(
    "control-plane-count",
    "A control plane has three nodes, or one: etcd needs a majority.",
    "Plan three control plane nodes, or one.",
    severity="warning",
)
def control_plane_count(config: Config) -> Iterator[Found]:
    count = config.control.replicas
    if count == 2 and config.line < (4, 19):
        what = say("With two control plane nodes the loss of either stops the cluster: etcd has no majority.")
        yield Found("controlPlane.replicas", what)
    elif count == 4 or (count == 5 and config.line < (4, 17)) or count > 5:
        what = say("{count} control plane nodes are not a number that is supported in this version.", count=count)
        yield Found("controlPlane.replicas", what)


@rule(
    "compute-replicas",
    "On platform none the installer makes no machines: compute.replicas only decides whether the control plane is "
    "schedulable and how many routers there are.",
    "Write 0, the documented value, and say in the scheduler's manifest whether the control plane takes workloads.",
    severity="warning",
)
def compute_replicas(config: Config) -> Iterator[Found]:
    count = sum(pool.replicas for pool in config.compute)
    if count > 0 and config.platform == "none" and all(pool.replicas >= 0 for pool in config.compute):
        if config.control.replicas == 1 and config.single_node:
            what = say("A single node is installed with 0 workers: this cluster would wait for {count}.", count=count)
        elif count == 1:
            what = say("With one worker there is one router and one of each monitoring part: its loss stops *.apps.")
        else:
            what = say("The ingress and other operators wait for {count} workers that you must boot.", count=count)
        pool = next(pool for pool in config.compute if pool.replicas > 0)
        yield Found(f"{pool.path}.replicas", what)


@rule(
    "control-plane-name",
    "controlPlane.name is master.",
    "Write name: master.",
    severity="warning",
)
def control_plane_name(config: Config) -> Iterator[Found]:
    name = (config.section("controlPlane") or {}).get("name")
    if name not in {None, "", "master"}:
        yield Found("controlPlane.name", say("The installer takes master, whatever is written here."))


def _join(words: set[str]) -> str:
    return ", ".join(sorted(words))
