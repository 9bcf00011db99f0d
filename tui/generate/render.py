"""The plan as files: install-config.yaml and what the machines around the cluster need. Pure and quick: no I/O but
reading the templates, so that the screens can show it while a person types.
"""

import base64

from tui.generate import records
from tui.generate.dhcp import dhcp_files
from tui.generate.install_config import install_config
from tui.generate.menus import boot_files
from tui.generate.model import Secret
from tui.generate.templates import file_name, fill
from tui.plan.endpoints import cluster_domain, listed
from tui.plan.model import Plan

INSTALL_CONFIG = "install-config.yaml"
MACHINE_CONFIGS = "machine-configs"
UNTOLD = "PATH-TOLD-WHEN-SERVING"
BOOTSTRAP_MARK = "# ocp-tui: bootstrap"


def preview(name: str) -> str:
    """Stands for a secret wherever a person looks: its name in brackets, as in `[pull secret]`."""
    return f"[{name.partition('.')[0].replace('-', ' ')}]" if name else ""


def render(plan: Plan, secret: Secret, *, base_url: str = "", serial: int = 1) -> dict[str, str]:
    """Every file this plan leads to, by its path below the session's `generated/`.

    `secret` gives a secret's text by its file name (`preview` for a look). `base_url` is where nodes fetch from: the
    plan's listen address and the path that cannot be guessed ("" gives the files with a word in that path's place).
    `serial` is the zones' serial number: it has to grow from writing to writing. install-config.yaml holds the pull
    secret and has to be written with mode 0600.
    """
    url = base_url or f"http://{plan.boot.listen or 'BASTION:8080'}/{UNTOLD}"
    files = {INSTALL_CONFIG: install_config(plan, secret)}
    files.update(dns_files(plan, serial))
    files["load-balancer/haproxy.cfg"] = haproxy(plan)
    if plan.network.dhcp or plan.boot.method == "pxe":
        files.update(dhcp_files(plan, url))
    files.update(boot_files(plan, url))
    files.update(machine_configs(plan))
    files["README.md"] = fill("README.md.j2", plan=plan, domain=cluster_domain(plan), files=sorted(files))
    return files


def dns_files(plan: Plan, serial: int = 1) -> dict[str, str]:
    """BIND's zones with the lines that name them, and the same for dnsmasq."""
    domain = cluster_domain(plan)
    if not domain:
        return {}
    reverse = records.reverse_zones(plan)
    ingress = records.parsed(listed(plan.network.load_balancer.ingress))
    shared = {"plan": plan, "domain": domain, "serial": serial, "servers": records.parsed(plan.network.name_servers)}
    files = {
        "dns/named.conf": fill(
            "named.conf.j2",
            zones={name: f"{file_name(name)}.zone" for name in (domain, *(zone.name for zone in reverse))},
            networks=records.networks(plan),
        ),
        f"dns/{file_name(domain)}.zone": fill("forward.zone.j2", records=records.records(plan), **shared),
        "dns/dnsmasq.conf": fill(
            "dnsmasq.conf.j2", records=records.records(plan), reverse=reverse, ingress=ingress, **shared
        ),
    }
    for zone in reverse:
        files[f"dns/{zone.name}.zone"] = fill("reverse.zone.j2", zone=zone, **shared)
    return files


def haproxy(plan: Plan) -> str:
    """haproxy.cfg; every line that names the bootstrap ends in BOOTSTRAP_MARK."""
    return fill(
        "haproxy.cfg.j2",
        domain=cluster_domain(plan),
        mark=BOOTSTRAP_MARK,
        api=records.api_backends(plan),
        ingress=records.ingress_backends(plan),
        inside=_bind(plan.network.load_balancer.api_int),
    )


def without_bootstrap(haproxy_cfg: str) -> str:
    """The same haproxy.cfg after bootstrap-complete: the bootstrap's lines as comments. Twice is as good as once."""
    return "".join(
        f"#{line}" if line.rstrip().endswith(BOOTSTRAP_MARK) and not line.startswith("#") else line
        for line in haproxy_cfg.splitlines(keepends=True)
    )


def _bind(address: str) -> str:
    """What haproxy binds: the addresses named, else all."""
    found = records.parsed(listed(address))
    return ",".join(f"[{one}]" if one.version == 6 else str(one) for one in found) or "*"


def machine_configs(plan: Plan) -> dict[str, str]:
    """MachineConfigs that go into the manifests. Ignition 3.2.0 is understood by every version from 4.7 on."""
    if not plan.network.ntp_servers:
        return {}
    chrony = fill("chrony.conf.j2", servers=plan.network.ntp_servers)
    encoded = base64.b64encode(chrony.encode()).decode()
    return {
        f"{MACHINE_CONFIGS}/99-{role}-chrony.yaml": fill("machine-config-chrony.yaml.j2", role=role, encoded=encoded)
        for role in ("master", "worker")
    }
