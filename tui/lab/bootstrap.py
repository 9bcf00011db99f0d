"""The bootstrap's story, from its Ignition file to `bootkube.service complete`."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from tui.lab import requests
from tui.lab.clock import SECOND
from tui.lab.ignition import Bundle
from tui.lab.journal import Program
from tui.lab.lab import Lab
from tui.lab.nodes import fetched, installed
from tui.lab.objects import CONFIGMAPS, CSRS
from tui.lab.settings import API, MCS
from tui.text import say

APPROVER = Program("approve-csr", "approve-csr.sh", 2101)
MACHINE_CONFIGS_AFTER = 222.0
"""Seconds from bootkube's start until its machine-config server answers, as in the recorded journal."""
RESTART_AFTER = 20 * 60.0
"""Seconds that cluster-bootstrap waits for the control plane before it gives up and is started again."""
SOON, EXPIRED_MARGIN = 3600 * SECOND, 240 * SECOND
"""Certificates that end within the hour end on the way: the mirror is slow until so little is left."""
_RETRY = 5.0


async def bootstrap(lab: Lab, base_url: Callable[[], str]) -> None:
    """Boots and bootstraps; returns when its work is done. The machine stays on until somebody removes it."""
    node, world = lab.bootstrap, lab.world
    lab.bundle = Bundle(await fetched(lab, node, base_url))
    await installed(lab, node)
    await _release_image(lab)
    approving = asyncio.create_task(_approve(lab))
    kubelet = asyncio.create_task(node.play("bootstrap-kubelet"))
    serving = asyncio.create_task(_machine_configs(lab))
    try:
        await node.play("bootkube-start")
        if node.clock.now() > _ends(lab):
            await _expired(lab)
        await lab.serve_api(node, _stirred(lab))
        await world.happen("api-up")
        await node.play("bootkube-api")
        await world.happen("manifests")
        await _control_plane(lab)
        await _finish(lab)
    finally:
        for task in (approving, kubelet, serving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _stirred(lab: Lab) -> Callable[[str], None]:
    return lambda _name: lab.world.stir()


def _ends(lab: Lab) -> int:
    assert lab.bundle is not None, "fetched first"
    return int(lab.bundle.not_after.timestamp() * SECOND)


async def _release_image(lab: Lab) -> None:
    node = lab.bootstrap
    await node.play("release-image-start")
    while not lab.world.well("dns"):
        await node.play("release-image-refused")
        await node.clock.sleep(_RETRY)
    if _ends(lab) - node.clock.now() < SOON:
        lab.world.row("mirror", say("Mirror registry"), say("slow"), say("The release image takes its time."))
        await node.clock.sleep_until(_ends(lab) - EXPIRED_MARGIN)
        lab.world.row("mirror", say("Mirror registry"), say("answering"))
    await node.play("release-image-done")


async def _machine_configs(lab: Lab) -> None:
    await lab.clock.sleep(MACHINE_CONFIGS_AFTER)
    await lab.serve_machine_configs(lab.bootstrap, {"master"})
    await lab.world.happen("machine-configs")


async def _approve(lab: Lab) -> None:
    """approve-csr.service: whatever asks is approved, every 20 seconds, until bootkube is complete."""
    node = lab.bootstrap
    while True:
        if "api-up" not in lab.world.happened:
            refused = (
                "The connection to the server localhost:6443 was refused - did you specify the right host or port?"
            )
            node.say(APPROVER, refused)
        for body in lab.objects.items(CSRS[1]):
            name = body["metadata"]["name"]
            if not requests.approved(lab.objects, name):
                requests.approve(lab.objects, name, "approved by the bootstrap")
                node.say(APPROVER, f"certificatesigningrequest.certificates.k8s.io/{name} approved")
        lab.world.stir()
        await lab.clock.sleep(20)


async def _expired(lab: Lab) -> None:
    """The certificates have ended on the way: the same refusal for ever. Only new Ignition files help."""
    node = lab.bootstrap
    await lab.world.turn("certificates", "expired")
    await lab.world.happen("certificates-expired")
    not_after = datetime.fromtimestamp(_ends(lab) / SECOND, UTC)
    attempt = 0
    while True:
        attempt += 1
        now = datetime.fromtimestamp(node.clock.now() / SECOND, UTC)
        await node.play(
            "certificates-expired",
            ATTEMPT=str(attempt),
            NOW=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            NOTAFTER=f"{not_after:%Y-%m-%dT%H:%M:%SZ}",
        )
        await node.clock.sleep(_RETRY)


async def _control_plane(lab: Lab) -> None:
    """Waits for the control plane nodes, starting again every twenty minutes as cluster-bootstrap does."""
    node, world = lab.bootstrap, lab.world
    begun = node.clock.now()
    await node.play("control-plane-waits")
    comes = False
    while not ("masters-ready" in world.happened and world.well("apiserver")):
        if "masters-ready" in world.happened and not comes:
            comes = True
            await node.play("control-plane-comes")
        if node.clock.now() - begun > RESTART_AFTER * SECOND:
            begun = node.clock.now()
            await node.play("bootkube-restart")
            await node.play("control-plane-waits")
        await node.clock.sleep(_RETRY)
    if not comes:
        await node.play("control-plane-comes")


async def _finish(lab: Lab) -> None:
    node, world = lab.bootstrap, lab.world
    for master in lab.of("master"):
        await lab.serve_api(master, _stirred(lab))
        await lab.serve_machine_configs(master, {"master", "worker"})
    lab.objects.etcd(members=4, bootstrap_removed=False)
    await node.play("control-plane-up")
    await lab.withdraw(node.machine.octet, API)
    await world.happen("control-plane-up")
    await node.play("bootkube-end")
    lab.objects.etcd(members=3, bootstrap_removed=True)
    await lab.withdraw(node.machine.octet, MCS)
    lab.objects.put(CONFIGMAPS, "bootstrap", {"data": {"status": "complete"}}, "kube-system")
    await world.happen("bootstrap-complete")
    await world.turn("bootstrap-backend", "left behind")
    world.row("machine:bootstrap", node.name, "done", say("Bootstrapping is complete: it may be removed."))
