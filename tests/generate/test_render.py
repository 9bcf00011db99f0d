"""The files that the plan leads to."""

import json
import re

import msgspec
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.generate import preview, render, without_bootstrap
from tui.generate.model import Secret
from tui.plan.model import Bond, Boot, Network, Node, Plan, Topology


def test_a_preview_shows_a_mark_where_the_pull_secret_goes(plan: Plan) -> None:
    files = render(plan, preview)
    assert yaml.safe_load(files["install-config.yaml"])["pullSecret"] == "[pull secret]"


def test_the_written_install_config_holds_both_credentials_on_one_line(plan: Plan, secret: Secret) -> None:
    document = yaml.safe_load(render(plan, secret)["install-config.yaml"])
    assert set(json.loads(document["pullSecret"])["auths"]) == {"quay.io", "mirror.example.com:5000"}
    assert "\n" not in document["pullSecret"]


def test_no_file_but_the_install_config_holds_a_secret(plan: Plan, secret: Secret, canary: str) -> None:
    files = render(plan, secret)
    assert all(
        canary not in text and "dXNlcjpjYW5" not in text for name, text in files.items() if "install" not in name
    )


def test_every_address_of_the_plan_has_its_name_and_the_balancer_two_reverse_names(plan: Plan) -> None:
    files = render(plan, preview, serial=7)
    forward, reverse = files["dns/ocp4.example.com.zone"], files["dns/10.168.192.in-addr.arpa.zone"]
    assert re.search(r"^master-2 +IN A +192\.168\.10\.12$", forward, re.MULTILINE)
    assert re.search(r"^\*\.apps +IN A +192\.168\.10\.6$", forward, re.MULTILINE)
    assert re.findall(r"^5 IN PTR (\S+)$", reverse, re.MULTILINE) == [
        "api.ocp4.example.com.",
        "api-int.ocp4.example.com.",
    ]
    assert "( 7 " in forward


def test_the_machine_config_port_is_bound_inside_only(plan: Plan) -> None:
    text = render(plan, preview)["load-balancer/haproxy.cfg"]
    assert "bind        192.168.10.5:22623" in text
    assert "*:22623" not in text


def test_the_bootstrap_leaves_the_balancer_and_nobody_else(plan: Plan) -> None:
    before = render(plan, preview)["load-balancer/haproxy.cfg"]
    after = without_bootstrap(before)
    serving = [line for line in after.splitlines() if line.strip().startswith("server ")]
    assert not any("bootstrap" in line for line in serving)
    assert len(serving) == sum(line.strip().startswith("server ") for line in before.splitlines()) - 2
    assert without_bootstrap(after) == after


def test_routers_are_balanced_over_the_control_plane_where_there_are_no_workers(plan: Plan) -> None:
    compact = replace(
        plan, topology=replace(plan.topology, nodes=[n for n in plan.topology.nodes if n.role != "worker"])
    )
    text = render(compact, preview)["load-balancer/haproxy.cfg"]
    assert "master-1 192.168.10.11:443" in text


def test_static_addresses_need_no_dhcp_and_network_boot_does(plan: Plan) -> None:
    assert not any(name.startswith("dhcp/") for name in render(plan, preview))
    files = render(replace(plan, boot=replace(plan.boot, method="pxe")), preview)
    assert 'filename "http://192.168.10.5:8080/PATH-TOLD-WHEN-SERVING/boot.ipxe"' in files["dhcp/dhcpd.conf"]
    assert "pxe/52-54-00-00-00-0b.ipxe" in files
    kea = json.loads(files["dhcp/kea-dhcp4.json"])
    assert {host["hostname"] for host in kea["Dhcp4"]["subnet4"][0]["reservations"]} >= {"master-1.ocp4.example.com"}


def test_machines_are_sent_to_the_path_they_are_served_under(plan: Plan) -> None:
    files = render(plan, preview, base_url="http://192.168.10.5:8080/hjkmn")
    assert "coreos.inst.ignition_url=http://192.168.10.5:8080/hjkmn/master.ign" in files["boot/master-1.txt"]


def test_chrony_reaches_both_roles_and_is_left_out_without_time_servers(plan: Plan) -> None:
    files = render(plan, preview)
    for role in ("master", "worker"):
        config = yaml.safe_load(files[f"machine-configs/99-{role}-chrony.yaml"])
        assert config["metadata"]["labels"] == {"machineconfiguration.openshift.io/role": role}
        assert config["spec"]["config"]["ignition"]["version"] == "3.2.0"
    without = replace(plan, network=replace(plan.network, ntp_servers=[]))
    assert not any("chrony" in name for name in render(without, preview))


def test_an_empty_plan_can_be_previewed() -> None:
    assert "install-config.yaml" in render(Plan(), preview)


words = st.text(max_size=12)


@given(
    st.builds(
        Plan,
        topology=st.builds(
            Topology,
            cluster_name=words,
            base_domain=words,
            nodes=st.lists(
                st.builds(
                    Node,
                    role=st.sampled_from(["bootstrap", "master", "worker"]),
                    name=words,
                    address=words,
                    mac=words,
                    interface=words,
                ),
                max_size=3,
            ),
        ),
        network=st.builds(
            Network,
            gateway=words,
            name_servers=st.lists(words, max_size=2),
            machine_networks=st.lists(words, max_size=2),
            dhcp=st.booleans(),
            bond=st.builds(Bond, name=words),
        ),
        boot=st.builds(Boot, method=st.sampled_from(["iso", "pxe", "redfish"])),
    )
)
def test_whatever_is_half_typed_a_preview_is_made(plan: Plan) -> None:
    files = render(plan, preview)
    assert yaml.safe_load(files["install-config.yaml"])["metadata"]["name"] == plan.topology.cluster_name
    assert all(re.fullmatch(r"([a-z-]+/)?(pxelinux\.cfg/)?[A-Za-z0-9_-][A-Za-z0-9._-]*", name) for name in files)


def test_a_name_that_leads_elsewhere_names_no_file_there(plan: Plan) -> None:
    nodes = [replace(plan.topology.nodes[0], name="../../../etc/cron.d/x", mac="/../y")]
    for method in ("iso", "pxe"):
        made = replace(plan, topology=replace(plan.topology, nodes=nodes), boot=replace(plan.boot, method=method))
        assert not any(name.startswith("/") or ".." in name.split("/") for name in render(made, preview))


def test_a_plan_survives_being_looked_at(plan: Plan) -> None:
    before = msgspec.json.encode(plan)
    render(plan, preview)
    assert msgspec.json.encode(plan) == before
