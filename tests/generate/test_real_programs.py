"""The helper files before the very programs that will read them."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.resolver
import dns.reversename
import pytest
from msgspec.structs import replace

from tui.generate import preview, render, without_bootstrap
from tui.plan.model import Plan

pytestmark = pytest.mark.peers


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def write(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def accepted(*command: str | Path, cwd: Path) -> str:
    arguments = [str(part) for part in command]
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(params=["three and two", "compact", "IPv6", "dual stack", "DHCP", "PXE"])
def shaped(plan: Plan, request: pytest.FixtureRequest) -> Plan:
    """The same cluster in the shapes that change the files."""
    topology, network = plan.topology, plan.network
    match request.param:
        case "compact":
            return replace(plan, topology=replace(topology, nodes=[n for n in topology.nodes if n.role != "worker"]))
        case "IPv6":
            nodes = [replace(n, address=f"2001:db8:1::{n.address.rpartition('.')[2]}") for n in topology.nodes]
            balancer = replace(
                network.load_balancer, api="2001:db8:1::5", api_int="2001:db8:1::5", ingress="2001:db8:1::6"
            )
            return replace(
                plan,
                topology=replace(topology, nodes=nodes),
                network=replace(
                    network,
                    load_balancer=balancer,
                    machine_networks=["2001:db8:1::/64"],
                    name_servers=["2001:db8:1::5"],
                ),
            )
        case "dual stack":
            nodes = [
                replace(n, address=f"{n.address},2001:db8:1::{n.address.rpartition('.')[2]}") for n in topology.nodes
            ]
            return replace(plan, topology=replace(topology, nodes=nodes))
        case "DHCP":
            return replace(plan, network=replace(network, dhcp=True, mtu=9000))
        case "PXE":
            return replace(plan, boot=replace(plan.boot, method="pxe"))
    return plan


def test_haproxy_takes_the_balancer_with_and_without_the_bootstrap(shaped: Plan, tmp_path: Path) -> None:
    text = render(shaped, preview)["load-balancer/haproxy.cfg"]
    write(tmp_path, {"with.cfg": text, "without.cfg": without_bootstrap(text)})
    for name in ("with.cfg", "without.cfg"):
        said = accepted(program("haproxy"), "-c", "-f", name, cwd=tmp_path)
        assert "warning" not in said.lower()


def test_bind_takes_every_zone(shaped: Plan, tmp_path: Path) -> None:
    files = write(tmp_path, render(shaped, preview)) / "dns"
    for zone in files.glob("*.zone"):
        accepted(program("named-checkzone"), "-i", "full", zone.name.removesuffix(".zone"), zone.name, cwd=files)
    (files / "all.conf").write_text(f'options {{ directory "{files}"; }};\n' + (files / "named.conf").read_text())
    said = accepted(program("named-checkconf"), "-z", files / "all.conf", cwd=files)
    assert said.count("loaded serial") == len(list(files.glob("*.zone")))


def test_dnsmasq_takes_its_file(shaped: Plan, tmp_path: Path) -> None:
    files = write(tmp_path, render(shaped, preview))
    accepted(program("dnsmasq"), "--test", "-C", files / "dns/dnsmasq.conf", cwd=tmp_path)


def test_dhcpd_takes_its_file(plan: Plan, tmp_path: Path) -> None:
    files = write(tmp_path, render(replace(plan, boot=replace(plan.boot, method="pxe")), preview))
    said = accepted(program("dhcpd"), "-4", "-t", "-cf", files / "dhcp/dhcpd.conf", cwd=tmp_path)
    assert "WARNING" not in said


def test_kea_takes_its_file(plan: Plan, tmp_path: Path) -> None:
    files = write(tmp_path, render(replace(plan, boot=replace(plan.boot, method="pxe")), preview))
    accepted(program("kea-dhcp4"), "-t", files / "dhcp/kea-dhcp4.json", cwd=tmp_path)


@pytest.fixture
def name_server(plan: Plan, tmp_path: Path) -> Iterator[dns.resolver.Resolver]:
    """The generated dnsmasq.conf in a running dnsmasq, only its address and port changed."""
    text = render(plan, preview)["dns/dnsmasq.conf"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = text.replace("listen-address=192.168.10.5", f"listen-address=127.0.0.1\nport={port}\nuser=root")
    (tmp_path / "dnsmasq.conf").write_text(place)
    if os.geteuid() != 0:
        pytest.skip("dnsmasq gives up its rights, which only root can")
    arguments = [program("dnsmasq"), "-k", "-C", str(tmp_path / "dnsmasq.conf")]
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, 20
    try:
        until_up(resolver, child)
        yield resolver
    finally:
        child.terminate()
        child.wait(10)


def until_up(resolver: dns.resolver.Resolver, child: "subprocess.Popen[bytes]") -> None:
    for _ in range(60):
        assert child.poll() is None, "dnsmasq ended"
        with contextlib.suppress(dns.resolver.LifetimeTimeout):
            resolver.resolve("api.ocp4.example.com", "A", lifetime=0.5)
            return
    raise AssertionError("dnsmasq does not answer")


def test_dnsmasq_answers_every_name_both_ways_and_none_besides(name_server: dns.resolver.Resolver) -> None:
    def addresses(name: str) -> list[str]:
        return sorted(str(one) for one in name_server.resolve(name, "A"))

    def names(address: str) -> list[str]:
        return sorted(str(one) for one in name_server.resolve(dns.reversename.from_address(address), "PTR"))

    assert addresses("api-int.ocp4.example.com") == ["192.168.10.5"]
    assert addresses("anything.apps.ocp4.example.com") == ["192.168.10.6"]
    assert addresses("worker-2.ocp4.example.com") == ["192.168.10.22"]
    assert names("192.168.10.5") == ["api-int.ocp4.example.com.", "api.ocp4.example.com."]
    assert names("192.168.10.12") == ["master-2.ocp4.example.com."]
    for unknown in ("nobody.ocp4.example.com", "x.api.ocp4.example.com"):
        with pytest.raises(dns.resolver.NXDOMAIN):
            addresses(unknown)
    with pytest.raises(dns.resolver.NoNameservers):
        addresses("quay.io")
