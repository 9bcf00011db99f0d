"""The hints' matcher, the whole path of `diagnose`, a large file's memory and a log bundle, beside `grep -F -f`."""

import gzip
import io
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from tui.engine.diagnosis import diagnose
from tui.hints.matcher import Matcher, searchable
from tui.hints.rules import Rule, load
from tui.monitor.readers import Reading

JOURNALS = Path(__file__).parent.parent / "data" / "corpus" / "journals" / "full"
COPIES = 12
LARGE_COPIES = 100
MATCHER_AIM, PATH_AIM, BUNDLE_AIM_SECONDS = 250_000, 100_000, 5.0
MOST_GROWTH_MIB = 40


def run() -> list[str]:
    """Lines for the benchmark's report."""
    rules = load()
    with tempfile.TemporaryDirectory() as directory:
        journal = _journal(Path(directory) / "journal.log", COPIES)
        count = journal.read_bytes().count(b"\n")
        grep = count / _grep(journal, rules, Path(directory))
        return [
            f"hints: {count} lines, {len(rules)} rules; grep -F -f with all literals: {grep:,.0f} lines/s",
            _rate("matcher alone", _matcher(journal, rules), grep, MATCHER_AIM),
            _rate("diagnose, whole path", count / _seconds(journal, rules), grep, PATH_AIM),
            _memory(Path(directory)),
            _bundle(Path(directory), rules),
        ]


def _journal(path: Path, copies: int) -> Path:
    content = b"".join(gzip.decompress(file.read_bytes()) for file in sorted(JOURNALS.glob("*.gz")))
    with path.open("wb") as file:
        for _ in range(copies):
            file.write(content)
    return path


def _grep(journal: Path, rules: tuple[Rule, ...], directory: Path) -> float:
    literals = {literal for rule in rules for match in rule.match for literal in match.literals}
    (directory / "literals").write_text("\n".join(sorted(literals)) + "\n")
    command = ["grep", "-c", "-F", "-f", str(directory / "literals"), str(journal)]
    started = time.monotonic()
    subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, check=False)
    return time.monotonic() - started


def _matcher(journal: Path, rules: tuple[Rule, ...]) -> float:
    """Lines a second of one core, on lines that are read already."""
    batches = [[searchable(line) for line in batch.lines] for batch in Reading([str(journal)]).batches()]
    matcher = Matcher(rules)
    started = time.process_time()
    for texts in batches:
        for _ in matcher.find(texts):
            pass
    return sum(map(len, batches)) / (time.process_time() - started)


def _seconds(path: Path, rules: tuple[Rule, ...]) -> float:
    started = time.process_time()
    diagnose([str(path)], rules, redact=str)
    return time.process_time() - started


def _rate(what: str, rate: float, grep: float, aim: int) -> str:
    return f"  {what}: {rate:,.0f} lines/s, {rate / grep:.2f} of grep (aim {aim:,})"


def _memory(directory: Path) -> str:
    """Highest memory of a child that reads a hundred copies, beside one that reads one."""
    small, large = _journal(directory / "one.log", 1), _journal(directory / "many.log", LARGE_COPIES)
    few, many = _peak(small), _peak(large)
    size = large.stat().st_size >> 20
    large.unlink()
    flat = "flat" if many - few < MOST_GROWTH_MIB else "NOT flat"
    return f"  {size} MiB in one file: {many} MiB of memory at most, {few} MiB for a hundredth of it ({flat})"


def _peak(path: Path) -> int:
    script = (
        "import sys, resource; from tui.cli import run; run(['diagnose', '--json', sys.argv[1]]);"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=True)
    return int(done.stderr) // 1024


def _bundle(directory: Path, rules: tuple[Rule, ...]) -> str:
    """A log bundle as `gather bootstrap` makes it: the bootstrap's journals and those of three control plane nodes."""
    path = directory / "log-bundle.tar.gz"
    bootkube, kubelet = (gzip.decompress(file.read_bytes()) for file in sorted(JOURNALS.glob("*.gz")))
    members = {"bootstrap/journals/bootkube.log": bootkube, "bootstrap/journals/kubelet.log": kubelet}
    members |= {f"control-plane/10.0.0.1{n}/journals/kubelet.log": kubelet * 5 for n in range(3)}
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"log-bundle-20210705/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    seconds = _seconds(path, rules)
    lines = sum(content.count(b"\n") for content in members.values())
    return f"  a log bundle of {lines} lines: {seconds:.1f} s (aim {BUNDLE_AIM_SECONDS:.0f} s)"


if __name__ == "__main__":
    print("\n".join(run()))
