"""Single node: what `create single-node-ignition-config` wants."""

from collections.abc import Iterator

from tui.plan.rules.config import Config
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say


def _disk(config: Config) -> str:
    return (config.section("bootstrapInPlace") or {}).get("installationDisk") or ""


@rule(
    "single-node-version",
    "4.7 cannot make a single node's Ignition config: it prints its help and seems to succeed.",
    "Use 4.8 or newer.",
    until=(4, 7),
)
def single_node_version(config: Config) -> Iterator[Found]:
    if config.target == "sno":
        yield Found("bootstrapInPlace", say("OpenShift 4.7 cannot be installed in place on a single node."))


@refusal(
    "single-node-replicas",
    "A single node has one control plane replica.",
    "Write controlPlane.replicas: 1.",
    since=(4, 8),
)
def single_node_replicas(config: Config) -> Iterator[Found]:
    if config.target == "sno" and config.control.replicas != 1:
        what = say("{count} control plane nodes are planned for a single node.", count=config.control.replicas)
        yield Found("controlPlane.replicas", what)


@refusal(
    "single-node-disk",
    "bootstrapInPlace.installationDisk names the disk to install on.",
    "Write the disk, best as /dev/disk/by-id/…",
    since=(4, 8),
)
def single_node_disk(config: Config) -> Iterator[Found]:
    if config.target != "sno":
        return
    if not config.single_node:
        yield Found("bootstrapInPlace", say("bootstrapInPlace is missing."))
    elif not _disk(config):
        yield Found("bootstrapInPlace.installationDisk", say("No disk is named."))


@rule(
    "single-node-disk-path",
    "The installation disk is a path below /dev/.",
    "Write it as /dev/sda or, better, /dev/disk/by-id/…",
)
def single_node_disk_path(config: Config) -> Iterator[Found]:
    if _disk(config) and not _disk(config).startswith("/dev/"):
        yield Found("bootstrapInPlace.installationDisk", say("This is not a path below /dev/."))


@rule(
    "single-node-mixed",
    "bootstrapInPlace is for one control plane node.",
    "Delete bootstrapInPlace, or plan a single node.",
    severity="warning",
)
def single_node_mixed(config: Config) -> Iterator[Found]:
    if config.target == "manifests" and config.single_node and config.control.replicas != 1:
        yield Found(
            "bootstrapInPlace", say("bootstrapInPlace is given, but there are more control plane nodes than one.")
        )


@rule(
    "single-node-undecided",
    "One control plane node is installed in place (bootstrapInPlace), or with a bootstrap machine.",
    "Add bootstrapInPlace.installationDisk and use the target sno, or keep a bootstrap machine ready.",
    severity="warning",
    since=(4, 8),
)
def single_node_undecided(config: Config) -> Iterator[Found]:
    if config.target == "manifests" and config.control.replicas == 1 and not config.single_node:
        yield Found("bootstrapInPlace", say("One control plane node is planned, and no disk to install it in place."))
