"""DHCP for networks whose server is ours to set up: ISC dhcpd, and Kea for systems that have no dhcpd any more."""

import json
from ipaddress import IPv4Network
from typing import Any

from tui.generate import records
from tui.generate.records import Machine
from tui.generate.templates import fill
from tui.plan.endpoints import cluster_domain, listed
from tui.plan.model import Plan

INFINITE = 0xFFFFFFFF
"""Seconds: a lease that never ends."""

LOADERS = {0: "undionly.kpxe", 7: "ipxe.efi", 9: "ipxe.efi", 11: "ipxe-arm64.efi"}
"""iPXE's file name by the client's architecture (DHCP option 93): BIOS, UEFI on x86-64 (7 and 9), UEFI on arm64."""


def dhcp_files(plan: Plan, url: str) -> dict[str, str]:
    """dhcpd.conf and Kea's configuration with one reservation a machine; `url` is where iPXE finds its scripts."""
    subnets = [network for network in records.networks(plan) if isinstance(network, IPv4Network)]
    if not subnets:
        return {}
    script = f"{url}/boot.ipxe" if plan.boot.method == "pxe" else ""
    hosts = [machine for machine in records.machines(plan) if machine.mac and machine.ipv4]
    values = {
        "plan": plan,
        "domain": plan.network.search_domain or cluster_domain(plan),
        "router": next((str(one) for one in records.parsed(listed(plan.network.gateway)) if one.version == 4), ""),
        "servers": [str(one) for one in records.parsed(plan.network.name_servers) if one.version == 4],
        # DHCP's option 42 carries addresses only; names of time servers reach the nodes by MachineConfig.
        "clocks": [str(one) for one in records.parsed(plan.network.ntp_servers) if one.version == 4],
    }
    return {
        "dhcp/dhcpd.conf": fill(
            "dhcpd.conf.j2",
            subnets=subnets,
            hosts=hosts,
            script=script,
            loaders=LOADERS,
            lease=INFINITE,
            **values,
        ),
        "dhcp/kea-dhcp4.json": json.dumps(_kea(subnets, hosts, values, script), indent=2) + "\n",
    }


def _kea(subnets: list[IPv4Network], hosts: list[Machine], values: dict[str, Any], script: str) -> dict[str, Any]:
    options = {
        "routers": values["router"],
        "domain-name-servers": ", ".join(values["servers"]),
        "domain-name": values["domain"],
        "ntp-servers": ", ".join(values["clocks"]),
    }
    return {
        "Dhcp4": {
            "interfaces-config": {"interfaces": ["*"]},
            "lease-database": {"type": "memfile", "persist": True},
            "valid-lifetime": INFINITE,
            "client-classes": _kea_classes(script) if script else [],
            "option-data": [{"name": name, "data": data} for name, data in options.items() if data],
            "subnet4": [
                {
                    "id": number,
                    "subnet": str(subnet),
                    "reservations-out-of-pool": True,
                    "reservations": [
                        {"hw-address": host.mac, "ip-address": str(host.ipv4), "hostname": host.name}
                        for host in hosts
                        if host.ipv4 in subnet
                    ],
                }
                for number, subnet in enumerate(subnets, 1)
            ],
        }
    }


def _kea_classes(script: str) -> list[dict[str, str]]:
    """iPXE itself gets the script, every other loader gets iPXE."""
    ipxe = "option[77].hex == 'iPXE'"
    return [
        {"name": "ipxe", "test": ipxe, "boot-file-name": script},
        *(
            {
                "name": f"architecture-{number}",
                "test": f"not ({ipxe}) and option[93].hex == 0x{number:04x}",
                "boot-file-name": name,
            }
            for number, name in LOADERS.items()
        ),
    ]
