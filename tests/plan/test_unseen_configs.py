"""Install-configs nobody recorded: what the installer's own validation (pkg/types/validation, pkg/validate of its
releases) says of them, read there by hand, against the rules."""

from typing import Any

import pytest

from tests.plan.plans import BUNDLE, ECDSA, ED25519, GOOD, SECRET
from tui.plan.install_config import document
from tui.plan.rules import judge_file
from tui.plan.strict_yaml import scan
from tui.plan.yaml_text import write

ALL = ("4.7", "4.8", "4.15", "4.20")
LATER = ("4.15", "4.20")
OLD = ("4.7", "4.8")
BASE = {key: value for key, value in document(GOOD, SECRET).items() if key != "imageDigestSources"}
PORT = "mirror.example.com:5000"


def net(**changes: Any) -> dict[str, Any]:
    return {"networking": {**BASE["networking"], **changes}}


def cluster(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"cidr": cidr, "hostPrefix": prefix} for cidr, prefix in pairs]


def control(**changes: Any) -> dict[str, Any]:
    return {"controlPlane": {**BASE["controlPlane"], **changes}}


def worker(**changes: Any) -> dict[str, Any]:
    return {"compute": [{**BASE["compute"][0], **changes}]}


def mirrored(source: Any, *mirrors: Any, key: str = "imageContentSources") -> dict[str, Any]:
    return {key: [{"source": source, "mirrors": list(mirrors)}]}


REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("name with a trailing dot", {"metadata": {"name": "ocp4."}}, dict.fromkeys(ALL, "metadata.name")),
    ("name with two dots in a row", {"metadata": {"name": "a..b"}}, dict.fromkeys(ALL, "metadata.name")),
    ("name of umlauts", {"metadata": {"name": "öcp"}}, dict.fromkeys(ALL, "metadata.name")),
    ("a star in the base domain", {"baseDomain": "*.example.com"}, dict.fromkeys(ALL, "baseDomain")),
    ("two dots at the end", {"baseDomain": "example.com.."}, dict.fromkeys(ALL, "baseDomain")),
    ("name and domain too long", {"baseDomain": "a." * 124 + "b"}, dict.fromkeys(ALL, "baseDomain")),
    ("a network of all zero", net(machineNetwork=[{"cidr": "0.0.0.0/0"}]),
     dict.fromkeys(ALL, "networking.machineNetwork[0]")),
    ("IPv6 with host bits", net(clusterNetwork=cluster(("fd01::1/48", 64)), serviceNetwork=["fd02::/112"]),
     dict.fromkeys(ALL, "networking.clusterNetwork[0].cidr")),
    ("a /11 service network", net(serviceNetwork=["172.0.0.0/11"]),
     dict.fromkeys(ALL[1:], "networking.serviceNetwork[0]")),
    ("a /107 IPv6 service network", net(serviceNetwork=["fd02::/107"]),
     dict.fromkeys(ALL[1:], "networking.serviceNetwork[0]")),
    ("a third service network", net(serviceNetwork=["172.30.0.0/16", "fd02::/112", "fd03::/112"]),
     dict.fromkeys(ALL, "networking.serviceNetwork")),
    ("service IPv6 first", net(machineNetwork=[{"cidr": "192.168.31.0/24"}, {"cidr": "fd00:1::/64"}],
                               clusterNetwork=cluster(("10.128.0.0/14", 23), ("fd01::/48", 64)),
                               serviceNetwork=["fd02::/112", "172.30.0.0/16"]),
     dict.fromkeys(ALL[1:], "networking.serviceNetwork")),
    ("dual stack without IPv6 machines", net(clusterNetwork=cluster(("10.128.0.0/14", 23), ("fd01::/48", 64)),
                                             serviceNetwork=["172.30.0.0/16", "fd02::/112"]),
     dict.fromkeys(ALL, "networking.machineNetwork")),
    ("IPv6 host prefix of 63", net(clusterNetwork=cluster(("fd01::/48", 63)), serviceNetwork=["fd02::/112"]),
     dict.fromkeys(ALL, "networking.clusterNetwork[0].hostPrefix")),
    ("host prefixes that differ", net(clusterNetwork=cluster(("10.128.0.0/14", 23), ("10.132.0.0/14", 24))),
     {"4.20": "networking.clusterNetwork[1].hostPrefix"}),
    ("the transit subnet", net(machineNetwork=[{"cidr": "100.88.3.0/24"}]), {"4.20": "networking.machineNetwork[0]"}),
    ("the masquerade subnet", net(serviceNetwork=["169.254.0.0/20"]), {"4.20": "networking.serviceNetwork[0]"}),
    ("SDN in capitals", net(networkType="OPENSHIFTSDN"), dict.fromkeys(LATER, "networking.networkType")),
    ("Kuryr", net(networkType="Kuryr"), dict.fromkeys(LATER, "networking.networkType")),
    ("a host prefix with a fraction", net(clusterNetwork=cluster(("10.128.0.0/14", 23.5))),
     dict.fromkeys(ALL, "networking.clusterNetwork[0].hostPrefix")),
    ("replicas as text", worker(replicas="0"), dict.fromkeys(ALL, "compute[0].replicas")),
    ("replicas beyond 64 bits", control(replicas=2**63), dict.fromkeys(ALL, "controlPlane.replicas")),
    ("hyperthreading in small letters", control(hyperthreading="enabled"),
     dict.fromkeys(ALL, "controlPlane.hyperthreading")),
    ("hyperthreading as a flag", worker(hyperthreading=True), dict.fromkeys(ALL, "compute[0].hyperthreading")),
    ("the kernel's name of a processor", {**control(architecture="x86_64"), **worker(architecture="x86_64")},
     dict.fromkeys(ALL, "controlPlane.architecture")),
    ("arm64 before its time, and later from an amd64 release",
     {**control(architecture="arm64"), **worker(architecture="arm64")},
     dict.fromkeys([*OLD, "4.20"], "controlPlane.architecture")),
    ("an edge pool", worker(name="edge"), dict.fromkeys(ALL, "compute[0].name")),
    ("a pool for vSphere", control(platform={"vsphere": {"cpus": 4}}),
     dict.fromkeys(ALL, "controlPlane.platform.vsphere")),
    ("published mixed", {"publish": "Mixed"}, dict.fromkeys(ALL, "publish")),
    ("published in small letters", {"publish": "external"}, dict.fromkeys(ALL, "publish")),
    ("credentials by hand", {"credentialsMode": "Manual"}, dict.fromkeys(ALL, "credentialsMode")),
    ("a capability set of the future", {"capabilities": {"baselineCapabilitySet": "v4.99"}},
     dict.fromkeys(LATER, "capabilities.baselineCapabilitySet")),
    ("capabilities without a set", {"capabilities": {"additionalEnabledCapabilities": ["Console"]}},
     dict.fromkeys(LATER, "capabilities.baselineCapabilitySet")),
    ("no ingress", {"capabilities": {"baselineCapabilitySet": "None"}}, {"4.20": "capabilities"}),
    ("a capability in small letters",
     {"capabilities": {"baselineCapabilitySet": "vCurrent", "additionalEnabledCapabilities": ["console"]}},
     dict.fromkeys(LATER, "capabilities.additionalEnabledCapabilities[0]")),
    ("marketplace alone",
     {"capabilities": {"baselineCapabilitySet": "None", "additionalEnabledCapabilities": ["marketplace", "Ingress"]}},
     dict.fromkeys(LATER, "capabilities.additionalEnabledCapabilities")),
    ("a feature set that is none", {"featureSet": "TechPreview"}, dict.fromkeys(LATER, "featureSet")),
    ("gates without their set", {"featureGates": ["A=true"]}, dict.fromkeys(LATER, "featureGates")),
    ("a gate of two equal signs", {"featureSet": "CustomNoUpgrade", "featureGates": ["A=B=true"]},
     dict.fromkeys(LATER, "featureGates[0]")),
    ("an Ed25519 key with FIPS", {"fips": True, "sshKey": ED25519}, dict.fromkeys(LATER, "sshKey")),
    ("a proxy by SOCKS", {"proxy": {"httpProxy": "socks5://proxy.example.com:1080"}},
     dict.fromkeys(ALL[1:], "proxy.httpProxy")),
    ("a proxy in the service network", {"proxy": {"httpsProxy": "http://172.30.0.9:3128"}},
     dict.fromkeys(ALL[1:], "proxy.httpsProxy")),
    ("https for http", {"proxy": {"httpProxy": "https://proxy.example.com"}},
     dict.fromkeys(ALL[1:], "proxy.httpProxy")),
    ("a port of letters", {"proxy": {"httpProxy": "http://proxy.example.com:port"}},
     dict.fromkeys(ALL, "proxy.httpProxy")),
    ("an empty exception", {"proxy": {"httpProxy": "http://p.example.com:1", "noProxy": "a.example.com,,b"}},
     {**dict.fromkeys(ALL[1:], "proxy.noProxy"), "4.7": "proxy.noProxy[1]"}),
    ("two dots before an exception", {"proxy": {"httpProxy": "http://p.example.com:1", "noProxy": "..example.com"}},
     {**dict.fromkeys(ALL[1:], "proxy.noProxy"), "4.7": "proxy.noProxy[0]"}),
    ("a mirror by digest", mirrored("quay.io/a/b", f"{PORT}/a@sha256:" + "0" * 64),
     dict.fromkeys(ALL, "imageContentSources[0].mirrors[0]")),
    ("a mirror in capitals", mirrored("quay.io/a/b", f"{PORT}/OCP"),
     dict.fromkeys(ALL, "imageContentSources[0].mirrors[0]")),
    ("a mirror that ends in a slash", mirrored("quay.io/a/b", f"{PORT}/a/"),
     dict.fromkeys(ALL, "imageContentSources[0].mirrors[0]")),
    ("an empty source", mirrored("", PORT + "/a"), dict.fromkeys(ALL, "imageContentSources[0].source")),
    ("a source without a host", mirrored("ocp/release", key="imageDigestSources"),
     dict.fromkeys(LATER, "imageDigestSources[0].source")),
    ("a digest source as a map", {"imageDigestSources": {"source": "quay.io/a"}},
     dict.fromkeys(LATER, "imageDigestSources")),
    ("auths as a list", {"pullSecret": '{"auths": []}'}, dict.fromkeys(ALL, "pullSecret")),
    ("an auth that is null", {"pullSecret": '{"auths": {"quay.io": null}}'}, dict.fromkeys(ALL, "pullSecret")),
    ("two secrets in a row", {"pullSecret": SECRET + SECRET}, dict.fromkeys(ALL, "pullSecret")),
    ("a blank line behind the bundle", {"additionalTrustBundle": BUNDLE + "\n"},
     dict.fromkeys(ALL, "additionalTrustBundle")),
    ("words behind the bundle", {"additionalTrustBundle": BUNDLE + "# end\n"},
     dict.fromkeys(ALL, "additionalTrustBundle")),
    ("a policy in its other spelling", {"additionalTrustBundlePolicy": "ProxyOnly"},
     dict.fromkeys(LATER, "additionalTrustBundlePolicy")),
    ("a fingerprint for a key", {"sshKey": "256 SHA256:abcdef you@host (ED25519)"}, dict.fromkeys(ALL, "sshKey")),
]  # fmt: skip
"""What is changed, and the path that the installer of each version names; versions left out accept it."""

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("a name of digits", {"metadata": {"name": "4"}}),
    ("a number for a name", {"metadata": {"name": 4}}),
    ("a name of 54 characters", {"metadata": {"name": "a" * 54}}),
    ("a dot at the domain's end", {"baseDomain": "example.com."}),
    ("OVN in capitals", net(networkType="OVNKUBERNETES")),
    ("hundred machine networks", net(machineNetwork=[{"cidr": f"10.1.{n}.0/24"} for n in range(100)])),
    ("a /108 IPv6 service network", net(networkType="OVNKubernetes", serviceNetwork=["fd02::/108"],
                                        machineNetwork=[{"cidr": "fd00:1::/64"}],
                                        clusterNetwork=cluster(("fd01::/48", 64)))),
    ("a host prefix with a zero fraction", net(clusterNetwork=cluster(("10.128.0.0/14", 23.0)))),
    ("a host prefix of 32", net(clusterNetwork=cluster(("10.128.0.0/14", 32)))),
    ("five control plane nodes", control(replicas=5)),
    ("replicas left out", {"controlPlane": {"name": "master"}, "compute": [{"name": "worker"}]}),
    ("no compute", {"compute": []}),
    ("hyperthreading off", {**control(hyperthreading="Disabled"), **worker(hyperthreading="Disabled")}),
    ("an empty pool platform", control(platform={})),
    ("published external", {"publish": "External"}),
    ("everything excepted from the proxy", {"proxy": {"httpProxy": "http://p.example.com:1", "noProxy": "*"}}),
    ("a proxy with an account", {"proxy": {"httpProxy": "http://me:p%40ss@p.example.com:1"}}),
    ("a proxy by IPv6", {"proxy": {"httpProxy": "http://[fd00:1::9]:3128"}}),
    ("an RSA key with options", {"sshKey": f'from="10.0.0.0/8" {ECDSA}'}),
    ("comments and a key", {"sshKey": f"# mine\n\n{ED25519}\n"}),
    ("words before the bundle", {"additionalTrustBundle": "the root:\n" + BUNDLE}),
    ("credsStore for auth", {"pullSecret": '{"auths": {"quay.io": {"credsStore": "x"}}}'}),
    ("the key auths in capitals", {"pullSecret": SECRET.replace("auths", "AUTHS")}),
    ("a mirror with a port", mirrored("quay.io/a/b", f"{PORT}/a/b-c_d.e")),
    ("a source without mirrors", {"imageContentSources": [{"source": "quay.io/a/b"}]}),
    ("fips false", {"fips": False}),
    ("annotations", {"metadata": {"name": "ocp4", "annotations": {"a": "b"}}}),
]  # fmt: skip


def refusals(changes: dict[str, Any], version: str) -> list[str]:
    """The paths of what the installer would refuse in the good file with these changes."""
    problems = judge_file(scan(write({**BASE, **changes})), version, "manifests")
    return [problem.path for problem in problems if problem.installer]


@pytest.mark.parametrize("version", ALL)
def test_the_file_that_is_changed_is_accepted_itself(version: str) -> None:
    assert refusals({}, version) == []


@pytest.mark.parametrize(("changes", "paths"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
@pytest.mark.parametrize("version", ALL)
def test_what_the_installer_refuses_is_refused_at_its_path(
    changes: dict[str, Any], paths: dict[str, str], version: str
) -> None:
    found = refusals(changes, version)
    if version in paths:
        assert paths[version] in found
    else:
        assert found == []


@pytest.mark.parametrize("changes", [pytest.param(row[1], id=row[0]) for row in ACCEPTED])
@pytest.mark.parametrize("version", ALL)
def test_what_the_installer_accepts_is_not_refused(changes: dict[str, Any], version: str) -> None:
    assert refusals(changes, version) == []
