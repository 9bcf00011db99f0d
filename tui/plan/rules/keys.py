"""The keys of install-config.yaml and their types, by version: what the installer's own types accept.

Sources: the installer's pkg/types at releases 4.8, 4.12, 4.15 and 4.19, and the history between them.
"""

from typing import Any, Literal, NamedTuple

Kind = Literal["text", "raw-text", "flag", "int32", "int64", "uint32", "cidr", "anything"]
"""Kinds of plain values. "raw-text" takes no unquoted number or boolean, unlike "text"."""


class Key(NamedTuple):
    """A key's type and the versions that know it. `old` names the key that replaced it."""

    kind: Any
    since: tuple[int, int] = (4, 7)
    until: tuple[int, int] = (99, 0)
    old: str = ""


class ListOf(NamedTuple):
    """A list whose items have one type."""

    item: Any


class MapOf(NamedTuple):
    """A map with free keys and one type of values."""

    value: Any


Keys = dict[str, Key]

TEXT = Key("text")
TEXTS = Key(ListOf("text"))
FLAG = Key("flag")
INT32 = Key("int32")
INT64 = Key("int64")
CIDR = Key("cidr")
ANYTHING = Key("anything")

METADATA: Keys = {
    **dict.fromkeys(("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "clusterName"), TEXT),
    **dict.fromkeys(("labels", "annotations"), Key(MapOf("text"))),
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp", "ownerReferences", "managedFields"), ANYTHING),
    **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), INT64),
    "finalizers": TEXTS,
}

PLATFORMS_BEFORE_NONE = ("alibabacloud", "aws", "azure", "baremetal", "gcp", "ibmcloud", "libvirt")
"""Where two platforms are named, the installer goes by the first in this order; `none` comes after these."""
PLATFORMS_AFTER_NONE = ("external", "openstack", "powervs", "vsphere", "ovirt", "nutanix", "kubevirt")

_PLATFORM_VERSIONS = {
    "alibabacloud": ((4, 10), (4, 16)),
    "ibmcloud": ((4, 10), (99, 0)),
    "libvirt": ((4, 7), (4, 16)),
    "external": ((4, 14), (99, 0)),
    "powervs": ((4, 11), (99, 0)),
    "ovirt": ((4, 7), (99, 0)),
    "nutanix": ((4, 11), (99, 0)),
    "kubevirt": ((4, 7), (4, 8)),
}
_EVER = ((4, 7), (99, 0))


def _platform(name: str) -> Key:
    since, until = _PLATFORM_VERSIONS.get(name, _EVER)
    return Key(MapOf("anything"), since, until)


POOL_PLATFORM: Keys = {
    name: _platform(name) for name in PLATFORMS_BEFORE_NONE + PLATFORMS_AFTER_NONE if name != "external"
}
PLATFORM: Keys = {
    **{name: _platform(name) for name in PLATFORMS_BEFORE_NONE},
    "none": Key({}),
    **{name: _platform(name) for name in PLATFORMS_AFTER_NONE},
}

CREDENTIAL: Keys = dict.fromkeys(("hostName", "username", "password", "address", "certificateVerification"), TEXT)

POOL: Keys = {
    "name": TEXT,
    "replicas": INT64,
    "platform": Key(POOL_PLATFORM),
    "hyperthreading": TEXT,
    "architecture": TEXT,
    "fencing": Key({"credentials": Key(ListOf(CREDENTIAL))}, (4, 19)),
    "osImageStream": Key("text", (4, 21)),
}

CLUSTER_NETWORK: Keys = {
    "cidr": CIDR,
    "hostPrefix": INT32,
    "hostSubnetLength": Key("int32", old="hostPrefix"),
}

NETWORKING: Keys = {
    "networkType": TEXT,
    "machineNetwork": Key(ListOf({"cidr": CIDR})),
    "clusterNetwork": Key(ListOf(CLUSTER_NETWORK)),
    "serviceNetwork": Key(ListOf("cidr")),
    "clusterNetworkMTU": Key("uint32", (4, 15)),
    "ovnKubernetesConfig": Key({"ipv4": Key({"internalJoinSubnet": CIDR})}, (4, 18)),
    "machineCIDR": Key("cidr", old="machineNetwork"),
    "type": Key("text", old="networkType"),
    "serviceCIDR": Key("cidr", old="serviceNetwork"),
    "clusterNetworks": Key(ListOf(CLUSTER_NETWORK), old="clusterNetwork"),
}

CONTENT_SOURCE: Keys = {"source": TEXT, "mirrors": TEXTS}
DIGEST_SOURCE: Keys = {**CONTENT_SOURCE, "sourcePolicy": Key("text", (4, 21))}

INSTALL_CONFIG: Keys = {
    "apiVersion": Key("raw-text"),
    "kind": Key("raw-text"),
    "metadata": Key(METADATA),
    "baseDomain": TEXT,
    "additionalTrustBundle": TEXT,
    "additionalTrustBundlePolicy": Key("text", (4, 12)),
    "sshKey": TEXT,
    "networking": Key(NETWORKING),
    "controlPlane": Key(POOL),
    "arbiter": Key(POOL, (4, 19)),
    "compute": Key(ListOf(POOL)),
    "platform": Key(PLATFORM),
    "pullSecret": TEXT,
    "proxy": Key(dict.fromkeys(("httpProxy", "httpsProxy", "noProxy"), TEXT)),
    "imageContentSources": Key(ListOf(CONTENT_SOURCE)),
    "imageDigestSources": Key(ListOf(DIGEST_SOURCE), (4, 14)),
    "publish": TEXT,
    "operatorPublishingStrategy": Key(dict.fromkeys(("ingress", "apiserver"), TEXT), (4, 15)),
    "fips": FLAG,
    "cpuPartitioningMode": Key("text", (4, 13)),
    "credentialsMode": TEXT,
    "bootstrapInPlace": Key({"installationDisk": TEXT}, (4, 8)),
    "capabilities": Key({"baselineCapabilitySet": TEXT, "additionalEnabledCapabilities": TEXTS}, (4, 11)),
    "featureSet": Key("text", (4, 12)),
    "featureGates": Key(ListOf("text"), (4, 14)),
    "osImageStream": Key("text", (4, 21)),
}
