"""Journals of the corpus as a fixture."""

from collections.abc import Callable

import pytest

from tests.monitor.corpus import lines
from tui.lines import Line


@pytest.fixture
def journal() -> Callable[..., list[Line]]:
    """`journal(name, node="", year=2025)`: the syslog lines of a file in tests/data/journals."""
    return lambda *arguments, **options: list(lines(*arguments, **options))
