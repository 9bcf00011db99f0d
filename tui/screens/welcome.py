"""The first start: what will happen, what to have ready, and the cluster's name."""

from textual.app import ComposeResult
from textual.screen import Screen
from typing_extensions import override

from tui.screens.client import Client
from tui.screens.step import Go
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Row

HAPPENS = say(
    "Seven steps take machines you racked yourself to a running OpenShift cluster: you decide, every decision is "
    "judged at once, the world is asked whether it is ready, files are made, the machines are started, and the "
    "bootstrap is followed to its end with causes and cures for what goes wrong. Everything is saved as you type, "
    "and a background engine goes on when this terminal closes."
)
READY = (
    say("a name, a domain whose DNS you can change, and a load balancer"),
    say("for each machine: name, address, MAC address, install disk; a BMC helps"),
    say("the pull secret (console.redhat.com), or your mirror's credentials and CA"),
    say("openshift-install and RHCOS images of one version, or where they are"),
)


class WelcomeScreen(Screen[object]):
    """Asks for a name, or says how to rehearse."""

    AUTO_FOCUS = "Form"

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.form = Form(id="welcome-form")

    @override
    def compose(self) -> ComposeResult:
        title, happens, ready = Title(id="title"), Words(), Words()
        title.say(("ocp-tui", "bold"), (say("  installs OpenShift 4 on your own machines"), ""))
        happens.say(marks.drawn(HAPPENS), "\n")
        ready.say((say("Have ready"), "bold"), *(f"\n  {marks.mark('info')} {marks.drawn(line)}" for line in READY))
        yield title
        yield Rule()
        yield happens
        yield ready
        yield self.form
        yield Rule()
        keys = KeyBar(id="keys")
        keys.show((("Enter", say("begin")), ("Tab", say("next")), ("^P", say("commands")), ("^Q", say("quit"))))
        yield keys

    def on_mount(self) -> None:
        """The form."""
        plan = self.client.session.plan
        self.form.show(
            [
                Row(),
                Row(
                    label=say("Cluster name"),
                    cells=(Cell("topology.cluster_name", plan.topology.cluster_name, empty=say("such as ocp4")),),
                ),
                Row(
                    label=say("Base domain"),
                    cells=(Cell("topology.base_domain", plan.topology.base_domain, empty="example.com", width=40),),
                ),
                Row(),
                Row(
                    cells=(
                        Cell("begin", say("begin"), kind="action", width=12),
                        Cell("lab", say("rehearse first: nothing of yours is touched"), kind="action", width=50),
                    ),
                    wide=True,
                ),
            ]
        )

    def save(self) -> None:
        """Saves what is typed but not saved yet."""
        unsaved = self.form.take_unsaved()
        if unsaved is not None:
            self.client.edit(unsaved[0].key, unsaved[1])

    def on_form_edited(self, event: Form.Edited) -> None:
        """Saves what was typed."""
        event.stop()
        self.client.edit(event.cell.key, event.text)

    def on_form_entered(self, event: Form.Entered) -> None:
        """Enter goes on; at the end it begins."""
        event.stop()
        if event.cell.key == "begin":
            self.post_message(Go("topology", "topology.version"))
        elif event.cell.key == "lab":
            self.app.exit("lab")
        else:
            self.form.forward()
