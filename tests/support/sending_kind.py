"""A supplier's kind that only tests register: it has mail and files as ways out, and its connector is its Context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from orderwright.bootstrap import Wiring
from orderwright.connectors.context import Context
from orderwright.declarations import Connector, Role, Way
from orderwright.registry import CONNECTORS

CONNECTOR = Connector(
    kind="sending",
    role=Role.SUPPLIER,
    title="Sending",
    settings="orderwright.domain.connection_settings:SupplierSettings",
    build=f"{__name__}:build",
    first="",
    ways=frozenset({Way.MAIL, Way.FILES}),
)


def build(context: Context[Any]) -> Context[Any]:
    """The connector is what it was given."""
    return context


@contextmanager
def registered() -> Iterator[None]:
    """The kind exists for a while."""
    CONNECTORS["sending"] = __name__
    try:
        yield
    finally:
        del CONNECTORS["sending"]


def context_of(wiring: Wiring, connection: str = "lamps-by-mail", kind: str = "sending") -> Context[Any]:
    """What a connection is built with."""
    settings: Any = SimpleNamespace(kind=kind)
    with registered(), patch("orderwright.bootstrap_connectors.builder", lambda _: build):
        made: Context[Any] = wiring._built(connection, settings, wiring.credentials(connection))
    return made
