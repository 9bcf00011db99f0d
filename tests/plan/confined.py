"""Runs ocp-tui on one file after another, each in a child process of its own with little memory and time.

`python -m tests.plan.confined COMMAND… -- FILE…` prints one JSON object a file: exit code (negative: a signal), what it
printed, and how long it took. The program is imported once and forked, so that ten thousand tries take minutes.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
from typing import IO

MEMORY = 300 * 1024 * 1024
SECONDS = 5


def main(arguments: list[str]) -> None:
    """Runs the command on each file."""
    import cryptography.x509  # noqa: F401  (what a real run would load, loaded once)
    import yaml  # noqa: F401

    import tui.cli.validate  # noqa: F401

    split = arguments.index("--")
    for name in arguments[split + 1 :]:
        print(json.dumps(confined([*arguments[:split], name])), flush=True)


def confined(command: list[str]) -> dict[str, object]:
    """One run in a forked child."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _child(command, out, err)
        status = os.waitpid(pid, 0)[1]
        out.seek(0)
        err.seek(0)
        return {
            "file": command[-1],
            "exit": os.waitstatus_to_exitcode(status),
            "seconds": round(time.monotonic() - began, 3),
            "stdout": out.read().decode("utf-8", "replace"),
            "stderr": err.read().decode("utf-8", "replace"),
        }


def _child(command: list[str], out: IO[bytes], err: IO[bytes]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    code = 70
    try:
        from tui.cli import run

        code = run(command)
    except BaseException:  # whatever comes out is the finding
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
