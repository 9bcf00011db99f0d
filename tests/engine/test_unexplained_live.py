"""The unknown failure on a followed node: pointed out as unexplained, replaced as more unusual lines come."""

import asyncio
from pathlib import Path

from tests.screens.scene import full, plan
from tui.engine.ingest import Ingest
from tui.engine.work import Desk
from tui.hints.model import Facts, Hint
from tui.lines import Batch, Line
from tui.session.session import Session

STRANGE = "panic: flux capacitor underflow in hyperdrive/quux.go:88: refusing to energise"


async def test_the_most_unusual_line_that_no_rule_explains_is_pointed_out(tmp_path: Path) -> None:
    session = Session(tmp_path / "session")
    session.replace(plan())
    ingest = Ingest(Desk(session.directory), ())
    pump = asyncio.create_task(ingest.run())
    ordinary = [
        Line(text=f"I0512 04:55:{n:02}.000000 1 log.go:1] all is well", time=n, node=full("bootstrap"))
        for n in range(50)
    ]
    strange = Line(text=STRANGE, time=60, node=full("bootstrap"), priority=3)
    await ingest.deliver(Batch(source=full("bootstrap"), lines=[*ordinary, strange], cursor="c"))
    ingest.tick(Facts())
    pump.cancel()
    (hint,) = [hint for hint in session.store.facts(Hint) if hint.id == "unexplained"]
    assert hint.severity == "info"
    assert [evidence.text for evidence in hint.evidence][:1] == [STRANGE]
    assert session.store.lines(containing="flux")[0].id == hint.evidence[0].line_number


async def test_what_stood_out_is_known_after_a_restart(tmp_path: Path) -> None:
    session = Session(tmp_path / "session")
    session.replace(plan())
    node = full("bootstrap")
    told = []
    for number, words in enumerate((STRANGE, "fatal: gizmo torn asunder at vortex.go:3", STRANGE)):
        ingest = Ingest(Desk(session.directory), ())  # a new engine each time
        pump = asyncio.create_task(ingest.run())
        lines = [Line(text=words, time=number + n, node=node) for n in range(3)]
        await ingest.deliver(Batch(source=node, lines=lines, cursor=str(number)))
        ingest.tick(Facts())
        pump.cancel()
        told.append({piece.text for hint in session.store.facts(Hint) for piece in hint.evidence})
    assert told[0] == {STRANGE}
    assert told[1] == told[2] == {STRANGE, "fatal: gizmo torn asunder at vortex.go:3"}
