"""Publishing, credentials, capabilities, feature sets, FIPS: what platform none leaves little choice of."""

from collections.abc import Iterator

from tui.plan.rules.config import Config
from tui.plan.rules.table import Found, refusal, rule
from tui.plan.versions import Line
from tui.text import say

_ADDED: list[tuple[str, set[str]]] = [
    ("v4.11", {"baremetal", "marketplace", "openshift-samples"}),
    ("v4.12", {"Console", "Insights", "Storage", "CSISnapshot"}),
    ("v4.13", {"NodeTuning"}),
    ("v4.14", {"MachineAPI", "Build", "DeploymentConfig", "ImageRegistry"}),
    ("v4.15", {"OperatorLifecycleManager", "CloudCredential"}),
    ("v4.16", {"Ingress", "CloudControllerManager"}),
    ("v4.17", set()),
    ("v4.18", {"OperatorLifecycleManagerV1"}),
]
"""Which capabilities each set adds to the one before. Sets end at v4.18, whatever the version."""

_NEWEST = {"CompatibilityRequirements", "ClusterAPI"}


def capability_sets(line: Line) -> dict[str, set[str]]:
    """The capability sets a version knows, by name, with what is in each."""
    sets: dict[str, set[str]] = {"None": set()}
    together: set[str] = set()
    for minor, (name, added) in enumerate(_ADDED, 11):
        if line < (4, minor):
            break
        together = together | added
        sets[name] = set(together)
    if line >= (4, 14):  # MachineAPI came in 4.14 and was put into the older sets as well
        sets = {name: found | {"MachineAPI"} if found else found for name, found in sets.items()}
        together = together | {"MachineAPI"}
    return {**sets, "vCurrent": together | (_NEWEST if line >= (5, 0) else set())}


@refusal("publish", "publish is External (Internal and Mixed are for clouds).", "Leave publish out.")
def publish(config: Config) -> Iterator[Found]:
    chosen = config.text("publish") or "External"
    known = {"External", "Internal", *(["Mixed"] if config.line >= (4, 15) else [])}
    if chosen not in known:
        yield Found("publish", say("There is no such way to publish."))
    elif chosen != "External" and config.line >= (4, 8):
        yield Found("publish", say("On platform none a cluster is published External only."))


@rule("publish-internal", "Internal means nothing on platform none.", "Leave publish out.", until=(4, 7))
def publish_internal(config: Config) -> Iterator[Found]:
    if config.text("publish") == "Internal":
        yield Found("publish", say("4.7 takes Internal and does nothing with it on platform none."))


@refusal(
    "publish-operators",
    "operatorPublishingStrategy goes with publish: Mixed.",
    "Delete operatorPublishingStrategy.",
    since=(4, 15),
)
def publish_operators(config: Config) -> Iterator[Found]:
    if config.section("operatorPublishingStrategy") is not None and config.text("publish") != "Mixed":
        yield Found("operatorPublishingStrategy", say("It is only for clusters published Mixed."))


@refusal("credentials-mode", "credentialsMode is for clouds.", "Delete credentialsMode.")
def credentials_mode(config: Config) -> Iterator[Found]:
    if config.text("credentialsMode") and config.platform == "none":
        yield Found("credentialsMode", say("It cannot be set on platform none."))


@refusal(
    "capability-set",
    "baselineCapabilitySet is None, vCurrent, or a version from v4.11 to the release's own (v4.18 at most).",
    "Write vCurrent, or leave capabilities out.",
    since=(4, 11),
)
def capability_set(config: Config) -> Iterator[Found]:
    given = config.section("capabilities")
    if given is not None and (given.get("baselineCapabilitySet") or "") not in capability_sets(config.line):
        yield Found("capabilities.baselineCapabilitySet", say("This version knows no such capability set."))


@refusal(
    "capability-name",
    "Each additional capability is one that the version knows.",
    "Check the spelling and the version.",
    since=(4, 11),
)
def capability_name(config: Config) -> Iterator[Found]:
    known = capability_sets(config.line)["vCurrent"]
    for index, name in enumerate(_additional(config)):
        if name not in known:
            path = f"capabilities.additionalEnabledCapabilities[{index}]"
            yield Found(path, say("This version knows no such capability."))


def _additional(config: Config) -> list[str]:
    given: list[str] = (config.section("capabilities") or {}).get("additionalEnabledCapabilities") or []
    return given


def _enabled(config: Config) -> set[str]:
    chosen = (config.section("capabilities") or {}).get("baselineCapabilitySet") or "vCurrent"
    return capability_sets(config.line).get(chosen, set()) | set(_additional(config))


@refusal(
    "capability-ingress",
    "The capability Ingress is needed.",
    "Add Ingress to additionalEnabledCapabilities.",
    since=(4, 16),
)
def capability_ingress(config: Config) -> Iterator[Found]:
    if config.section("capabilities") is not None and "Ingress" not in _enabled(config):
        yield Found("capabilities", say("The capability Ingress is left out, and no cluster works without it."))


@refusal(
    "capability-marketplace",
    "The capability marketplace needs OperatorLifecycleManager.",
    "Add OperatorLifecycleManager to additionalEnabledCapabilities.",
    since=(4, 15),
)
def capability_marketplace(config: Config) -> Iterator[Found]:
    given = config.section("capabilities")
    if given is None or (config.line < (4, 17) and given.get("baselineCapabilitySet") != "None"):
        return
    enabled = _enabled(config)
    if "marketplace" in enabled and "OperatorLifecycleManager" not in enabled:
        what = say("marketplace is enabled without OperatorLifecycleManager.")
        yield Found("capabilities.additionalEnabledCapabilities", what)


@refusal(
    "capability-machine-api",
    "The capability baremetal needs MachineAPI.",
    "Add MachineAPI to additionalEnabledCapabilities.",
    since=(4, 14),
    until=(4, 16),
)
def capability_machine_api(config: Config) -> Iterator[Found]:
    given = config.section("capabilities") or {}
    names = set(_additional(config))
    if given.get("baselineCapabilitySet") == "None" and "baremetal" in names and "MachineAPI" not in names:
        what = say("baremetal is enabled without MachineAPI.")
        yield Found("capabilities.additionalEnabledCapabilities", what)


def _feature_sets(line: Line) -> set[str]:
    newer = "DevPreviewNoUpgrade" if line >= (4, 16) else "LatencySensitive"
    return {"", "CustomNoUpgrade", "TechPreviewNoUpgrade", newer}


@refusal(
    "feature-set",
    "featureSet is left out, or TechPreviewNoUpgrade, DevPreviewNoUpgrade (4.16) or CustomNoUpgrade.",
    "Delete featureSet.",
    since=(4, 12),
)
def feature_set(config: Config) -> Iterator[Found]:
    if config.text("featureSet") not in _feature_sets(config.line):
        yield Found("featureSet", say("There is no such feature set."))


@rule(
    "feature-set-final",
    "A feature set cannot be left again, and the cluster cannot be upgraded.",
    "Delete featureSet unless this cluster is for trying things out.",
    severity="warning",
    since=(4, 12),
)
def feature_set_final(config: Config) -> Iterator[Found]:
    if config.text("featureSet"):
        yield Found("featureSet", say("With a feature set this cluster can never be upgraded."))


@refusal(
    "feature-gates",
    "featureGates go with featureSet: CustomNoUpgrade, each as Name=true or Name=false.",
    "Delete featureGates.",
    since=(4, 14),
)
def feature_gates(config: Config) -> Iterator[Found]:
    gates: list[str] = config.given.get("featureGates") or []
    if gates and config.text("featureSet") != "CustomNoUpgrade":
        yield Found("featureGates", say("Feature gates are given without featureSet: CustomNoUpgrade."))
    for index, gate in enumerate(gates):
        if "=" not in gate or gate.partition("=")[2] not in _GO_BOOLEANS:
            yield Found(f"featureGates[{index}]", say("This is not Name=true or Name=false."))


_GO_BOOLEANS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}


@refusal(
    "fips-host",
    "FIPS is installed from a bastion in FIPS mode, with openshift-install-fips (rhel9 archive).",
    "Use a RHEL 9 bastion installed in FIPS mode and openshift-install-fips, or leave FIPS off.",
    since=(4, 16),
)
def fips_host(config: Config) -> Iterator[Found]:
    if config.given.get("fips") and not config.host_fips:
        yield Found("fips", say("FIPS is asked for, and this host is not in FIPS mode."))


@rule(
    "cpu-partitioning",
    "cpuPartitioningMode is None or AllNodes, and cannot be changed after the installation.",
    "Leave it out unless you plan workload partitioning.",
    since=(4, 13),
)
def cpu_partitioning(config: Config) -> Iterator[Found]:
    if config.text("cpuPartitioningMode") not in {"", "None", "AllNodes"}:
        yield Found("cpuPartitioningMode", say("This is neither None nor AllNodes."))


@rule(
    "os-image-stream",
    "osImageStream is rhel-9 or rhel-10.",
    "Delete osImageStream.",
    since=(4, 21),
)
def os_image_stream(config: Config) -> Iterator[Found]:
    if config.text("osImageStream") not in {"", "rhel-9", "rhel-10"}:
        yield Found("osImageStream", say("There is no such stream."))
