"""The network step's own entry among all commands; loaded when the palette opens."""

from textual.command import DiscoveryHit, Hit, Hits, Provider
from typing_extensions import override

from tui.text import say

TITLE = say("Who talks to whom  (Ctrl+G)")
WHAT = say("a picture of the plan's machines and servers, with the ports between them")


class PictureCommand(Provider):
    """Opens the picture."""

    @override
    async def discover(self) -> Hits:
        yield DiscoveryHit(TITLE, self._open, help=WHAT)

    @override
    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        if (score := matcher.match(TITLE)) > 0:
            yield Hit(score, matcher.highlight(TITLE), self._open, help=WHAT)

    async def _open(self) -> None:
        await self.screen.run_action("picture")
