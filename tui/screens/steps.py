"""The seven steps, in order."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from tui.text import say

if TYPE_CHECKING:
    from tui.screens.client import Client
    from tui.screens.step import StepScreen


class Step(NamedTuple):
    """A step's id (the plan's section), its title on the rail, and one line on what it is for."""

    id: str
    title: str
    screen: str
    purpose: str


STEPS = (
    Step("topology", say("Topology"), "TopologyScreen", say("what the cluster is called and which machines form it")),
    Step("network", say("Network"), "NetworkScreen", say("addresses, names, time, the load balancer, mirrors")),
    Step("pull_secret", say("Secret"), "PullSecretScreen", say("who may pull images, whom to trust, your SSH key")),
    Step("artifacts", say("Artifacts"), "ArtifactsScreen", say("installer, client and RHCOS images of this version")),
    Step("generate", say("Generate"), "GenerateScreen", say("install-config, helper files, manifests, Ignition")),
    Step("boot", say("Boot"), "BootScreen", say("serve Ignition to the machines and start them")),
    Step("monitor", say("Monitor"), "MonitorScreen", say("follow the bootstrap until the cluster stands")),
)
INDEX = {step.id: number for number, step in enumerate(STEPS)}


def build(step: str, client: "Client") -> "StepScreen":
    """The screen of a step, imported when it is first visited."""
    module = import_module(f"tui.screens.{step}")
    screen: StepScreen = getattr(module, STEPS[INDEX[step]].screen)(client)
    return screen
