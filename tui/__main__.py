"""The command `ocp-tui`."""

import sys


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    from tui.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
