"""Several files are read by time, each in its own order; the hints of files live on that."""

import itertools
import os
import random
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tui.engine.diagnosis import diagnose
from tui.hints.rules import load
from tui.lines import Line
from tui.monitor.readers import Reading
from tui.monitor.readers.merged import Feed, merged

REFUSED = (
    "2021-07-05T05:{:02d}:00+0000 boot release-image-download.sh[9]: Error: dial tcp: lookup quay.io on 10.0.0.5:53: "
    "read udp 10.0.0.21:36443->10.0.0.5:53: read: connection refused\n"
)


def stamped(text: str, *times: int | None) -> list[Line]:
    return [Line(text=f"{text}{n}", time=time) for n, time in enumerate(times)]


def texts(*sources: list[Line], block: int = 2) -> str:
    feeds = []
    for lines in sources:
        first = next((line.time for line in lines if line.time is not None), None)
        blocks = [lines[at : at + block] for at in range(0, len(lines), block)]
        feeds.append(Feed(first, partial(iter, blocks)))
    return " ".join(line.text for lines in merged(feeds) for line in lines)


def test_lines_come_by_time_and_equal_ones_in_the_order_of_their_sources() -> None:
    assert texts(stamped("a", 1, 4, 6), stamped("b", 2, 4, 5, 9)) == "a0 b0 a1 b1 b2 a2 b3"


def test_a_source_keeps_its_own_order() -> None:
    assert texts(stamped("a", 5, 3, None, 7), stamped("b", 4, 6)) == "b0 a0 a1 a2 b1 a3"


def test_sources_without_times_go_first_and_whole() -> None:
    assert texts(stamped("a", 1, 2), stamped("b", None, None, None), stamped("c", None)) == "b0 b1 b2 c0 a0 a1"


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_and_all_is_in_order(seed: int) -> None:
    dice = random.Random(seed)
    sources = [stamped(f"{n}-", *sorted(dice.choices(range(50), k=dice.randrange(40)))) for n in range(6)]
    feeds = [
        Feed(lines[0].time if lines else None, partial(iter, [lines[at : at + 3] for at in range(0, len(lines), 3)]))
        for lines in sources
    ]
    out = [line for lines in merged(feeds) for line in lines]
    assert sorted(line.text for line in out) == sorted(line.text for lines in sources for line in lines)
    assert all((one.time or 0) <= (two.time or 0) for one, two in itertools.pairwise(out))


def test_what_ended_in_another_file_is_over_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("".join(REFUSED.format(minute) for minute in (1, 2, 3)))
    (tmp_path / "b.log").write_text(
        "2021-07-05T05:04:00+0000 boot systemd[1]: Finished Download the OpenShift Release Image.\n"
    )
    (tmp_path / "c.log").write_text(REFUSED.format(30))
    rules = load()
    told = []
    for names in itertools.permutations("abc"):
        hints = diagnose([str(tmp_path / f"{name}.log") for name in names], rules, redact=str).hints
        hint = next(hint for hint in hints if hint.id == "bootstrap-dns-refused")
        told.append((hint.state, hint.severity, hint.count, hint.first, hint.last))
    assert set(told) == {told[0]}


def test_a_pipe_is_read_together_with_files(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(REFUSED.format(2))
    script = "import sys; from tui.monitor.readers import Reading; print([l.text[:1] + str(l.time) for b in Reading(sys.argv[1:]).batches() for l in b.lines])"  # noqa: E501
    piped = "2021-07-05T05:01:00+0000 b x[1]: p\n2021-07-05T05:03:00+0000 b x[1]: q\n"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.log"), "-"],
        input=piped,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [word[1] for word in done.stdout.strip("[]\n").split(", ")] == ["p", "E", "q"]


def test_a_thousand_files_do_not_stay_open(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.log").write_text(f"2021-07-05T05:01:{number % 60:02d}+0000 b x[1]: {number}\n" * 3)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        assert sum(len(batch.lines) for batch in Reading([str(tmp_path)]).batches()) == 3000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_memory_is_flat_over_several_large_files(tmp_path: Path) -> None:
    """Eight interleaved files four times as long need no more memory."""
    peaks = []
    for copies in (1, 4):
        for name in range(8):
            with (tmp_path / f"{name}.log").open("w") as file:
                for second in range(3000 * copies):
                    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
                    file.write(
                        f"2021-07-05T{clock}+0000 node-{name} kubelet[9]: nothing to see {os.urandom(400).hex()}\n"
                    )
        script = "import sys, resource; from tui.cli import run; run(['diagnose', '--json', sys.argv[1]]); sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"  # noqa: E501
        done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stderr) >> 10)
    assert peaks[1] < peaks[0] + 60, peaks
