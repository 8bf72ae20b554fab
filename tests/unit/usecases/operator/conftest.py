"""A bench per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.usecases.operator.operator_kit import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Empty tables and a desk."""
    made = Bench()
    yield made
    made.aws.close()
