"""Thousands of broken files through `validate`, each in a child with 300 MB and five seconds."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plan.mutate import mutated
from tests.plan.plans import BUNDLE, GOOD
from tui.plan import fields, files
from tui.plan.install_config import document
from tui.plan.yaml_text import write

RECORDED = Path(__file__).parents[1] / "data" / "install_configs" / "4.15.jsonl.gz"
AUTH = "bWlycm9yLXVzZXI6VHIwdWI0ZG9yJjMtbm9ib2R5LWd1ZXNzZXM="
PASSWORD = "c0rrect.h0rse.Battery9"
SECRETS = (AUTH, PASSWORD)
"""What is planted in every file: a registry's login and a proxy's password."""
BATCH = 200
KEYS = {"file", "kind", "version", "verdict", "problems"}
PROBLEM_KEYS = {"id", "severity", "path", "message", "fix", "installer", "line", "column"}


def originals() -> list[bytes]:
    """A plan, its install-configs, and some recorded ones, with secrets in them."""
    secret = json.dumps({"auths": {"mirror.example.com:5000": {"auth": AUTH}}})
    plan = fields.replace(GOOD, "network.proxy.http", f"http://user:{PASSWORD}@proxy.example.com:3128")
    plan = fields.replace(plan, "pull_secret.trust_bundle", BUNDLE)
    older = fields.replace(plan, "topology.version", "4.8")
    with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
        recorded = [json.loads(line)["install_config"] for line in file][:60]
    texts = [files.dump(plan), files.dump(plan), *(write(document(p, secret), width=10**6) for p in (plan, older))]
    texts += [text.replace("dXNlcjpwYXNz", AUTH) for text in recorded]
    return [text.encode() for text in texts]


def tries(seeds: range, directory: Path) -> Iterator[dict[str, object]]:
    """Each mutated file's outcome; files are written and deleted in batches, as some have 50 MB."""
    sources = originals()
    for first in range(seeds.start, seeds.stop, BATCH):
        names = []
        for seed in range(first, min(first + BATCH, seeds.stop)):
            path = directory / f"{seed}.yaml"
            path.write_bytes(mutated(seed, sources))
            names.append(str(path))
        command = ["validate", "--json", "--version", "4.15", "--"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.plan.confined", *command, *names], capture_output=True, text=True, check=True
        )
        yield from map(json.loads, done.stdout.splitlines())
        for name in names:
            Path(name).unlink()


def leaks(text: str) -> bool:
    """Whether twelve letters in a row of any planted secret are in a text."""
    return any(secret[at : at + 12] in text for secret in SECRETS for at in range(len(secret) - 11))


def check(outcome: dict[str, object]) -> None:
    """One try ended as promised."""
    name, out, err = outcome["file"], str(outcome["stdout"]), str(outcome["stderr"])
    assert outcome["exit"] in {0, 1, 2}, outcome
    assert "Traceback" not in err, outcome
    assert not leaks(out + err), outcome
    if outcome["exit"] == 2:
        assert err.startswith("ocp-tui: ")
        return
    (line,) = out.splitlines()
    judged = json.loads(line)
    assert set(judged) == KEYS
    assert judged["file"] == name
    assert (outcome["exit"] == 1) == (judged["verdict"] in {"errors", "refused"})
    for problem in judged["problems"]:
        assert set(problem) == PROBLEM_KEYS
        assert problem["message"]
        assert problem["fix"]


def test_broken_files_end_in_a_clear_problem(tmp_path: Path) -> None:
    for outcome in tries(range(400), tmp_path):
        check(outcome)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_broken_files_end_in_a_clear_problem(tmp_path: Path) -> None:
    for outcome in tries(range(10_000), tmp_path):
        check(outcome)
