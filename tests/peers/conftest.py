"""Real hosts as fixtures."""

from collections.abc import Iterator

import pytest

from tests.peers.nodes import Host, hosts, missing


@pytest.fixture
def three_hosts() -> Iterator[dict[str, Host]]:
    """A bootstrap, a control plane node and a worker, each with sshd and a journal: see `tests.peers.nodes`."""
    if why := missing():
        pytest.skip(why)
    with hosts("bootstrap", "master-0", "worker-0") as made:
        yield made


@pytest.fixture
def host() -> Iterator[Host]:
    """One such host."""
    if why := missing():
        pytest.skip(why)
    with hosts("bootstrap") as made:
        yield made["bootstrap"]
