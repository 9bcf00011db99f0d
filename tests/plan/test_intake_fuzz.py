"""Thousands of broken files through `import`, each in a child with 300 MB and five seconds."""

import json
import random
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plan.mutate import mutated
from tests.plan.test_import_files import DATA, KIND_OF, SECRETS
from tui.plan import files
from tui.plan.importers import KINDS, recognise, take_over
from tui.plan.model import Plan

BATCH = 50
NAMES = sorted(name for name, kind in KIND_OF.items() if kind)
KEYS = {"file", "kind", "changes", "conflicts", "problems", "notes", "secrets"}


def tries(seeds: range, directory: Path) -> Iterator[dict[str, object]]:
    """Each mutated file's outcome; a batch shares a session, so that files meet what others left in the plan."""
    sources = {name: (DATA / name).read_bytes() for name in NAMES}
    for first in range(seeds.start, seeds.stop, BATCH):
        session = directory / f"session-{first}"
        paths = []
        for seed in range(first, min(first + BATCH, seeds.stop)):
            name = random.Random(seed).choice(NAMES)
            path = directory / str(seed) / Path(name).name
            path.parent.mkdir()
            path.write_bytes(mutated(seed, [sources[name]]))
            paths.append(path)
        command = ["import", "--json", "--session", str(session), "--"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.plan.confined", *command, *map(str, paths)],
            capture_output=True,
            text=True,
            check=True,
        )
        yield from map(json.loads, done.stdout.splitlines())
        files.load(session / "plan.yaml")
        assert {stat.S_IMODE(secret.stat().st_mode) for secret in session.glob("secrets/*")} <= {0o600}
        for path in paths:
            path.unlink()


def leaks(text: str) -> bool:
    """Whether twelve letters in a row of any planted secret are in a text, in whatever case."""
    folded = text.lower()
    return any(secret.lower()[at : at + 12] in folded for secret in SECRETS for at in range(len(secret) - 11))


def check(outcome: dict[str, object]) -> None:
    """One try ended as promised."""
    out, err = str(outcome["stdout"]), str(outcome["stderr"])
    assert outcome["exit"] in {0, 1, 2}, outcome
    assert "Traceback" not in err, outcome
    assert not leaks(out + err), outcome
    if outcome["exit"] == 2:
        assert err.startswith("ocp-tui: ")
        return
    (line,) = out.splitlines()
    told = json.loads(line)
    assert set(told) == KEYS
    assert told["file"] == outcome["file"]
    assert (outcome["exit"] == 1) == bool(told["problems"] or told["conflicts"])
    assert all(problem["message"] for problem in told["problems"])


def test_broken_files_end_in_a_clear_problem(tmp_path: Path) -> None:
    outcomes = list(tries(range(1, 201), tmp_path))
    assert len(outcomes) == 200
    for outcome in outcomes:
        check(outcome)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_ten_thousand_broken_files_end_in_a_clear_problem(tmp_path: Path) -> None:
    for outcome in tries(range(10_000), tmp_path):
        check(outcome)


WORDS = """\
host subnet { } ; " # option IN A PTR $ORIGIN $TTL @ ( ) bind server listen *:6443 dhcp-host= address=/ / , 10.0.0.1 \
52:54:00:00:00:01 master-0 name ip mac role [1-3] [ ] networking: spec: --- imageContentSources: source: {"auths": \
null api *.apps api-int SOA 255.255.255.0 netmask fd00::1"""
"""What files to import are made of."""
PHRASES = ["\n", "\t", " ", "apiVersion: v1", "  - ", "kind: ImageDigestMirrorSet", "- mirrors:",
           "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"]  # fmt: skip
words = st.sampled_from([*WORDS.split(), *PHRASES])


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(KINDS)), st.lists(words | st.text(max_size=6), max_size=60), st.booleans())
def test_any_text_taken_for_any_kind_gives_a_plan_that_can_be_saved(kind: str, parts: list[str], spaced: bool) -> None:
    data = (" " if spaced else "").join(parts).encode("utf-8", "replace")
    assert recognise("x", data) in {"", *KINDS}
    result = take_over(Plan(), kind, data, name="db.10", now=1)
    assert files.parse(files.dump(result.plan)) == result.plan
    again = take_over(result.plan, kind, data, name="db.10", replace=True, secret=lambda _: b"")
    assert files.parse(files.dump(again.plan)) == again.plan


@pytest.mark.parametrize(
    "mark", ["\n", " ", "\t", "1", "a", "a.", "1 ", "[", "[1-9]", "{", "}", "-", ":", '"', "=", ",", "a,\n", "\n "]
)
def test_no_reader_takes_long_over_one_mark_again_and_again(mark: str) -> None:
    data = (mark * 100_000)[:100_000].encode()
    began = time.process_time()
    assert recognise("x", data) in {"", *KINDS}
    for kind in KINDS:
        for start in ("", "$ORIGIN a.b.\n@ ", "host ", "bind ", "dhcp-host=", '{"auths":', "imageContentSources:\n"):
            take_over(Plan(), kind, start.encode() + data, name="db.10")
    assert time.process_time() - began < 10
