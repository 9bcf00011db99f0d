"""Rules on the later steps of a plan: network, pull secret, artifacts, boot."""

import re
from collections.abc import Iterator

from tui.plan.endpoints import listed
from tui.plan.golang import address_text, is_subdomain, parse_ip, parse_request_uri
from tui.plan.proxy import missing_no_proxy
from tui.plan.rules.plan_nodes import plan_rule
from tui.plan.rules.table import Found
from tui.plan.rules.view import Address, View, is_loopback
from tui.text import say

_BOND_MODES = {"balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"}
_SECRET_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}", re.ASCII)
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):([0-9]{1,5})", re.ASCII)


def _unusable(view: View, text: str) -> str:
    """Why a text is no address that a node could ask, "" where it is one."""
    address = parse_ip(text)
    if address is None:
        return say("This is not an IP address.")
    inner = view.inner_network(address)
    if inner:
        return say("{address} lies in the {inner}, which only pods see.", address=address_text(*address), inner=inner)
    if is_loopback(address) and not view.plan.lab:
        return say("A loopback address reaches no other machine.")
    return ""


@plan_rule("machine-network-undecided", "A machine network is decided.", "Enter the subnet of the nodes.")
def machine_network_undecided(view: View) -> Iterator[Found]:
    if not view.plan.network.machine_networks:
        yield Found(
            "network.machine_networks", say("There is no machine network; the installer would take 10.0.0.0/16.")
        )


@plan_rule(
    "gateway", "The gateway is an address in a machine network, and no node's own.", "Enter the subnet's router."
)
def gateway(view: View) -> Iterator[Found]:
    network = view.plan.network
    if not network.gateway:
        if not network.dhcp and not view.plan.lab:
            yield Found("network.gateway", say("There is no gateway for addresses that are set by hand."))
        return
    for text in listed(network.gateway):
        address = parse_ip(text)
        if address is None:
            yield Found("network.gateway", say("This is not an IP address."))
        elif not view.in_machine_network(address):
            shown = address_text(*address)
            yield Found("network.gateway", say("{address} is in none of the machine networks.", address=shown))
        elif address in {taken for _, taken in view.taken()}:
            yield Found("network.gateway", say("A node has this address."))


@plan_rule(
    "name-server", "Name servers are addresses that every node can ask.", "Enter the name server's real address."
)
def name_server(view: View) -> Iterator[Found]:
    network = view.plan.network
    if not network.name_servers and not network.dhcp:
        yield Found("network.name_servers", say("There is no name server: the nodes could not find api-int."))
    for index, text in enumerate(network.name_servers):
        why = _unusable(view, text)
        if why:
            yield Found(f"network.name_servers[{index}]", why)


@plan_rule("name-server-list", "At most three name servers, each once.", "Keep three.", severity="warning")
def name_server_list(view: View) -> Iterator[Found]:
    servers = view.plan.network.name_servers
    for index, text in enumerate(servers):
        if text in servers[:index]:
            yield Found(f"network.name_servers[{index}]", say("This name server is listed twice."))
    if len(servers) > 3:
        yield Found("network.name_servers[3]", say("The resolver asks the first three name servers only."))


@plan_rule("search-domain", "The search domain is a DNS name.", "Enter the cluster's domain, or leave it empty.")
def search_domain(view: View) -> Iterator[Found]:
    if view.plan.network.search_domain and not is_subdomain(view.plan.network.search_domain.rstrip(".")):
        yield Found("network.search_domain", say("This is not a DNS name."))


@plan_rule("ntp-server", "An NTP server is an address or a host name.", "Enter it without scheme or port.")
def ntp_server(view: View) -> Iterator[Found]:
    for index, text in enumerate(view.plan.network.ntp_servers):
        path = f"network.ntp_servers[{index}]"
        if parse_ip(text):
            why = _unusable(view, text)
            if why:
                yield Found(path, why)
        elif not is_subdomain(text.lower()):
            yield Found(path, say("This is neither an address nor a host name."))


@plan_rule(
    "ntp-missing",
    "Where images are mirrored, the nodes need an NTP server of the site: certificates depend on the clock.",
    "Enter the site's NTP server.",
    severity="warning",
)
def ntp_missing(view: View) -> Iterator[Found]:
    network = view.plan.network
    if network.mirrors and not network.ntp_servers and not network.dhcp and not view.plan.lab:
        yield Found("network.ntp_servers", say("No NTP server: the nodes would ask the Internet for the time."))


@plan_rule("vlan", "A VLAN is a number from 1 to 4094.", "Ask for the VLAN's number, or leave it empty.")
def vlan(view: View) -> Iterator[Found]:
    number = view.plan.network.vlan
    if number is not None and not 1 <= number <= 4094:
        yield Found("network.vlan", say("{number} is not a VLAN.", number=number))


@plan_rule(
    "bond",
    "A bond has a name, two or more interfaces and a mode that the kernel knows.",
    "Use bond0 and active-backup.",
)
def bond(view: View) -> Iterator[Found]:
    chosen = view.plan.network.bond
    if not (chosen.name or chosen.interfaces):
        return
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,15}", chosen.name, re.ASCII):
        yield Found("network.bond.name", say("The bond needs a name such as bond0."))
    if len(set(chosen.interfaces)) < 2:
        yield Found("network.bond.interfaces", say("A bond joins at least two interfaces."))
    if chosen.mode not in _BOND_MODES:
        yield Found("network.bond.mode", say("The kernel knows no such mode; choose one of: {modes}.", modes=_modes()))


def _modes() -> str:
    return ", ".join(sorted(_BOND_MODES))


@plan_rule("mtu", "The machines' MTU lies between 1280 and 9216.", "Leave it empty unless the switches say otherwise.")
def mtu(view: View) -> Iterator[Found]:
    number = view.plan.network.mtu
    if number is not None and not 1280 <= number <= 9216:
        yield Found("network.mtu", say("{number} is not an MTU that works here.", number=number))


@plan_rule(
    "dhcp-range", "The DHCP range is FIRST-LAST, in a machine network.", "Enter it as 192.168.10.100-192.168.10.150."
)
def dhcp_range(view: View) -> Iterator[Found]:
    text = view.plan.network.dhcp_range
    if not text:
        return
    first, _, last = text.replace(" ", "").partition("-")
    ends = parse_ip(first), parse_ip(last)
    if ends[0] is None or ends[1] is None or ends[0] > ends[1] or ends[0][1] != ends[1][1]:
        yield Found("network.dhcp_range", say("This is not a range of addresses."))
    elif not all(view.in_machine_network(end) for end in ends if end):
        yield Found("network.dhcp_range", say("The range leaves the machine networks."))


_BALANCED = {"api": "api", "api_int": "api-int", "ingress": "*.apps"}


@plan_rule(
    "load-balancer", "api, api-int and *.apps have addresses that every node reaches.", "Enter the balancer's address."
)
def load_balancer(view: View) -> Iterator[Found]:
    single = view.plan.topology.shape == "sno"
    for field, name in _BALANCED.items():
        text = getattr(view.plan.network.load_balancer, field)
        if not text:
            if not single:
                yield Found(f"network.load_balancer.{field}", say("There is no address behind {name}.", name=name))
            continue
        why = _unusable(view, text)
        if why:
            yield Found(f"network.load_balancer.{field}", why)


@plan_rule(
    "load-balancer-node",
    "The balancer is not one of the nodes, except on a single node.",
    "Enter the balancer's own address.",
)
def load_balancer_node(view: View) -> Iterator[Found]:
    single = view.plan.topology.shape == "sno"
    nodes = view.plan.topology.nodes
    own = {address for at, address in view.taken() if nodes[at].role in {"master", "bootstrap"}}
    for field, name in _BALANCED.items():
        address: Address | None = parse_ip(getattr(view.plan.network.load_balancer, field))
        if address and not single and address in own:
            what = say("{name} would point at one node alone, and go down with it.", name=name)
            yield Found(f"network.load_balancer.{field}", what)
        elif address and single and own and address not in own:
            what = say("On a single node {name} points at the node itself.", name=name)
            yield Found(f"network.load_balancer.{field}", what, say("Enter the node's address."))


@plan_rule(
    "proxy-password",
    "plan.yaml holds no password: a proxy's user and password live in a secret file.",
    "Move them there.",
)
def proxy_password(view: View) -> Iterator[Found]:
    for field in ("http", "https"):
        authority = getattr(view.plan.network.proxy, field).partition("://")[2].partition("/")[0]
        if "@" in authority:
            yield Found(f"network.proxy.{field}", say("The URL holds a user or password."))


@plan_rule(
    "proxy-exceptions",
    "noProxy names the cluster's domain, its networks and the mirrors, which the installer does not add by itself.",
    "Add what is missing.",
    severity="warning",
)
def proxy_exceptions(view: View) -> Iterator[Found]:
    missing = missing_no_proxy(view.plan)
    if missing:
        shown = ", ".join(missing[:5])
        yield Found(
            "network.proxy.no_proxy", say("Not in noProxy: {missing}.", missing=shown), say("Add {m}.", m=shown)
        )


@plan_rule(
    "registry-undecided",
    "It is decided where nodes pull their images from: from mirrors, or from quay.io itself.",
    "Name the mirrors, or say whether this site reaches quay.io.",
    severity="warning",
)
def registry_undecided(view: View) -> Iterator[Found]:
    network = view.plan.network
    if not network.mirrors and network.connected is None:
        yield Found("network.connected", say("No mirror is named, nor is it said whether quay.io is reached."))


@plan_rule(
    "registry-nowhere",
    "A site that does not reach quay.io has mirrors: nodes pull every image from them.",
    "Name the mirrors, as your mirror tool printed them.",
)
def registry_nowhere(view: View) -> Iterator[Found]:
    network = view.plan.network
    if not network.mirrors and network.connected is False:
        yield Found("network.mirrors", say("Neither quay.io nor a mirror: nothing can be pulled."))


@plan_rule("secret-file", "A secret is named by its file below secrets/: a plain file name.", "Enter the secret again.")
def secret_file(view: View) -> Iterator[Found]:
    plan = view.plan
    named = [
        ("pull_secret.pull_secret", plan.pull_secret.pull_secret),
        ("pull_secret.mirror_credentials", plan.pull_secret.mirror_credentials),
        ("network.proxy.credentials", plan.network.proxy.credentials),
        *((f"topology.nodes[{i}].bmc.password", n.bmc.password) for i, n in enumerate(plan.topology.nodes)),
    ]
    for path, name in named:
        if name and not _SECRET_FILE.fullmatch(name):
            yield Found(path, say("This is not the name of a file below secrets/."))


@plan_rule(
    "ssh-private-key",
    "The private key that belongs to the SSH key is named: journals are followed with it.",
    "Name the key file, such as ~/.ssh/id_ed25519.",
    severity="warning",
)
def ssh_private_key(view: View) -> Iterator[Found]:
    secret = view.plan.pull_secret
    if secret.ssh_key.strip() and not secret.ssh_private_key:
        yield Found("pull_secret.ssh_private_key", say("Without the private key no node's journal can be read."))


@plan_rule(
    "release-image", "The release image is named by digest: mirrors work for digests only.", "Write NAME@sha256:…"
)
def release_image(view: View) -> Iterator[Found]:
    image = view.plan.artifacts.release_image
    if image and not re.search(r"@sha256:[0-9a-f]{64}\Z", image):
        yield Found("artifacts.release_image", say("The release image is not named by its digest."))


@plan_rule(
    "listen", "The file server listens on ADDRESS:PORT, an address that nodes reach.", "Enter it as 192.168.10.5:8080."
)
def listen(view: View) -> Iterator[Found]:
    text = view.plan.boot.listen
    if not text:
        return
    match = _PLACE.fullmatch(text)
    address = parse_ip(match[1].strip("[]")) if match else None
    if match is None or address is None or not 0 < int(match[2]) < 65536:
        yield Found("boot.listen", say("This is not ADDRESS:PORT."))
    elif address[0] == 0:
        yield Found("boot.listen", say("Nodes need an address they can reach, not the address of all interfaces."))
    elif is_loopback(address) and not view.plan.lab:
        yield Found("boot.listen", say("A loopback address reaches no other machine."))


@plan_rule("endpoint", "An endpoint is overridden as HOST:PORT to HOST:PORT.", "Correct it, or delete it.")
def endpoint(view: View) -> Iterator[Found]:
    for place, real in view.plan.endpoints.items():
        for text in (place, real):
            match = _PLACE.fullmatch(text)
            if match is None or not 0 < int(match[2]) < 65536:
                shown = place if len(place) < 60 and '"' not in place else "…"
                yield Found(f'endpoints["{shown}"]', say("This is not HOST:PORT on both sides."))
                break


@plan_rule("source", "An artifact source is a directory or an http(s) URL.", "Enter a path beginning with / or a URL.")
def source(view: View) -> Iterator[Found]:
    for index, text in enumerate(view.plan.artifacts.sources):
        url = parse_request_uri(text)
        if url is None or (url.scheme and url.scheme not in {"http", "https", "file"}):
            yield Found(f"artifacts.sources[{index}]", say("This is neither a full path nor an http(s) URL."))
