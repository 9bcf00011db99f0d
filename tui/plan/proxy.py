"""What must not go through the proxy, computed from the plan."""

from tui.plan.endpoints import cluster_domain, mirror_hosts
from tui.plan.golang import is_subdomain, parse_cidr, parse_ip
from tui.plan.model import Plan


def computed_no_proxy(plan: Plan) -> list[str]:
    """The noProxy a plan should have beyond what the installer adds itself (loopback, .svc, api-int, all networks):
    the cluster's domain and the hosts of the mirrors."""
    domain = cluster_domain(plan).lower()
    hosts = [host.partition(":")[0] for host in mirror_hosts(plan)]
    wanted = [*([f".{domain}"] if is_subdomain(domain) else []), *filter(_is_host, hosts)]
    return list(dict.fromkeys(wanted))


def added_no_proxy(plan: Plan) -> list[str]:
    """What openshift-install adds to noProxy by itself."""
    network, domain = plan.network, cluster_domain(plan)
    networks = [*network.machine_networks, *(entry.cidr for entry in network.cluster_networks)]
    own = [f"api-int.{domain}"] if domain else []
    return ["127.0.0.1", "localhost", ".svc", ".cluster.local", *own, *networks, *network.service_networks]


def _is_host(text: str) -> bool:
    return parse_ip(text) is not None or is_subdomain(text)


def missing_no_proxy(plan: Plan) -> list[str]:
    """What of that the plan's noProxy does not cover; nothing where there is no proxy."""
    proxy = plan.network.proxy
    if not (proxy.http or proxy.https) or "*" in proxy.no_proxy:
        return []
    given = [part.strip() for part in proxy.no_proxy]
    networks = [*given, *plan.network.machine_networks]
    return [name for name in computed_no_proxy(plan) if not _covered(name, given, networks)]


def _covered(name: str, given: list[str], networks: list[str]) -> bool:
    address = parse_ip(name)
    if address:
        parsed = (parse_cidr(text) for text in networks)
        return name in given or any(network.contains(*address) for network in parsed if network)
    bare = name.lstrip(".")
    return any(bare == part.lstrip(".") or bare.endswith(f".{part.lstrip('.')}") for part in given if part.strip("."))


def parted(url: str) -> tuple[str, str]:
    """A proxy's URL without user and password, and these as they stand in it, "" for none."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    account, at, host = authority.rpartition("@")
    return (f"{scheme}{separator}{host}{slash}{path}", account) if at else (url, "")
