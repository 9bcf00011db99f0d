"""A fingerprint to compare before an authority is trusted: only `y` takes it."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from tui.lines import clean
from tui.screens.authorities import day, halves
from tui.text import say
from tui.widgets import marks
from tui.widgets.chrome import KeyBar, Rule, Title, Words


class Compare(Screen[bool]):
    """What a server showed (the result of the job "fetch-ca"); y: it is the right one, Esc or n: nothing is changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", show=False),
        Binding("escape,n,q", "dismiss(False)", show=False),
    ]

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__()
        self._told = told

    @override
    def compose(self) -> ComposeResult:
        title, words, keys = Title(id="title"), Words(), KeyBar(id="keys")
        title.say((marks.drawn(say("Is this the authority of {host}?", host=clean(self._told["host"]))), "bold"))
        words.say(*_parts(self._told))
        keys.show((("y", say("the same: trust it")), ("Esc", say("not the same, or not known: leave it"))))
        yield title
        yield Rule()
        yield words
        yield keys


def _parts(told: dict[str, Any]) -> list[str | tuple[str, str]]:
    about = [
        (say("Subject"), told["subject"]),
        (say("Issued by"), told["issuer"]),
        (say("Valid until"), day(told["not_after"])),
    ]
    parts: list[str | tuple[str, str]] = [f"{name:<14}{marks.drawn(clean(value))}\n" for name, value in about]
    parts += [("\nSHA-256\n", "bold"), *[(f"  {half}\n", "bold") for half in halves(told["fingerprint"])], "\n"]
    for fault in told["faults"]:
        parts += [(f"{marks.mark('warning')} {marks.drawn(clean(fault))}\n", marks.style("warning"))]
    parts.append(
        say(
            "Whoever stands between here and there could have shown this. Compare the fingerprint with the one that "
            "the people who run it give you by another way: read out, on paper, or from its own console by\n"
            "  openssl x509 -in rootCA.pem -noout -fingerprint -sha256\n"
        )
    )
    return parts
