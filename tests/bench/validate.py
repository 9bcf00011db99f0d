"""Files a second through `ocp-tui validate` beside a bare parse of the same files by PyYAML's C loader."""

import gzip
import io
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import yaml

from tui.cli import run as command

RECORDED = Path(__file__).parents[1] / "data" / "install_configs" / "4.15.jsonl.gz"
COPIES = 5
AIM = 0.3


def run() -> list[str]:
    """Lines of the form "what: rate, ratio to the baseline". Every file is different, so that nothing is remembered."""
    with tempfile.TemporaryDirectory() as directory:
        paths = _files(Path(directory))
        bare = _rate(lambda: _parse(paths), len(paths))
        full = _rate(lambda: _validate(paths), len(paths))
    return [
        f"yaml.load with the C loader, the baseline: {bare:,.0f} files/s",
        f"ocp-tui validate --json: {full:,.0f} files/s, {full / bare:.2f} of the baseline (aim: at least {AIM})",
    ]


def _files(directory: Path) -> list[Path]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
        configs = [json.loads(line)["install_config"] for line in file]
    paths = []
    for copy in range(COPIES):
        for index, config in enumerate(configs):
            path = directory / f"{copy}-{index}.yaml"
            path.write_text(config.replace("baseDomain: example.com", f"baseDomain: lab{copy}x{index}.example.com"))
            paths.append(path)
    return paths


def _rate(work: Callable[[], None], count: int) -> float:
    """The best of three rounds: what the machine can do when nobody else is at it."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return count / best


def _parse(paths: list[Path]) -> None:
    for path in paths:
        try:
            yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            continue


def _validate(paths: list[Path]) -> None:
    with redirect_stdout(io.StringIO()):
        command(["validate", "--json", "--version", "4.15", *map(str, paths)])


if __name__ == "__main__":
    print("\n".join(run()))
