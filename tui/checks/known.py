"""Every check there is, as data: light enough for a screen to read."""

from tui.checks.model import Check


def _check(id_: str, step: str, title: str, asks: str) -> Check:
    return Check(id=id_, step=step, title=title, asks=asks)


CHECKS = (
    _check("dns.server", "network", "Name server", "Does each name server answer over UDP port 53?"),
    _check("dns.tcp", "network", "Name server over TCP", "Does each name server answer over TCP port 53 too?"),
    _check("dns.api", "network", "API name", "Does every name server give api's load balancer address?"),
    _check("dns.api-int", "network", "Internal API name", "Does every name server give api-int's address?"),
    _check("dns.apps", "network", "Applications wildcard", "Does a random name below apps give the ingress address?"),
    _check("dns.bootstrap", "topology", "Bootstrap name", "Does every name server give the bootstrap's address?"),
    _check("dns.node", "topology", "Node names", "Does every node's name give its address, and no other?"),
    _check("dns.node-ptr", "topology", "Node addresses back to names", "Does every node's address give its full name?"),
    _check("dns.mirror", "network", "Registry's name", "Do the nodes' name servers find the registry (or the proxy)?"),
    _check("dns.agreement", "network", "Name servers agree", "Do all name servers give the same answers?"),
    _check("dns.wildcard-trap", "network", "Wildcard traps", "Does a name that must not exist get an answer?"),
    _check("lb.6443", "network", "Kubernetes API port", "What answers at port 6443 of api and api-int?"),
    _check("lb.22623", "network", "Machine config port", "What answers at port 22623 of api-int?"),
    _check("lb.22623-outside", "network", "Machine config port outside", "Is port 22623 hidden from outside?"),
    _check("lb.443", "network", "Ingress HTTPS port", "What answers at port 443 of the applications' address?"),
    _check("lb.80", "network", "Ingress HTTP port", "What answers at port 80 of the applications' address?"),
    _check(
        "lb.backends", "network", "Load balancer's backends", "Does haproxy list the planned nodes, and which are up?"
    ),
    _check(
        "lb.bootstrap-removed", "boot", "Bootstrap out of the balancer", "Does the balancer still use the bootstrap?"
    ),
    _check("registry.trust", "pull_secret", "Registry's certificate", "Will nodes trust the registry's certificate?"),
    _check(
        "registry.credentials", "pull_secret", "Registry's credentials", "Does the registry accept the pull secret?"
    ),
    _check("registry.release", "artifacts", "Release image", "Does the registry hold the release image, by digest?"),
    _check("registry.signature", "artifacts", "Release signature", "From 4.21: is the release's signature there too?"),
    _check(
        "registry.components", "artifacts", "Component images", "Are a few of the release's component images there?"
    ),
    _check("clock.ntp", "network", "Time servers", "Does each NTP server answer, and is it synchronised itself?"),
    _check("clock.bastion", "network", "Bastion's clock", "How far is this machine's clock from the NTP servers?"),
    _check("address.in-network", "topology", "Addresses fit", "Is every address in a machine network, and used once?"),
    _check("address.free", "topology", "Addresses are free", "Before boot: does another machine use a node's address?"),
    _check("gateway.answers", "network", "Gateway", "Does the gateway answer, and is it in a machine network?"),
    _check(
        "bmc.redfish", "topology", "Management controllers", "Does each BMC answer Redfish and accept its password?"
    ),
    _check("bastion.disk", "artifacts", "Disk space", "Is there room for the artifacts and the nodes' ISOs?"),
    _check("bastion.ports", "boot", "Serving port", "Is the address and port for serving Ignition free?"),
    _check("bastion.firewall", "boot", "Firewall", "Does firewalld let the nodes reach what this machine serves?"),
    _check("bastion.selinux", "boot", "SELinux", "Does SELinux let a balancer on this machine work?"),
    _check("bastion.noexec", "artifacts", "Programs may run", "May programs in the session directory be run?"),
    _check(
        "bastion.ssh-key", "pull_secret", "SSH key pair", "Does the private key belong to the public key of the plan?"
    ),
    _check("bastion.tools", "artifacts", "Tools", "Which tools are at hand, and are they of the plan's version?"),
)
STEP = {check.id: check.step for check in CHECKS}
