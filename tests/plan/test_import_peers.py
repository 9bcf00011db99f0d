"""The files to import are such as the real programs take: else they would prove nothing."""

import shutil
import subprocess

import pytest

from tests.plan.test_import_files import DATA

pytestmark = pytest.mark.peers


@pytest.mark.parametrize(
    "command",
    [
        ["named-checkzone", "ocp4.shinefire.example", "ocp4.shinefire.example.zone"],
        ["named-checkzone", "31.168.192.in-addr.arpa", "db.192.168.31"],
        ["haproxy", "-c", "-f", "haproxy.cfg"],
        ["dnsmasq", "--test", "-C", "dnsmasq.conf"],
        ["dhcpd", "-t", "-cf", "dhcpd.conf"],
    ],
    ids=lambda command: command[-1],
)
def test_the_program_a_file_is_for_takes_it(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=DATA, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
