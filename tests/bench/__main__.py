"""Every benchmark, one after the other: `python -m tests.bench [NAME…]`. Ratios beside a baseline of the same run."""

import sys
from importlib import import_module
from pathlib import Path


def main(names: list[str]) -> None:
    """Runs the named benchmarks, else all there are, and prints what each says."""
    here = Path(__file__).parent
    for name in names or sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_")):
        print(f"\n{name}")
        for line in import_module(f"tests.bench.{name}").run():
            print(f"  {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
