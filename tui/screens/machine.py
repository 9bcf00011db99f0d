"""One machine, all of it: what the table has no room for."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from tui.plan import fields
from tui.plan.machine_words import bmc_secret
from tui.plan.model import Plan
from tui.screens.client import Client
from tui.screens.form_screen import FormScreen
from tui.screens.spec import Field, Table
from tui.text import say


def table(path: str, secret: str) -> Table:
    """The form of the machine at a path; `secret` is the file its BMC password is kept in."""
    return (
        Field(path=f"{path}.role", label=say("Role"), widget="choice", what=say("bootstrap, master or worker.")),
        Field(
            path=f"{path}.name",
            label=say("Name"),
            what=say("The host's name. Without dots the cluster's domain is added."),
            example="master-1",
        ),
        Field(
            path=f"{path}.address",
            label=say("Address"),
            width=40,
            what=say("Its address in the machine network; for dual stack IPv4, then IPv6."),
            example="192.168.31.161",
        ),
        Field(
            path=f"{path}.mac",
            label=say("MAC address"),
            what=say("Of the interface it boots from."),
            example="52:54:00:a1:b2:01",
            where=say("The BMC's inventory, the firmware's boot menu, or a sticker."),
        ),
        Field(
            path=f"{path}.interface",
            label=say("Interface"),
            empty=say("by MAC or the only one"),
            what=say("The interface's name as RHCOS will call it."),
            example="enp1s0",
            where=say("ip -br link in the live system; the name may differ from another distribution's."),
        ),
        Field(
            path=f"{path}.disk",
            label=say("Install disk"),
            width=44,
            what=say("The device RHCOS is written to. All that is on it is lost."),
            example="/dev/disk/by-path/pci-0000:00:17.0-ata-1",
            where=say("lsblk in the live system; names such as sda may change from boot to boot."),
        ),
        say("Management controller (for power and virtual media; may stay empty)"),
        Field(
            path=f"{path}.bmc.address",
            label=say("BMC"),
            width=44,
            empty=say("none"),
            what=say("The management controller: host, host:port or a Redfish URL."),
            example="https://192.168.40.11/redfish/v1/Systems/1",
            checks=("bmc.",),
        ),
        Field(path=f"{path}.bmc.user", label=say("BMC user"), empty=say("none"), what=say("Who may use it.")),
        Field(
            path=f"{path}.bmc.password",
            label=say("BMC password"),
            widget="password",
            kept_in=secret,
            empty=say("none: Enter to type it"),
            what=say("Kept in a 0600 file beside the plan, never shown again."),
        ),
        Field(
            path=f"{path}.bmc.verify_tls",
            label=say("Verify its TLS"),
            widget="yes",
            what=say("no accepts any certificate: most management controllers have a self-signed one."),
        ),
    )


def secret_name(plan: Plan, path: str) -> str:
    """The file for the BMC password of the machine at a path."""
    node = fields.get(plan, path)
    return node.bmc.password or bmc_secret(node.name, int(path[:-1].rpartition("[")[2]))


class MachineScreen(FormScreen):
    """A page over the topology; Esc goes back to the table."""

    STEP = "topology"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, client: Client, path: str) -> None:
        super().__init__(client)
        self._path = path
        self.TABLE = table(path, secret_name(client.session.plan, path))

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("Esc", say("back to the table")), *super().keys())

    @override
    def summary(self) -> str:
        return say("{name}: Esc goes back to all machines.", name=fields.get(self.client.session.plan, self._path).name)

    @override
    async def action_dismiss(self, result: None = None) -> None:
        """Back, with what was typed saved."""
        self.save()
        await super().action_dismiss(result)
