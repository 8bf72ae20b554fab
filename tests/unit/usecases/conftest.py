"""A merchant's catalogue for each test, in an account of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.catalogue_world import World, make_world


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    yield made
    made.aws.close()
