"""One bench per process: the shop is set up once, and put back before each scenario."""

from __future__ import annotations

import pytest

from tests.crash.bench import Bench


@pytest.fixture(scope="session")
def bench() -> Bench:
    """The shop at its opening, before anybody bought."""
    return Bench()
