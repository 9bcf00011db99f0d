#!/bin/sh
# Makes .venv with the packages of one hash-locked list:  venv.sh PYTHON LIST
set -eu
if [ -z "$1" ]; then
    echo "ocp-tui needs Python 3.11 or newer: install it (RHEL: dnf install python3.11; Debian 12: apt install python3 python3-venv)." >&2
    exit 1
fi
if ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$1 lacks its venv module: install it (Debian: apt install python3-venv; RHEL has it in the python3.11 package)." >&2
    exit 1
fi
[ -x .venv/bin/python ] || "$1" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
