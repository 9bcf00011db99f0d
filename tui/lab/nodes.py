"""The story of a control plane node or a worker: Ignition, the first boot's update, the reboot, kubelet, Ready."""

import asyncio
import ssl
from collections.abc import Callable

from tui.lab import requests
from tui.lab.clock import SECOND
from tui.lab.ignition import Pointer, get, pointer
from tui.lab.journal import Program
from tui.lab.lab import Lab
from tui.lab.machine import Node
from tui.lab.settings import DOMAIN, MCS
from tui.text import say

IGNITION = Program("", "ignition", 612)
KUBELET = Program("kubelet", "kubenswrapper", 2689)
IMAGES = ("kernel", "initramfs.img", "rootfs.img")
FILES = {"bootstrap": "bootstrap.ign", "master": "master.ign", "worker": "worker.ign"}
NETWORK_AFTER = 150.0
"""Seconds from a kubelet's registration until the pod network is there, when all is well."""
BACK_OFFS = ("10s", "20s", "40s", "1m20s", "2m40s", "5m0s")
_RETRY = 5.0


def _row(lab: Lab, node: Node, state: str, detail: str = "") -> None:
    lab.world.row(f"machine:{node.name}", node.name, state, detail)


async def fetched(lab: Lab, node: Node, base_url: Callable[[], str]) -> bytes:
    """The machine's Ignition file from the file server, asked for until it comes; its boot images before it."""
    file = FILES[node.role]
    while True:
        base = base_url()
        _row(lab, node, "booting", say("asks for {file}", file=file) if base else say("finds no file server"))
        if base:
            for image in IMAGES:
                await get(node, f"{base}/{image}")
            body = await get(node, f"{base}/{file}")
            if isinstance(body, bytes):
                return body
            _row(lab, node, "booting", say("asks for {file}: {why}", file=file, why=body))
        await asyncio.sleep(max(0.5, _RETRY / node.clock.speed))


async def installed(lab: Lab, node: Node) -> None:
    """RHCOS is written to the disk, and the machine boots from it and is reached by SSH."""
    _row(lab, node, "installing", say("coreos-installer writes to /dev/sda"))
    await node.clock.sleep(40)
    node.journal.new_boot(node.clock.now())
    await node.play("boot")
    _row(lab, node, "booting", say("Ignition runs"))
    if node.role != "bootstrap":
        return
    await node.play("ignition-done")
    await node.ssh.start()
    _row(lab, node, "up", say("answers SSH"))
    await lab.world.happen("bootstrap-up")


async def node_story(lab: Lab, node: Node, base_url: Callable[[], str]) -> None:
    """From power on to Ready."""
    found = pointer(await fetched(lab, node, base_url))
    await installed(lab, node)
    if found is None:
        _row(lab, node, "failed", say("{file} is no pointer configuration", file=FILES[node.role]))
        return
    await _machine_config(lab, node, found)
    await node.ssh.start()
    _row(lab, node, "up", say("first boot: the operating system is updated"))
    await node.play("firstboot")
    _row(lab, node, "rebooting")
    await node.reboot(25)
    await node.play("second-boot")
    await node.ssh.start()
    await _joined(lab, node)
    await _ready(lab, node)
    if node.role == "worker":
        await lab.serve_routes(node)
    await lab.world.happen(f"ready:{node.name}")
    if node.role == "master":
        await _static_pods(lab, node)


async def _machine_config(lab: Lab, node: Node, found: Pointer) -> None:
    """GET https://api-int:22623/config/POOL through the balancer, until it comes."""
    attempt, said = 0, 0
    tls = found.tls()
    while True:
        attempt += 1
        if attempt < 4 or attempt % 12 == 0:
            node.say(IGNITION, f"GET {found.url}: attempt #{attempt}")
            said = attempt
        answer = await _asked(lab, node, found, tls)
        if isinstance(answer, bytes):
            break
        if said == attempt:
            node.say(IGNITION, f"GET error: {answer}" if ":" in answer else f"GET result: {answer.partition(' ')[2]}")
            _row(lab, node, "booting", say("Ignition asks api-int:22623, attempt {n}: {why}", n=attempt, why=answer))
        await asyncio.sleep(max(0.1, _RETRY / node.clock.speed))
    await node.play("ignition-done")


async def _asked(lab: Lab, node: Node, found: Pointer, tls: ssl.SSLContext) -> bytes | str:
    name = f"api-int.{DOMAIN}"
    address = lab.resolve(name)
    services = node.tokens["NAMESERVER"]
    if address is None:
        refused = f"read udp {node.address}:41234->{services}:53: read: connection refused"
        return f'Get "{found.url}": dial tcp: lookup {name} on {services}:53: {refused}'
    url = found.url.replace(f"{name}:{MCS}", f"{address}:{lab.settings.real(MCS)}")
    answer = await get(node, url, tls, name)
    if isinstance(answer, bytes) or answer[:3].isdecimal():
        return answer
    why = "connect: connection refused" if "refused" in answer.lower() or "Connect call failed" in answer else "EOF"
    return f'Get "{found.url}": dial tcp {address}:{MCS}: {why}' if why != "EOF" else f'Get "{found.url}": EOF'


async def _joined(lab: Lab, node: Node) -> None:
    """The kubelet starts, asks for its two certificates, and registers its node."""
    _row(lab, node, "up", say("kubelet starts"))
    await node.play("node-kubelet-start")
    await _reached(lab, node)
    await _certified(lab, node, serving=False)
    lab.objects.node(node.host, node.role, node.address, ready=False, why=_no_network())
    await node.play("node-kubelet-joined")
    await lab.world.happen("masters-joining" if node.role == "master" else "workers-joining")
    await _certified(lab, node, serving=True)


async def _reached(lab: Lab, node: Node) -> None:
    """Waits until the API can be reached through the balancer, and says what it cannot do meanwhile."""
    while not lab.world.well("load-balancer") or "api-up" not in lab.world.happened:
        if "api-up" in lab.world.happened:
            await node.play("api-refused")
        await node.clock.sleep(10)


async def _certified(lab: Lab, node: Node, *, serving: bool) -> None:
    name = requests.ask(lab.objects, node.host, node.address, serving=serving)
    lab.world.stir()
    kind = say("serving") if serving else say("client")
    _row(lab, node, "up", say("waits for the approval of {name} ({kind} certificate)", name=name, kind=kind))
    await lab.world.until(lambda: requests.approved(lab.objects, name))
    klog = "I0523 08:07:29.954847    2689 csr.go:"
    node.say(KUBELET, f"{klog}261] certificate signing request {name} is approved, waiting to be issued")
    requests.issue(lab.objects, name)
    node.say(KUBELET, f"{klog}257] certificate signing request {name} is issued")
    if serving:
        _row(lab, node, "joined", say("NotReady: no pod network yet"))


def _no_network() -> str:
    return (
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "
        "returns error: no CNI configuration file in /etc/kubernetes/cni/net.d/. Has your network provider started?"
    )


async def _ready(lab: Lab, node: Node) -> None:
    """What every kubelet says until the pod network is there; then the node is Ready."""
    earliest = node.clock.now() + int(NETWORK_AFTER * SECOND)
    while node.clock.now() < earliest or not lab.world.well("network"):
        await node.play("cni-waits")
        if not lab.world.well("load-balancer"):
            await node.play("api-refused")
            earliest = max(earliest, node.clock.now() + 20 * SECOND)
        await node.clock.sleep(_RETRY)
    await node.play("node-ready")
    lab.objects.node(node.host, node.role, node.address, ready=True)
    _row(lab, node, "ready")


async def _static_pods(lab: Lab, node: Node) -> None:
    """The control plane's pods come up on this node; on master-1 the API server may not."""
    if all(f"ready:{master.name}" in lab.world.happened for master in lab.of("master")):
        await lab.world.happen("masters-ready")
    await lab.world.until(lambda: "masters-ready" in lab.world.happened)
    crashes = 0
    while node.name == "master-1" and not lab.world.well("apiserver"):
        back_off = BACK_OFFS[min(crashes // 2, len(BACK_OFFS) - 1)]
        await node.play("apiserver-crashes", BACKOFF=back_off)
        crashes += 1
        await node.clock.sleep(12 + 6 * min(crashes, 10))
