"""Whatever a node, an installer or an API says: the monitor's parsers answer, and never break."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.lines import Line
from tui.monitor.csrs import CLIENT, SERVING, judge
from tui.monitor.journals import decode
from tui.monitor.service_records import events
from tui.monitor.stage_table import BOOTSTRAP, CLUSTER, NODE
from tui.monitor.stages import Tracker
from tui.monitor.waitfor import Parser

SAID = sorted(
    {
        (text.replace("…", "x"), script)
        for stage in (*BOOTSTRAP, *CLUSTER, *NODE)
        for what in (stage.start, stage.done, stage.failed, stage.retry, stage.again, stage.reason, stage.counter)
        for text in what
        for script in (*stage.scripts, "systemd", "")
    }
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
heard_lines = st.builds(
    lambda said, **more: Line(text=said[0], identifier=said[1], **more),
    said=st.sampled_from(SAID) | st.tuples(st.text(max_size=40), st.just("bootkube.sh")),
    time=st.none() | st.integers(0, 10**9),
    node=st.sampled_from(["bootstrap", "master-0", "stranger", ""]),
    boot=st.sampled_from(["", "a", "b"]),
    twin=st.sampled_from([False, False, False, True]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(heard_lines, max_size=60), st.sampled_from(["", "4.3", "4.8", "4.15", "4.20.0-ec.0"]), st.integers(0, 60)
)
def test_stages_in_any_order_make_sense_and_survive_a_snapshot(heard: list[Line], version: str, cut: int) -> None:
    roles = {"bootstrap": "bootstrap", "master-0": "master"}
    whole = Tracker(version, roles)
    shown = {(stage.id, stage.node): stage for stage in whole.stages()}
    for line in heard:
        shown.update({(stage.id, stage.node): stage for stage in whole.feed([line])})
    for stage in whole.stages():
        assert shown[stage.id, stage.node] == stage
        if stage.state in ("waiting", "skipped"):
            assert stage.started is None or stage.state == "skipped"
        if stage.state == "running":
            assert stage.ended is None
    first = Tracker(version, roles)
    first.feed(heard[:cut])
    second = Tracker(version, roles, first.snapshot())
    second.feed(heard[cut:])
    assert second.stages() == whole.stages()


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200) | st.lists(json_values, max_size=5).map(lambda v: "\n".join(map(json.dumps, v)).encode())
)
def test_any_bytes_are_decoded_as_journal_and_as_records(data: bytes) -> None:
    found, _ = decode(data, "node")
    assert all(isinstance(line.text, str) for line in found)
    events(data)
    Tracker("4.15", {}).record("bootstrap", data)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(max_size=80)
        | st.sampled_from(
            ["Waiting up to ", "level=info msg=", "E1122 ", 'time="x" level=fatal msg="', "password: "]
        ).flatmap(lambda head: st.text(max_size=30).map(lambda tail: head + tail)),
        max_size=10,
    ),
    st.integers(-20, 20),
)
def test_any_output_of_wait_for_ends_in_an_outcome(said: list[str], status: int) -> None:
    parser = Parser()
    for text in said:
        parser.line(text)
    outcome = parser.ended(status)
    assert (outcome.state == "complete") == (status == 0)
    assert outcome.state != "failed" or outcome.reason


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "spec": st.fixed_dictionaries(
                {},
                optional={
                    "signerName": st.sampled_from([CLIENT, SERVING, "other"]),
                    "request": st.none() | st.text(max_size=50),
                    "username": st.text(max_size=20),
                    "groups": st.none() | st.lists(st.text(max_size=5)),
                    "usages": st.none() | st.lists(st.text(max_size=5)),
                },
            ),
            "metadata": st.fixed_dictionaries({"creationTimestamp": st.text(max_size=25)}),
            "status": st.fixed_dictionaries({}, optional={"conditions": st.none(), "certificate": st.text(max_size=3)}),
        },
    )
)
def test_no_odd_request_is_ever_approved(request: dict[str, Any]) -> None:
    assert judge(request, [], {}, run_started=1).decision != "approve"
