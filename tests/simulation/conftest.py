"""One opened shop per test process; every scenario starts from a copy of it."""

from __future__ import annotations

import pytest

from tests.simulation.modes.bench import Bench


@pytest.fixture(scope="session")
def bench() -> Bench:
    """The shop as it opened, before anybody bought."""
    return Bench()
