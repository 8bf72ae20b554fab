"""Kinds for tests only, in the registry for as long as a test runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from orderwright.registry import CONNECTORS

SUPPLIERS = {
    "scripted": "tests.scripted.suppliers.steps",
    "scripted-mail": "tests.scripted.suppliers.mail",
    "scripted-desk": "tests.scripted.suppliers.desk",
}


@contextmanager
def registered(kinds: Mapping[str, str]) -> Iterator[None]:
    """These kinds (kind -> package with its `CONNECTOR`) are there inside the block. Raises ValueError for a kind that is."""
    if known := set(kinds) & set(CONNECTORS):
        raise ValueError(f"there is a kind of this name already: {', '.join(sorted(known))}")
    CONNECTORS.update(kinds)
    try:
        yield
    finally:
        for kind in kinds:
            del CONNECTORS[kind]


@pytest.fixture
def scripted_suppliers() -> Iterator[None]:
    """The scripted suppliers are kinds of connection."""
    with registered(SUPPLIERS):
        yield
