"""Subnets that OVNKubernetes uses inside, which no network of the plan may touch."""

from collections.abc import Iterator

from tui.plan.golang import Network
from tui.plan.rules.config import OVN, Config, network_of
from tui.plan.rules.networks import all_entries, cidr_path, is_faulty, is_skipped
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

_JOIN, _TRANSIT, _MASQUERADE = "join", "transit", "masquerade"
_INTERNAL = {
    _JOIN: (network_of("100.64.0.0/16"), network_of("fd98::/64")),
    _TRANSIT: (network_of("100.88.0.0/16"), network_of("fd97::/64")),
    _MASQUERADE: (network_of("169.254.0.0/17"), network_of("fd69::/112")),
}
_OLD_MASQUERADE = (network_of("169.254.169.0/29"), network_of("fd69::/125"))


def _internal_clashes(config: Config, kinds: dict[str, tuple[Network, Network]]) -> Iterator[Found]:
    for entry in all_entries(config):
        for kind, families in kinds.items():
            if kind == _JOIN and config.join_subnet.bits and entry.network.is_v4:
                continue
            internal = families[0] if entry.network.is_v4 else families[1]
            if entry.network.overlaps(internal):
                what = say(
                    "{given} overlaps {internal}, which OVNKubernetes uses inside ({kind}).",
                    given=entry.network.name,
                    internal=internal.name,
                    kind=kind,
                )
                yield Found(cidr_path(entry), what)


@refusal(
    "ovn-internal-overlap",
    "With OVNKubernetes no network overlaps its join, transit and masquerade subnets.",
    "Choose a network outside 100.64.0.0/16, 100.88.0.0/16, 169.254.0.0/17, fd98::/64, fd97::/64 and fd69::/112.",
    since=(4, 19),
)
def ovn_internal_overlap(config: Config) -> Iterator[Found]:
    if config.network_type.lower() == OVN.lower():
        yield from (
            found
            for found in _internal_clashes(config, _INTERNAL)
            if not any(cidr_path(e) == found.path and is_skipped(config, e) for e in all_entries(config))
        )


@rule(
    "ovn-internal-overlap-unchecked",
    "Before 4.19 the installer does not look, but OVNKubernetes uses its internal subnets all the same.",
    "Choose a network outside 100.64.0.0/16, 100.88.0.0/16 and 169.254.169.0/29.",
    severity="warning",
    until=(4, 18),
)
def ovn_internal_overlap_unchecked(config: Config) -> Iterator[Found]:
    kinds = {_JOIN: _INTERNAL[_JOIN]}
    if config.line >= (4, 14):
        kinds[_TRANSIT] = _INTERNAL[_TRANSIT]
    kinds[_MASQUERADE] = _OLD_MASQUERADE if config.line <= (4, 17) else _INTERNAL[_MASQUERADE]
    if config.network_type.lower() == OVN.lower():
        yield from _internal_clashes(config, kinds)


@refusal(
    "ovn-join-subnet",
    "ovnKubernetesConfig goes with OVNKubernetes; its join subnet overlaps no network and has room for all nodes.",
    "Leave ovnKubernetesConfig out unless 100.64.0.0/16 is in use at your site.",
    since=(4, 18),
)
def ovn_join_subnet(config: Config) -> Iterator[Found]:
    given = config.section("networking") or {}
    if given.get("ovnKubernetesConfig") is None:
        return
    if config.network_type.lower() != OVN.lower():
        yield Found("networking.networkType", say("ovnKubernetesConfig is given, but the network type is another."))
    path, join = "networking.ovnKubernetesConfig.ipv4.internalJoinSubnet", config.join_subnet
    if not join.bits:
        return
    if is_faulty(join):
        yield Found(path, say("{given} is not a network address.", given=join.name))
        return
    for entry in all_entries(config):
        if join.overlaps(entry.network):
            yield Found(path, say("{given} overlaps {other}.", given=join.name, other=entry.network.name))
    nodes = sum(2 ** min(max(e.host_prefix - e.network.prefix, 0), 64) for e in config.cluster if e.network.bits != 128)
    if nodes >= 2 ** (32 - min(join.prefix, 32)) - 3:
        yield Found(path, say("{given} has fewer addresses than there can be nodes.", given=join.name))
