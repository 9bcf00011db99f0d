"""Step 2: addresses, names, time, the load balancer, mirrors."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from textual.binding import Binding, BindingType
from typing_extensions import override

from tui.plan import fields
from tui.plan.model import ClusterNetwork, Plan
from tui.plan.proxy import added_no_proxy, missing_no_proxy, parted
from tui.screens.form_screen import FormScreen
from tui.screens.network_fields import CLUSTER, CREDENTIALS, NO_PROXY, arithmetic, table
from tui.text import say
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

if TYPE_CHECKING:
    from textual.command import Provider

PICTURE = "picture"
"""The key of the line that opens the picture."""
EXCEPT = "computed-no-proxy"
"""The key of the line that takes what noProxy lacks."""
URLS = ("network.proxy.http", "network.proxy.https")


def _place(key: str) -> tuple[int, str]:
    """`network.cluster_networks[1].cidr` is (1, "cidr")."""
    number, _, name = key[len(CLUSTER) + 1 :].partition("].")
    return int(number), name


def _commands() -> "type[Provider]":
    from tui.screens.picture_command import PictureCommand

    return PictureCommand


class NetworkScreen(FormScreen):
    """The network's form."""

    STEP = "network"
    TABLE = table(Plan())
    # Letters are typed into fields here, so the picture has a key with Ctrl.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+g", "picture", show=False)]
    COMMANDS: ClassVar[set["type[Provider] | Callable[[], type[Provider]]"]] = {_commands}

    @override
    def rows(self) -> list[Row]:
        self.TABLE = table(self.client.session.plan, adding=self.adding == CLUSTER)
        cell = Cell(PICTURE, say("who talks to whom, on which port"), kind="item", width=34)
        made = [*super().rows(), Row(label=say("Picture"), cells=(cell,))]
        missing = missing_no_proxy(self.client.session.plan)
        if missing:
            last = max(at for at, row in enumerate(made) if row.cells and row.cells[0].key.startswith(NO_PROXY))
            add = Cell(EXCEPT, say("add {missing}", missing=", ".join(missing)), kind="action", width=44)
            made.insert(last + 1, Row(label="", cells=(add,)))
        return made

    @override
    async def entered(self, event: Form.Entered) -> bool:
        match event.cell.key:
            case key if key == PICTURE:
                await self.action_picture()
            case key if key == EXCEPT:
                plan = self.client.session.plan
                self.client.decide(NO_PROXY, [*plan.network.proxy.no_proxy, *missing_no_proxy(plan)])
                self.refresh_rows()
                self.show_field(NO_PROXY)
            case key if key.startswith(CLUSTER) and self._ends_networks(event):
                self.adding = CLUSTER
                self.form.show(self.rows())
                self.form.go(f"{CLUSTER}[{len(self.client.session.plan.network.cluster_networks)}].cidr")
            case _:
                return False
        return True

    def _ends_networks(self, event: Form.Entered) -> bool:
        last = len(self.client.session.plan.network.cluster_networks) - 1
        well = event.changed or self.trouble_at(event.cell.key) is None
        return well and event.cell.key == f"{CLUSTER}[{last}].host_prefix"

    @override
    def edited(self, key: str, text: str) -> None:
        if key.startswith(CLUSTER):
            self._edit_network(*_place(key), text)
        elif key in URLS and parted(text)[1]:
            url, account = parted(text)
            self.client.decide(key, url)
            self.take(CREDENTIALS, unquote(account))
        else:
            super().edited(key, text)

    @override
    def take(self, key: str, text: str) -> None:
        if key == CREDENTIALS and not all(text.strip().partition(":")):
            self.notice(say("It was not taken: type USER:PASSWORD, with the colon."), "failed")
            return
        super().take(key, text)

    def _edit_network(self, number: int, name: str, text: str) -> None:
        """An emptied network is none, as an emptied item of a list; one typed into the blank line is one more."""
        networks = self.client.session.plan.network.cluster_networks
        held = number < len(networks)
        if name == "cidr" and not text.strip():
            self.client.decide(CLUSTER, [*networks[:number], *networks[number + 1 :]])
        elif held:
            super().edited(f"{CLUSTER}[{number}].{name}", text)
        elif name == "cidr":
            prefix = 64 if ":" in text else ClusterNetwork().host_prefix
            self.client.decide(CLUSTER, [*networks, ClusterNetwork(cidr=text.strip(), host_prefix=prefix)])
        elif text.strip():
            self.notice(say("Type the network first."), "warning")

    @override
    def pasted(self, key: str, text: str) -> None:
        if not key.startswith(CLUSTER):
            super().pasted(key, text)
            return
        number, _ = _place(key)
        networks = self.client.session.plan.network.cluster_networks
        try:
            more = fields.parse(CLUSTER, text)
        except fields.NotThatType as error:
            self.notice(str(error), "failed")
            return
        self.form.clear()
        self.client.decide(CLUSTER, [*networks[:number], *more, *networks[number + 1 :]])

    @override
    def preview(self, plan: Plan) -> str:
        shown, path = super().preview(plan), getattr(self.spec(), "path", "")
        proxy, told = plan.network.proxy, []
        if path.startswith("network.cluster_networks"):
            told = arithmetic(plan)
        elif path.startswith("network.proxy") and (proxy.http or proxy.https):
            lacks = ", ".join(missing_no_proxy(plan)) or say("nothing")
            told.append(say("It still lacks: {names}", names=lacks))
            told.append(say("The installer adds: {names}", names=", ".join(added_no_proxy(plan))))
        return "\n".join([shown, "", *told]) if told else shown

    async def action_picture(self) -> None:
        """Ctrl+G: the plan's machines and servers, and the ports between them."""
        from tui.plan.traffic import picture
        from tui.screens.page import Page

        self.save()
        drawn = picture(self.client.session.plan)
        await self.app.push_screen(Page(say("Who talks to whom, on which port"), [("", drawn)], copy=drawn))

    @override
    def keys(self) -> tuple[tuple[str, str], ...]:
        return (*self.KEYS[:1], *self.KEYS[2:5], ("^G", say("picture")), *self.KEYS[5:])
