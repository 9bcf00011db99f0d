"""What the monitor shows over itself: a hint whole, a line whole, nodes, certificate requests, and how it ended."""

from collections.abc import Callable

from tui.hints.model import Hint
from tui.monitor.model import ClusterObject, Stage
from tui.plan.endpoints import cluster_domain
from tui.screens.choice_page import ChoicePage, Row
from tui.screens.client import Client
from tui.screens.page import Page
from tui.session.rows import NodeRow, StoredLine
from tui.session.session import Session
from tui.text import say
from tui.widgets import marks
from tui.widgets.hint_card import fact, of_day, outlook
from tui.widgets.node_strip import state_of, words
from tui.widgets.stage_bar import length

_SEVERITY = {"fatal": 0, "error": 1, "warning": 2, "transient": 3, "info": 4}
_STATE = {"active": 0, "muted": 1, "folded": 2, "cleared": 3}
_COMMANDS = ("ssh", "sudo", "systemctl", "firewall-cmd", "oc", "openshift-install", "dig", "curl", "podman", "nmcli")

HELP = [
    (
        say("What you see"),
        say(
            "The line above is the bootstrap's progress, below it every node. A panel shows one node's journal as it "
            "comes; the hint that explains a failure stands beside its line."
        ),
    ),
    (
        say("Keys here"),
        say(
            "Tab panel or node   1-9 panel   arrows, PgUp, PgDn, Home scroll   End follows again\n"
            "/ search   n N before, after   e E error before, after   h H hint   s S stage   t time\n"
            "f filter   space pause   z zoom   m all nodes merged   g nodes   a certificate requests\n"
            "k forget the old host key of a machine installed anew\n"
            "Enter whole card   v ask whether it is so   x mute   y copy the command, else the line"
        ),
    ),
]


def rank(hint: Hint) -> tuple[int, int, float, int]:
    """Order of hints: active first, then by severity, then as the detector ranked them."""
    return _STATE[hint.state], _SEVERITY[hint.severity], hint.rank, hint.first or 0


def hint_page(hint: Hint) -> Page:
    """The whole card."""
    topics = [
        (fact(hint), "\n".join(filter(None, (" ".join(filter(None, (hint.node, hint.unit))), outlook(hint))))),
        (say("Why"), hint.cause),
        (say("What to do"), "\n".join(f"{number}  {step}" for number, step in enumerate(hint.remedy, 1))),
        (say("How to know that it worked"), "\n".join(hint.confirm)),
        (say("The lines that say so"), "\n".join(evidence.text for evidence in hint.evidence[-5:])),
    ]
    return Page(
        f"{marks.mark('now' if hint.severity == 'transient' else 'failed')} {hint.title}",
        [(title, text) for title, text in topics if text],
        copy=command(hint),
    )


def command(hint: Hint) -> str:
    """The first step that is a command, without what introduces it; "" where none is."""
    for step in hint.remedy:
        text = step.partition(": ")[2] or step
        if text.split(" ", 1)[0].strip("`") in _COMMANDS:
            return text.strip("`")
    return ""


def line_page(line: StoredLine) -> Page:
    """One line whole."""
    head = " ".join(filter(None, (of_day(line.time), line.node or line.source, line.unit or line.identifier)))
    return Page(say("One line"), [(head, line.text)], copy=line.text)


def copy_page(text: str) -> Page:
    """A text alone on a page, to select from where the terminal's clipboard takes nothing."""
    return Page(
        say("Sent to your terminal's clipboard; select it here where that takes nothing"), [("", text)], copy=text
    )


def nodes_page(
    client: Client, names: list[str], choose: Callable[[str], None], forget: Callable[[str], None]
) -> ChoicePage:
    """All nodes with link and boot state."""

    def rows() -> list[Row]:
        known = {row.name: row for row in client.session.store.facts(NodeRow)}
        return [_node(known.get(name, NodeRow(name=name))) for name in names]

    def act(key: str, name: str) -> bool:
        if key == "enter":
            choose(name)
        elif key == "k":
            forget(name)
        return key == "enter"

    about = say("Boot state, SSH, and how many lines were kept of each.")
    return ChoicePage(
        say("Nodes"),
        about,
        rows,
        act,
        keys=(("Enter", say("show its journal")), ("k", say("forget a changed host key"))),
    )


def _node(row: NodeRow) -> Row:
    detail = row.link_detail or row.boot_detail
    text = f"{row.name.partition('.')[0]:<16} {row.role:<10} {words(row, ''):<12} {row.lines:>8} lines  {detail}"
    return Row(row.name, state_of(row, ""), text)


def csrs_page(client: Client) -> ChoicePage:
    """Certificate requests with what we think of each; the person approves one by one."""

    def rows() -> list[Row]:
        things = [thing for thing in client.session.store.facts(ClusterObject) if thing.kind == "csr"]
        return [_csr(thing) for thing in sorted(things, key=lambda thing: (thing.state != "pending", thing.name))]

    def act(key: str, name: str) -> bool:
        if key == "p":
            client.request("approve", csr=name)
        return False

    about = say("Approve only what belongs to a machine of yours: nothing is approved by itself.")
    empty = say(
        "No request waits. Workers ask once they have started: first for a client, then for a serving certificate."
    )
    return ChoicePage(say("Certificate requests"), about, rows, act, keys=(("p", say("approve")),), empty=empty)


def _csr(thing: ClusterObject) -> Row:
    verdict = thing.data.get("verdict", "ask") if thing.state == "pending" else thing.state
    mark = {"approve": "now", "ask": "warning", "refuse": "failed"}.get(verdict, "done")
    node = thing.data.get("node", "").partition(".")[0]
    kind = say("serving") if thing.data.get("signer", "").endswith("serving") else say("client")
    return Row(thing.name, mark, f"{verdict:<9} {node:<14} {kind:<8} {thing.name}  {thing.message}")


def ending(session: Session, stages: list[Stage]) -> list[str | tuple[str, str]]:
    """The last words: what was made, how long it took, what to do now."""
    domain = cluster_domain(session.plan)
    begun = min((stage.started for stage in stages if stage.started), default=None)
    ended = max(
        (stage.ended for stage in stages if stage.id == "install-complete" and stage.ended),
        default=session.store.clock(),
    )
    took = length((ended - begun) // 1_000_000) if begun else "?"
    auth = session.directory.install / "auth"
    lines = [
        say("Console   https://console-openshift-console.apps.{domain}", domain=domain),
        say("Login     kubeadmin, its password is in {path}", path=auth / "kubeadmin-password"),
        say("API       export KUBECONFIG={path}", path=auth / "kubeconfig"),
        say("Now       keep the cluster on for 24 hours: its first certificates are renewed in that time."),
        say("          Take the bootstrap out of load balancer, DNS and DHCP. Ctrl+E exports the session log."),
    ]
    head = say("{mark} Installation complete after {took}.", mark=marks.mark("done"), took=took)
    return [(f"{head}\n", "bold"), marks.drawn("\n".join(lines))]
